/** Where Collect's columns are in a tab. They are found by their headers, so people may add, move and sort columns. */
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js';
import type { Column } from '../../db-proxy-lambda/contract.ts';
import { columnName, MAX_CELLS, quoteTitle } from '../shared/google/cells.ts';
import type { GoogleSheets, Spreadsheet, Tab } from '../shared/google/google-client.ts';
import { SheetError } from '../shared/google/sheet-error.ts';
import { formatOf } from '../shared/google/sheet-times.ts';
import type { Target } from './target.ts';

/** The column whose cells identify the rows. */
const KEY = 'response_id';

/** Neighbouring columns of the table, without the key: `start` counts from 0, `indexes` are positions in the table. */
export interface Run {
  start: number;
  indexes: readonly number[];
}

export interface Layout {
  tab: Tab;
  /** The first row of the tab. */
  headers: readonly string[];
  /** Where each column of the table is, from 0. */
  places: readonly number[];
  keyColumn: number;
  runs: readonly Run[];
  /** The headers of Collect's columns, by the columns' names. */
  known: Readonly<Record<string, string>>;
}

/** A range in A1 notation. Rows count from 1, columns from 0; without `lastRow` it ends with the grid. */
export function rangeOf({ title }: Tab, firstColumn: number, lastColumn: number, firstRow: number, lastRow?: number) {
  return `${quoteTitle(title)}!${columnName(firstColumn + 1)}${firstRow}:${columnName(lastColumn + 1)}${lastRow ?? ''}`;
}

export function headerRange({ title }: Tab): string {
  return `${quoteTitle(title)}!1:1`;
}

/**
 * Finds Collect's columns, and adds those that are missing at the end. An empty tab gets a header row.
 *
 * @throws {SheetError} if rows cannot be recognised, or if Google refuses a change
 */
export async function prepareLayout(google: GoogleSheets, target: Target, spreadsheet: Spreadsheet, tab: Tab) {
  const { spreadsheetId, columns } = target;
  const [row = []] = (await google.readValues(spreadsheetId, [headerRange(tab)]))[0] ?? [];
  const headers = await renameColumns(google, target, tab, row.map(String));
  const missing = columns.filter(({ name }) => !headers.includes(name));
  if (missing.length === 0) return layoutOf(tab, target, headers);
  const isEmpty = headers.every((header) => header === '');
  if (!headers.includes(KEY) && !(isEmpty && (await isBlank(google, spreadsheetId, tab, 0, tab.columns - 1)))) {
    throw new SheetError(
      `The tab ${tab.title} has no column headed ${KEY} in its first row, so that its rows cannot be recognised. Restore the header, empty the tab, or choose another tab with PUT /forms/{form_id}/sheet.`,
    );
  }
  const start = await freePlace(google, spreadsheetId, tab, headers.length, missing.length);
  await addColumns(google, target, spreadsheet, tab, { start, missing, isNew: isEmpty });
  const after = Array.from({ length: start + missing.length }, (_header, index) =>
    index < start ? (headers[index] ?? '') : (missing[index - start]?.name ?? ''),
  );
  return layoutOf({ ...tab, columns: Math.max(tab.columns, after.length) }, target, after);
}

function layoutOf(tab: Tab, { columns, keys }: Target, headers: readonly string[]): Layout {
  const places = columns.map(({ name }) => headers.indexOf(name));
  const keyColumn = headers.indexOf(KEY);
  const runs: { start: number; indexes: number[] }[] = [];
  const inOrder = places.map((place, index) => ({ place, index })).toSorted((one, other) => one.place - other.place);
  for (const { place, index } of inOrder) {
    const last = runs.at(-1);
    if (place === keyColumn) continue;
    if (last !== undefined && last.start + last.indexes.length === place) last.indexes.push(index);
    else runs.push({ start: place, indexes: [index] });
  }
  const known = Object.fromEntries(columns.map(({ name }, index) => [keys[index] ?? name, name]));
  return { tab, headers, places, keyColumn, runs, known };
}

/** Overwrites the header of a question whose label has changed, so that its column keeps its place. */
async function renameColumns(
  google: GoogleSheets,
  { spreadsheetId, columns, keys, known }: Target,
  tab: Tab,
  headers: readonly string[],
): Promise<string[]> {
  const after = [...headers];
  const own = new Set(columns.map(({ name }) => name));
  const data = columns.flatMap(({ name }, index) => {
    const before = known[keys[index] ?? name];
    const place = before === undefined || own.has(before) || after.includes(name) ? -1 : after.indexOf(before);
    if (place === -1) return [];
    after[place] = name;
    return [{ range: rangeOf(tab, place, place, 1, 1), values: [[name]] }];
  });
  if (data.length > 0) await google.writeRanges(spreadsheetId, data);
  return after;
}

/** The first place after the headers, or after the grid if a person uses columns without a header there. */
async function freePlace(google: GoogleSheets, spreadsheetId: string, tab: Tab, after: number, width: number) {
  const last = Math.min(after + width, tab.columns) - 1;
  if (last < after || (await isBlank(google, spreadsheetId, tab, after, last))) return after;
  return tab.columns;
}

async function isBlank(google: GoogleSheets, spreadsheetId: string, tab: Tab, first: number, last: number) {
  const [rows = []] = await google.readValues(spreadsheetId, [rangeOf(tab, first, last, 1)]);
  return rows.length === 0;
}

async function addColumns(
  google: GoogleSheets,
  { spreadsheetId }: Target,
  spreadsheet: Spreadsheet,
  tab: Tab,
  { start, missing, isNew }: { start: number; missing: readonly Column[]; isNew: boolean },
): Promise<void> {
  const { sheetId } = tab;
  const end = start + missing.length;
  const more = end - tab.columns;
  if (more > 0) checkCells(spreadsheet, tab.rows * more);
  const header = { sheetId, startRowIndex: 0, endRowIndex: 1, startColumnIndex: start, endColumnIndex: end };
  const requests: sheets_v4.Schema$Request[] = [
    {
      repeatCell: {
        range: header,
        cell: { userEnteredFormat: { textFormat: { bold: true } } },
        fields: 'userEnteredFormat.textFormat.bold',
      },
    },
    ...formatRequests(
      tab,
      missing.map((column, index) => ({ ...column, place: start + index })),
      { from: 1, to: tab.rows },
    ),
  ];
  if (isNew && tab.frozenRows === 0 && tab.rows > 1) {
    const properties = { sheetId, gridProperties: { frozenRowCount: 1 } };
    requests.push({ updateSheetProperties: { properties, fields: 'gridProperties.frozenRowCount' } });
  }
  if (more > 0) {
    // A retry after a lost reply only adds spare columns.
    await google.change(spreadsheetId, [{ appendDimension: { sheetId, dimension: 'COLUMNS', length: more } }]);
  }
  await google.change(spreadsheetId, requests);
  await google.write(spreadsheetId, rangeOf(tab, start, end - 1, 1, 1), [missing.map(({ name }) => name)]);
}

/** Formats the times and dates of rows, counted from 0. */
export function formatRequests(
  { sheetId }: Tab,
  columns: readonly { type: Column['type']; place: number }[],
  { from, to }: { from: number; to: number },
): sheets_v4.Schema$Request[] {
  if (to <= from) return [];
  return columns.flatMap((column) => {
    const numberFormat = formatOf(column);
    if (numberFormat === undefined) return [];
    const range = {
      sheetId,
      startRowIndex: from,
      endRowIndex: to,
      startColumnIndex: column.place,
      endColumnIndex: column.place + 1,
    };
    return [
      {
        repeatCell: { range, cell: { userEnteredFormat: { numberFormat } }, fields: 'userEnteredFormat.numberFormat' },
      },
    ];
  });
}

/** @throws {SheetError} if the spreadsheet has no room for so many more cells */
export function checkCells({ tabs }: Spreadsheet, more: number): void {
  const cells = tabs.reduce((sum, { rows, columns }) => sum + rows * columns, more);
  if (cells <= MAX_CELLS) return;
  throw new SheetError(
    `The spreadsheet is full: it would have ${cells} cells and Google allows ${MAX_CELLS}. Delete rows, columns or tabs that you no longer need, or choose another spreadsheet with PUT /forms/{form_id}/sheet.`,
  );
}
