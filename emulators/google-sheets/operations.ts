/** The operations of the Sheets API on a spreadsheet: what is asked, checked and put into Google's shapes. */
import { inPart, invalid, notSpoken, permissionDenied, violated } from './api-error.ts';
import { batchUpdateBody } from './batch-requests.ts';
import { applyRequests } from './batch-update.ts';
import { bool, decodeBody, list, listValue, message, oneOf, string } from './decode.ts';
import * as answers from './describe.ts';
import { FieldMaskError, project } from './field-mask.ts';
import type { FieldTree } from './field-mask.ts';
import { Query } from './query.ts';
import type { Operation } from './routes.ts';
import type { Spreadsheet } from './spreadsheet.ts';
import { clearRange, readRange, writeRange } from './values.ts';
import type { AppliedUpdate, Render } from './values.ts';

/** A call of an operation. */
export interface Call {
  /** A copy, for operations that write. */
  spreadsheet: Spreadsheet;
  range: string;
  query: URLSearchParams;
  /** The JSON of the body; an empty object when there was none. */
  body: unknown;
  /** Where people open spreadsheets. */
  baseUrl: string;
}

interface Definition {
  parameters: readonly string[];
  answer: FieldTree;
  run: (call: Call, query: Query) => object;
}

const INPUT_OPTIONS = ['RAW', 'USER_ENTERED'] as const;
const RENDER_OPTIONS = ['FORMATTED_VALUE', 'UNFORMATTED_VALUE', 'FORMULA'] as const;
const DATE_OPTIONS = ['SERIAL_NUMBER', 'FORMATTED_STRING'] as const;
const RENDER_PARAMETERS = ['valueRenderOption', 'dateTimeRenderOption', 'majorDimension'];

const valueRange = message({
  range: string,
  majorDimension: oneOf('Dimension', 'ROWS', 'COLUMNS'),
  values: list(listValue),
});
const renderOption = oneOf('ValueRenderOption', ...RENDER_OPTIONS);
const dateOption = oneOf('DateTimeRenderOption', ...DATE_OPTIONS);
const batchUpdateValuesBody = message({
  valueInputOption: oneOf('ValueInputOption', ...INPUT_OPTIONS),
  data: list(valueRange),
  includeValuesInResponse: bool,
  responseValueRenderOption: renderOption,
  responseDateTimeRenderOption: dateOption,
});

const DEFINITIONS: Readonly<Record<Operation, Definition>> = {
  createSpreadsheet: { parameters: [], answer: answers.SPREADSHEET, run: refuseCreate },
  getSpreadsheet: {
    parameters: ['includeGridData', 'ranges', 'excludeTablesInBandedRanges'],
    answer: answers.SPREADSHEET,
    run: ({ spreadsheet, baseUrl }, query) => {
      if (query.bool('includeGridData')) throw notSpoken('includeGridData=true: read values instead');
      if (query.all('ranges').length > 0) throw notSpoken('ranges of spreadsheets.get');
      return answers.describeSpreadsheet(spreadsheet, baseUrl);
    },
  },
  batchUpdate: {
    parameters: [],
    answer: answers.BATCH_UPDATE,
    run: ({ spreadsheet, body, baseUrl }) => {
      const { requests = [], includeSpreadsheetInResponse = false } = decodeBody(batchUpdateBody, body);
      const answer = { spreadsheetId: spreadsheet.id, replies: applyRequests(spreadsheet, requests) };
      if (!includeSpreadsheetInResponse) return answer;
      return { ...answer, updatedSpreadsheet: answers.describeSpreadsheet(spreadsheet, baseUrl) };
    },
  },
  getValues: {
    parameters: RENDER_PARAMETERS,
    answer: answers.VALUE_RANGE,
    run: ({ spreadsheet, range }, query) => readRange(spreadsheet, range, renderOf(query)),
  },
  batchGetValues: {
    parameters: ['ranges', ...RENDER_PARAMETERS],
    answer: answers.BATCH_GET,
    run: ({ spreadsheet }, query) => {
      const render = renderOf(query);
      return {
        spreadsheetId: spreadsheet.id,
        valueRanges: query.all('ranges').map((range) => readRange(spreadsheet, range, render)),
      };
    },
  },
  updateValues: {
    parameters: [
      'valueInputOption',
      'includeValuesInResponse',
      'responseValueRenderOption',
      'responseDateTimeRenderOption',
    ],
    answer: answers.UPDATE_VALUES,
    run: updateValues,
  },
  batchUpdateValues: { parameters: [], answer: answers.BATCH_UPDATE_VALUES, run: batchUpdateValues },
  clearValues: {
    parameters: [],
    answer: answers.CLEAR,
    run: ({ spreadsheet, range, body }) => {
      decodeBody(message({}), body);
      return { spreadsheetId: spreadsheet.id, clearedRange: clearRange(spreadsheet, range) };
    },
  },
  batchClearValues: {
    parameters: [],
    answer: answers.BATCH_CLEAR,
    run: ({ spreadsheet, body }) => {
      const { ranges = [] } = decodeBody(message({ ranges: list(string) }), body);
      return { spreadsheetId: spreadsheet.id, clearedRanges: ranges.map((range) => clearRange(spreadsheet, range)) };
    },
  },
};

/**
 * Carries out an operation.
 * @returns the answer's body, cut to the `fields` that were asked for.
 * @throws ApiError; the spreadsheet may be half changed by then.
 */
export function runOperation(operation: Operation, call: Call): object {
  const { parameters, answer: tree, run } = DEFINITIONS[operation];
  const query = new Query(call.query, parameters);
  const fields = query.one('fields');
  if (fields !== undefined) cutTo(fields, {}, tree);
  const answer = run(call, query);
  return fields === undefined ? answer : cutTo(fields, answer, tree);
}

/** A service account has no Drive of its own, so it can own no file. */
function refuseCreate(): never {
  throw permissionDenied();
}

function updateValues({ spreadsheet, range, body }: Call, query: Query): object {
  checkInputOption(query.oneOf('valueInputOption', 'ValueInputOption', ...INPUT_OPTIONS));
  const render = query.oneOf('responseValueRenderOption', 'ValueRenderOption', ...RENDER_OPTIONS);
  query.oneOf('responseDateTimeRenderOption', 'DateTimeRenderOption', ...DATE_OPTIONS);
  const { range: bodyRange, majorDimension, values = [] } = decodeBody(valueRange, body, 'data');
  if (bodyRange !== undefined && bodyRange !== range) {
    throw invalid(`Request range[${range}] does not match value's range[${bodyRange}]`);
  }
  checkMajorDimension(majorDimension);
  const { result } = writeRange(spreadsheet, range, values);
  const answer = { spreadsheetId: spreadsheet.id, ...result };
  if (!query.bool('includeValuesInResponse')) return answer;
  return { ...answer, updatedData: readRange(spreadsheet, result.updatedRange, render ?? 'FORMATTED_VALUE') };
}

function batchUpdateValues({ spreadsheet, body }: Call): object {
  const request = decodeBody(batchUpdateValuesBody, body);
  checkInputOption(request.valueInputOption);
  const render = request.responseValueRenderOption ?? 'FORMATTED_VALUE';
  const updates = (request.data ?? []).map(({ range, majorDimension, values = [] }, index) =>
    inPart(`data[${index}]`, () => {
      checkMajorDimension(majorDimension);
      return writeRange(spreadsheet, range ?? '', values);
    }),
  );
  const responses = updates.map(({ result }) => {
    const response = { spreadsheetId: spreadsheet.id, ...result };
    if (request.includeValuesInResponse !== true) return response;
    return { ...response, updatedData: readRange(spreadsheet, result.updatedRange, render) };
  });
  return { spreadsheetId: spreadsheet.id, ...totalsOf(updates), responses };
}

/** A row that two ranges of a tab share is one row. */
function totalsOf(updates: readonly AppliedUpdate[]): object {
  const count = (of: (update: AppliedUpdate) => number[]): number =>
    new Set(updates.flatMap((update) => of(update).map((index) => `${update.sheetId}:${index}`))).size;
  return {
    totalUpdatedRows: count(({ rows }) => rows),
    totalUpdatedColumns: count(({ columns }) => columns),
    totalUpdatedCells: updates.reduce((total, { result }) => total + (result.updatedCells ?? 0), 0),
    totalUpdatedSheets: new Set(updates.map(({ sheetId }) => sheetId)).size,
  };
}

function renderOf(query: Query): Render {
  query.oneOf('dateTimeRenderOption', 'DateTimeRenderOption', ...DATE_OPTIONS);
  checkMajorDimension(query.oneOf('majorDimension', 'Dimension', 'ROWS', 'COLUMNS'));
  return query.oneOf('valueRenderOption', 'ValueRenderOption', ...RENDER_OPTIONS) ?? 'FORMATTED_VALUE';
}

function checkInputOption(option: (typeof INPUT_OPTIONS)[number] | undefined): void {
  if (option === undefined) throw invalid("'valueInputOption' is required but not specified");
  // Google would run formulas and turn text into dates and numbers: what was collected would not be what is shown.
  if (option === 'USER_ENTERED') throw notSpoken('valueInputOption=USER_ENTERED: this project writes RAW only');
}

function checkMajorDimension(dimension: 'ROWS' | 'COLUMNS' | undefined): void {
  if (dimension === 'COLUMNS') throw notSpoken('majorDimension=COLUMNS');
}

function cutTo(fields: string, answer: object, tree: FieldTree): object {
  try {
    return project(answer, fields, tree);
  } catch (error) {
    if (!(error instanceof FieldMaskError)) throw error;
    const { path } = error;
    throw violated(
      [
        {
          field: path,
          description: `Error expanding 'fields' parameter. Cannot find matching fields for path '${path}'.`,
        },
      ],
      'Request contains an invalid argument.',
    );
  }
}
