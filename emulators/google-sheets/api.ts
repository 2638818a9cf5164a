/**
 * The part of the Sheets API v4 that Collect uses (https://developers.google.com/workspace/sheets/api/reference/rest).
 * It refuses unknown methods, fields and masks, so that a request that works here also works at Google.
 */
import { ApiError, invalid, unsupported } from './api-error.ts';
import { addRows, addTab, changeCells, enlarge, extend, replaceText } from './changes.ts';
import { formatAt } from './number-formats.ts';
import {
  batchClearValues,
  batchGetByDataFilter,
  batchUpdate,
  batchUpdateValues,
  FORMAT_FIELDS,
  parse,
} from './requests.ts';
import { findRange } from './tabs.ts';
import type { Cell, Spreadsheet, SpreadsheetStore } from './spreadsheet-store.ts';

/** The only masks that are supported: those that Collect sends. */
const GET_FIELDS =
  'spreadsheetUrl,sheets.properties(sheetId,title,gridProperties(rowCount,columnCount,frozenRowCount))';
const GET_FORMATS_FIELDS = `sheets.data.rowData.values.${FORMAT_FIELDS}`;

export interface ApiCall {
  spreadsheet: Spreadsheet;
  query: URLSearchParams;
  body: unknown;
  store: SpreadsheetStore;
  /** The address of the pages that show spreadsheets. */
  baseUrl: string;
}

export interface ApiMethod {
  /** The quota that a call counts against. */
  kind: 'read' | 'write';
  run: (call: ApiCall) => object;
}

const METHODS: Readonly<Record<string, ApiMethod>> = {
  'GET ': { kind: 'read', run: getSpreadsheet },
  'POST :batchUpdate': { kind: 'write', run: updateSpreadsheet },
  'POST /values:batchUpdate': { kind: 'write', run: writeValues },
  'POST /values:batchClear': { kind: 'write', run: clearValues },
  'POST /values:batchGetByDataFilter': { kind: 'read', run: getValues },
};

/** Finds the method of a request. @returns undefined if the method is unsupported, such as values.append */
export function findMethod(method: string, path: string): { method: ApiMethod; spreadsheetId: string } | undefined {
  const match = /^\/v4\/spreadsheets\/([\w-]+)(.*)$/.exec(path);
  const found = METHODS[`${method} ${match?.[2]}`];
  return found === undefined ? undefined : { method: found, spreadsheetId: match?.[1] ?? '' };
}

/**
 * Carries out a call. If it fails, it changes nothing.
 * @returns the body of the reply
 * @throws {ApiError}
 */
export function callApi(
  { method, spreadsheetId }: { method: ApiMethod; spreadsheetId: string },
  call: Omit<ApiCall, 'spreadsheet'>,
): object {
  const spreadsheet = call.store.find(spreadsheetId);
  if (spreadsheet === undefined) throw new ApiError(404, 'Requested entity was not found.');
  if (!spreadsheet.shared) throw new ApiError(403, 'The caller does not have permission');
  return call.store.transaction(() => method.run({ ...call, spreadsheet }));
}

function getSpreadsheet({ spreadsheet, query, baseUrl }: ApiCall): object {
  for (const name of query.keys()) {
    if (name !== 'fields' && name !== 'ranges') throw unsupported(`the query parameter ${name}`);
  }
  const fields = query.get('fields') ?? GET_FIELDS;
  if (fields === GET_FORMATS_FIELDS) return { sheets: [getFormats(spreadsheet, query.get('ranges') ?? '')] };
  if (query.has('ranges')) throw unsupported('ranges with other fields');
  if (fields !== GET_FIELDS) throw unsupported(`the fields ${fields}`);
  return {
    spreadsheetUrl: `${baseUrl}/spreadsheets/d/${spreadsheet.id}/edit`,
    sheets: spreadsheet.tabs.map(({ sheetId, title, rowCount, columnCount, frozenRowCount }) => ({
      // Like Google's API, leaves out a frozenRowCount of 0.
      properties: {
        sheetId,
        title,
        gridProperties: { rowCount, columnCount, ...(frozenRowCount > 0 && { frozenRowCount }) },
      },
    })),
  };
}

/** The number formats of a range. Cells without one are empty objects. */
function getFormats(spreadsheet: Spreadsheet, range: string): object {
  const { tab, box } = findRange(spreadsheet, range, 'Invalid ranges:');
  const rowData = Array.from({ length: box.endRow - box.startRow }, (_row, row) => ({
    values: Array.from({ length: box.endColumn - box.startColumn }, (_cell, column) => {
      const found = formatAt(tab.formats ?? [], box.startRow + row, box.startColumn + column);
      return found === undefined ? {} : { userEnteredFormat: { numberFormat: found } };
    }),
  }));
  return { data: [{ rowData }] };
}

function updateSpreadsheet({ spreadsheet, body, store }: ApiCall): object {
  const { requests } = parse(batchUpdate, body);
  for (const [position, request] of requests.entries()) {
    const at = `Invalid requests[${position}].${Object.keys(request)[0]}:`;
    if (request.addSheet !== undefined) addTab(spreadsheet, request.addSheet.properties, at);
    if (request.updateSheetProperties !== undefined) {
      enlarge(spreadsheet, request.updateSheetProperties.properties, at);
    }
    if (request.repeatCell !== undefined) changeCells(spreadsheet, request.repeatCell, store, at);
    if (request.appendDimension !== undefined) extend(spreadsheet, request.appendDimension, at);
    if (request.appendCells !== undefined) addRows(spreadsheet, request.appendCells, store, at);
    if (request.findReplace !== undefined) replaceText(spreadsheet, request.findReplace, store, at);
  }
  store.put(spreadsheet);
  return { spreadsheetId: spreadsheet.id, replies: requests.map(() => ({})) };
}

function writeValues({ spreadsheet, body, store }: ApiCall): object {
  const { data } = parse(batchUpdateValues, body);
  for (const [position, { range, values }] of data.entries()) {
    const at = `Invalid data[${position}]:`;
    const { tab, box } = findRange(spreadsheet, range, at);
    const width = Math.max(0, ...values.map((row) => row.length));
    if (values.length > box.endRow - box.startRow || width > box.endColumn - box.startColumn) {
      throw invalid(`${at} Requested writing within range [${range}], but tried writing beyond it`);
    }
    store.write(spreadsheet.id, tab.sheetId, box, values);
  }
  return { spreadsheetId: spreadsheet.id };
}

function clearValues({ spreadsheet, body, store }: ApiCall): object {
  const { ranges } = parse(batchClearValues, body);
  for (const range of ranges) {
    const { tab, box } = findRange(spreadsheet, range, 'Invalid ranges:');
    store.clear(spreadsheet.id, tab.sheetId, box);
  }
  return { spreadsheetId: spreadsheet.id, clearedRanges: ranges };
}

/** The values of ranges. Empty rows and columns at the end of a range are left out, as Google does. */
function getValues({ spreadsheet, body, store }: ApiCall): object {
  const { dataFilters } = parse(batchGetByDataFilter, body);
  const valueRanges = dataFilters.map(({ a1Range: range }) => {
    const { tab, box } = findRange(spreadsheet, range, 'Invalid dataFilters:');
    const rows = store.rows(spreadsheet.id, tab.sheetId, box);
    const values = Array.from({ length: box.endRow - box.startRow }, (_row, offset) =>
      withoutBlanks((rows.get(box.startRow + offset) ?? []).slice(box.startColumn, box.endColumn)),
    );
    const used = values.findLastIndex((row) => row.length > 0) + 1;
    const valueRange = { range, majorDimension: 'ROWS', ...(used > 0 && { values: values.slice(0, used) }) };
    return { valueRange, dataFilters: [{ a1Range: range }] };
  });
  return { spreadsheetId: spreadsheet.id, valueRanges };
}

function withoutBlanks(cells: readonly Cell[]): Cell[] {
  return cells.slice(0, cells.findLastIndex((each) => each !== '') + 1);
}
