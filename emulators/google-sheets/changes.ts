/** The changes of spreadsheets:batchUpdate. */
import type * as z from 'zod';
import { invalid, unsupported } from './api-error.ts';
import { withFormat } from './number-formats.ts';
import { FORMAT_FIELDS, VALUE_FIELDS } from './requests.ts';
import type {
  addSheet,
  appendCells,
  appendDimension,
  findReplace,
  gridProperties,
  repeatCell,
  updateSheetProperties,
} from './requests.ts';
import type { Spreadsheet, SpreadsheetStore } from './spreadsheet-store.ts';
import { boxOf, findTab, tabById } from './tabs.ts';

/** Limits of a spreadsheet's cells and of a tab's columns (https://support.google.com/drive/answer/37603). */
const MAX_CELLS = 10_000_000;
const MAX_COLUMNS = 18_278;

export function addTab(
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

export function enlarge(
  spreadsheet: Spreadsheet,
  { sheetId, gridProperties }: z.infer<typeof updateSheetProperties>['properties'],
  at: string,
): void {
  const tab = tabById(spreadsheet, sheetId, at);
  const { rowCount, columnCount } = tab;
  const grid = { rowCount, columnCount, ...gridProperties };
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

export function changeCells(
  spreadsheet: Spreadsheet,
  request: z.infer<typeof repeatCell>,
  store: SpreadsheetStore,
  at: string,
): void {
  const { tab, box } = boxOf(spreadsheet, request.range, at);
  if (request.fields === VALUE_FIELDS) {
    store.clear(spreadsheet.id, tab.sheetId, box);
    return;
  }
  if (request.fields === FORMAT_FIELDS) {
    const format = request.cell.userEnteredFormat?.numberFormat;
    tab.formats = withFormat(tab.formats ?? [], { box, format });
    return;
  }
  const known = tab.bold.map((each) => JSON.stringify(each));
  if (!known.includes(JSON.stringify(box))) tab.bold.push(box);
}

/** Adds empty rows or columns at the end of the grid. */
export function extend(
  spreadsheet: Spreadsheet,
  { sheetId, dimension, length }: z.infer<typeof appendDimension>,
  at: string,
): void {
  const tab = tabById(spreadsheet, sheetId, at);
  if (dimension === 'ROWS') tab.rowCount += length;
  else tab.columnCount += length;
  checkGrid(spreadsheet, tab, at);
}

/** Adds rows after the last row with a value, and enlarges the grid if they do not fit. */
export function addRows(
  spreadsheet: Spreadsheet,
  { sheetId, rows }: z.infer<typeof appendCells>,
  store: SpreadsheetStore,
  at: string,
): void {
  const tab = tabById(spreadsheet, sheetId, at);
  const values = rows.map((row) =>
    row.values.map(({ userEnteredValue: value = { stringValue: '' } }) =>
      'stringValue' in value ? value.stringValue : value.numberValue,
    ),
  );
  const startRow = store.usedRows(spreadsheet.id, sheetId);
  const endRow = startRow + values.length;
  const endColumn = Math.max(1, ...values.map((row) => row.length));
  tab.rowCount = Math.max(tab.rowCount, endRow);
  tab.columnCount = Math.max(tab.columnCount, endColumn);
  checkGrid(spreadsheet, tab, at);
  store.write(spreadsheet.id, sheetId, { startRow, endRow, startColumn: 0, endColumn }, values);
}

/** Replaces the text of the cells that have exactly this text. */
export function replaceText(
  spreadsheet: Spreadsheet,
  { find, replacement, range }: z.infer<typeof findReplace>,
  store: SpreadsheetStore,
  at: string,
): void {
  const { tab, box } = boxOf(spreadsheet, range, at);
  for (const [row, cells] of store.rows(spreadsheet.id, tab.sheetId, box)) {
    for (let column = box.startColumn; column < box.endColumn; column += 1) {
      if (cells[column] !== find) continue;
      const cell = { startRow: row, endRow: row + 1, startColumn: column, endColumn: column + 1 };
      store.write(spreadsheet.id, tab.sheetId, cell, [[replacement]]);
    }
  }
}
