/** `repeatCell` and `updateCells` of `spreadsheets.batchUpdate`: values, and bold, which is all that is shown of a format. */
import type { Box } from './a1.ts';
import { invalid } from './api-error.ts';
import type { CellData, GridRange, RequestOf } from './batch-requests.ts';
import { checkCellText, clearBox, setCells, tabById } from './spreadsheet.ts';
import type { Cell, Spreadsheet, Tab } from './spreadsheet.ts';

const VALUE = 'userEnteredValue';
const BOLD = 'userEnteredFormat.textFormat.bold';

/** @throws ApiError 400 when the range is not on the grid. */
export function repeatCellData(
  spreadsheet: Spreadsheet,
  request: RequestOf<'repeatCell'>,
  paths: readonly string[],
): void {
  const { range = {}, cell = {} } = request;
  const tab = tabById(spreadsheet, range.sheetId ?? 0);
  const box = boxOf(tab, range);
  if (paths.includes(BOLD)) setBold(tab, box, cell);
  if (!paths.includes(VALUE)) return;
  const value = cellOf(cell);
  if (value === undefined) {
    clearBox(tab, box);
    return;
  }
  const { endRow = tab.rowCount, endColumn = tab.columnCount } = box;
  const row = Array.from({ length: endColumn - box.startColumn }, () => value);
  for (let index = box.startRow; index < endRow; index += 1) setCells(tab, index, box.startColumn, row);
}

/**
 * Writes rows from a cell on; with a `range` what the rows do not reach is emptied.
 * @throws ApiError 400 when the rows reach beyond the grid or the range.
 */
export function updateCellData(
  spreadsheet: Spreadsheet,
  request: RequestOf<'updateCells'>,
  paths: readonly string[],
): void {
  const { range, start, rows = [] } = request;
  if ((range === undefined) === (start === undefined)) throw invalid('Exactly one of start and range must be set.');
  const tab = tabById(spreadsheet, (range ?? start)?.sheetId ?? 0);
  const box =
    range === undefined ? { startRow: start?.rowIndex ?? 0, startColumn: start?.columnIndex ?? 0 } : boxOf(tab, range);
  checkStart(tab, box);
  const endRow = box.endRow ?? tab.rowCount;
  const endColumn = box.endColumn ?? tab.columnCount;
  if (box.startRow + rows.length > endRow) {
    throw invalid(`Attempting to write row: ${endRow}, beyond the last requested row of: ${endRow - 1}`);
  }
  if (range !== undefined && paths.includes(VALUE)) clearBox(tab, box);
  for (const [rowOffset, { values = [] }] of rows.entries()) {
    if (box.startColumn + values.length > endColumn) {
      throw invalid(`Attempting to write column: ${endColumn}, beyond the last requested column of: ${endColumn - 1}`);
    }
    const row = box.startRow + rowOffset;
    if (paths.includes(VALUE)) setCells(tab, row, box.startColumn, values.map(cellOf));
    if (paths.includes(BOLD)) {
      for (const [offset, cell] of values.entries()) {
        const column = box.startColumn + offset;
        setBold(tab, { startRow: row, endRow: row + 1, startColumn: column, endColumn: column + 1 }, cell);
      }
    }
  }
}

function setBold(tab: Tab, box: Box, cell: CellData): void {
  const isBold = cell.userEnteredFormat?.textFormat?.bold ?? false;
  const isSame = (other: Box): boolean => JSON.stringify(other) === JSON.stringify(box);
  tab.bold = [...tab.bold.filter((each) => !isSame(each.box)), { box, isBold }];
}

function cellOf({ userEnteredValue = {} }: CellData): Cell {
  const { stringValue, numberValue, boolValue } = userEnteredValue;
  if (stringValue !== undefined) checkCellText(stringValue);
  return stringValue ?? numberValue ?? boolValue;
}

function boxOf(tab: Tab, range: GridRange): Box {
  const { startRowIndex = 0, endRowIndex, startColumnIndex = 0, endColumnIndex } = range;
  const box: Box = { startRow: startRowIndex, startColumn: startColumnIndex };
  checkStart(tab, box);
  if (endRowIndex !== undefined) box.endRow = endOf('Row', startRowIndex, endRowIndex, tab.rowCount);
  if (endColumnIndex !== undefined) {
    box.endColumn = endOf('Column', startColumnIndex, endColumnIndex, tab.columnCount);
  }
  return box;
}

function endOf(name: 'Row' | 'Column', start: number, end: number, size: number): number {
  if (end <= start) throw invalid(`end${name}Index[${end}] must be greater than start${name}Index[${start}].`);
  if (end > size)
    throw invalid(`GridRange.end${name}Index[${end}] is after last ${name.toLowerCase()} in grid[${size}]`);
  return end;
}

function checkStart(tab: Tab, { startRow, startColumn }: Box): void {
  if (startRow < 0 || startColumn < 0) throw invalid('Indexes must be non-negative.');
  if (startRow >= tab.rowCount) {
    throw invalid(`GridCoordinate.rowIndex[${startRow}] is after last row in grid[${tab.rowCount - 1}]`);
  }
  if (startColumn >= tab.columnCount) {
    throw invalid(`GridCoordinate.columnIndex[${startColumn}] is after last column in grid[${tab.columnCount - 1}]`);
  }
}
