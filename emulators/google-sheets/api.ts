/**
 * The part of the Sheets API v4 that Collect uses (https://developers.google.com/workspace/sheets/api/reference/rest).
 * It refuses unknown methods, fields and masks, so that a request that works here also works at Google.
 */
import * as z from 'zod';
import { ApiError, invalid, unsupported } from './api-error.ts';
import { parseA1, type Box } from './a1.ts';
import { formatAt, withFormat } from './number-formats.ts';
import type { Spreadsheet, SpreadsheetStore, Tab } from './spreadsheet-store.ts';

/** Limits of a spreadsheet's cells and of a tab's columns (https://support.google.com/drive/answer/37603). */
const MAX_CELLS = 10_000_000;
const MAX_COLUMNS = 18_278;
const MAX_CELL_CHARACTERS = 50_000;
const MAX_TITLE_CHARACTERS = 100;
/** The only masks that are supported: those that Collect sends. */
const GET_FIELDS =
  'spreadsheetUrl,sheets.properties(sheetId,title,gridProperties(rowCount,columnCount,frozenRowCount))';
const GRID_FIELDS = 'gridProperties(rowCount,columnCount,frozenRowCount)';
const BOLD_FIELDS = 'userEnteredFormat.textFormat.bold';
const FORMAT_FIELDS = 'userEnteredFormat.numberFormat';
const GET_FORMATS_FIELDS = `sheets.data.rowData.values.${FORMAT_FIELDS}`;

const index = z.int32().min(0);
const size = z.int32().min(1);
const gridProperties = z.strictObject({ rowCount: size, columnCount: size, frozenRowCount: index });
const addSheet = z.strictObject({
  properties: z.strictObject({ sheetId: index, title: z.string().min(1).max(MAX_TITLE_CHARACTERS), gridProperties }),
});
const updateSheetProperties = z.strictObject({
  properties: z.strictObject({ sheetId: index, gridProperties }),
  fields: z.literal(GRID_FIELDS),
});
const gridRange = z.strictObject({
  sheetId: index,
  startRowIndex: index,
  endRowIndex: index,
  startColumnIndex: index,
  endColumnIndex: index,
});
const numberFormat = z.strictObject({
  type: z.enum(['TEXT', 'NUMBER', 'PERCENT', 'CURRENCY', 'DATE', 'TIME', 'DATE_TIME', 'SCIENTIFIC']),
  pattern: z.string().optional(),
});
const repeatCell = z.discriminatedUnion('fields', [
  z.strictObject({
    range: gridRange,
    cell: z.strictObject({
      userEnteredFormat: z.strictObject({ textFormat: z.strictObject({ bold: z.literal(true) }) }),
    }),
    fields: z.literal(BOLD_FIELDS),
  }),
  z.strictObject({
    range: gridRange,
    // Without a format, the mask clears the one that the cells have.
    cell: z.strictObject({ userEnteredFormat: z.strictObject({ numberFormat }).optional() }),
    fields: z.literal(FORMAT_FIELDS),
  }),
]);
const batchUpdate = z.strictObject({
  requests: z
    .array(
      z
        .strictObject({ addSheet, updateSheetProperties, repeatCell })
        .partial()
        .refine((request) => Object.keys(request).length === 1, 'A request has exactly one kind.'),
    )
    .min(1),
});
const tooLong = `Your input contains more than the maximum of ${MAX_CELL_CHARACTERS} characters in a single cell.`;
const cell = z.union([z.string().max(MAX_CELL_CHARACTERS, tooLong), z.number()]);
const batchUpdateValues = z.strictObject({
  // With USER_ENTERED Google would run formulas, and convert text to dates and numbers.
  valueInputOption: z.literal('RAW'),
  data: z.array(z.strictObject({ range: z.string(), values: z.array(z.array(cell)) })),
});
const batchClearValues = z.strictObject({ ranges: z.array(z.string()) });

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

/** The tab with this title. Google ignores the case of titles. */
export function findTab({ tabs }: Spreadsheet, title: string): Tab | undefined {
  return tabs.find((tab) => tab.title.toLowerCase() === title.toLowerCase());
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
    if (request.repeatCell !== undefined) formatCells(spreadsheet, request.repeatCell, at);
  }
  store.put(spreadsheet);
  return { spreadsheetId: spreadsheet.id, replies: requests.map(() => ({})) };
}

function addTab(
  spreadsheet: Spreadsheet,
  { sheetId, title, gridProperties: grid }: z.infer<typeof addSheet>['properties'],
  at: string,
): void {
  if (spreadsheet.tabs.some((tab) => tab.sheetId === sheetId)) {
    throw invalid(`${at} A sheet with the ID ${sheetId} already exists. Please enter another ID.`);
  }
  if (findTab(spreadsheet, title) !== undefined) {
    throw invalid(`${at} A sheet with the name "${title}" already exists. Please enter another name.`);
  }
  spreadsheet.tabs.push({ sheetId, title, ...grid, bold: [] });
  checkGrid(spreadsheet, grid, at);
}

function enlarge(
  spreadsheet: Spreadsheet,
  { sheetId, gridProperties: grid }: z.infer<typeof updateSheetProperties>['properties'],
  at: string,
): void {
  const tab = tabById(spreadsheet, sheetId, at);
  if (grid.rowCount < tab.rowCount || grid.columnCount < tab.columnCount) throw unsupported('making a tab smaller');
  Object.assign(tab, grid);
  checkGrid(spreadsheet, grid, at);
}

function checkGrid({ tabs }: Spreadsheet, grid: z.infer<typeof gridProperties>, at: string): void {
  const { rowCount, columnCount, frozenRowCount } = grid;
  if (frozenRowCount > 0 && frozenRowCount >= rowCount) {
    throw invalid(`${at} You can't freeze all visible rows on the sheet.`);
  }
  const above = (what: string): string => `${at} This action would increase the number of ${what}.`;
  if (columnCount > MAX_COLUMNS) {
    throw invalid(above(`columns in the worksheet above the limit of ${MAX_COLUMNS} columns`));
  }
  if (tabs.reduce((cells, tab) => cells + tab.rowCount * tab.columnCount, 0) > MAX_CELLS) {
    throw invalid(above(`cells in the workbook above the limit of ${MAX_CELLS} cells`));
  }
}

function formatCells(spreadsheet: Spreadsheet, request: z.infer<typeof repeatCell>, at: string): void {
  const { range } = request;
  const tab = tabById(spreadsheet, range.sheetId, at);
  const box: Box = {
    startRow: range.startRowIndex,
    endRow: range.endRowIndex,
    startColumn: range.startColumnIndex,
    endColumn: range.endColumnIndex,
  };
  if (box.endRow <= box.startRow || box.endColumn <= box.startColumn) throw invalid(`${at} The range has no cells.`);
  if (!fits(box, tab)) throw invalid(`${at} The range ends after the last row or column of the grid.`);
  if (request.fields === FORMAT_FIELDS) {
    const format = request.cell.userEnteredFormat?.numberFormat;
    tab.formats = withFormat(tab.formats ?? [], { box, format });
    return;
  }
  const known = tab.bold.map((each) => JSON.stringify(each));
  if (!known.includes(JSON.stringify(box))) tab.bold.push(box);
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

function tabById({ tabs }: Spreadsheet, sheetId: number, at: string): Tab {
  const tab = tabs.find((each) => each.sheetId === sheetId);
  if (tab === undefined) throw invalid(`${at} No sheet with id: ${sheetId}`);
  return tab;
}

function findRange(spreadsheet: Spreadsheet, range: string, at: string): { tab: Tab; box: Box } {
  const parsed = parseA1(range);
  const tab = parsed === undefined ? undefined : findTab(spreadsheet, parsed.title);
  if (parsed === undefined || tab === undefined) throw invalid(`${at} Unable to parse range: ${range}`);
  const { rowCount, columnCount } = tab;
  if (!fits(parsed.box, tab)) {
    throw invalid(`${at} Range (${range}) exceeds grid limits. Max rows: ${rowCount}, max columns: ${columnCount}`);
  }
  return { tab, box: parsed.box };
}

function fits({ endRow, endColumn }: Box, { rowCount, columnCount }: Tab): boolean {
  return endRow <= rowCount && endColumn <= columnCount;
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `Invalid value at '${path.join('.')}': ${message}`);
  throw invalid(problems.join('\n'));
}
