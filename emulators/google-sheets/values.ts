/** Reading, writing and clearing ranges of values: `spreadsheets.values` of the Sheets API, RAW only. */
import { columnName, formatA1, parseA1 } from './a1.ts';
import type { A1Range, Box } from './a1.ts';
import { invalid } from './api-error.ts';
import type { ApiError } from './api-error.ts';
import { protoText } from './proto-text.ts';
import { checkCellText, clearBox, findTab, setCells, withoutTrailingBlanks } from './spreadsheet.ts';
import type { Cell, Spreadsheet, Tab } from './spreadsheet.ts';

export interface ValueRange {
  range: string;
  majorDimension: 'ROWS';
  values?: Exclude<Cell, undefined>[][];
}

export interface UpdateResult {
  updatedRange: string;
  updatedRows?: number;
  updatedColumns?: number;
  updatedCells?: number;
}

export interface AppliedUpdate {
  result: UpdateResult;
  sheetId: number;
  rows: number[];
  columns: number[];
}

export type Render = 'FORMATTED_VALUE' | 'UNFORMATTED_VALUE' | 'FORMULA';
type BoundedBox = Required<Box>;

/**
 * Reads a range. Blank rows and cells at the end are left out; a blank cell before the last is ''.
 * @throws ApiError 400 when the range does not parse or begins beyond the grid; one that only ends beyond it is cut.
 */
export function readRange(spreadsheet: Spreadsheet, range: string, render: Render): ValueRange {
  const { tab, box } = resolveWithin(spreadsheet, range);
  const rows = tab.rows
    .slice(box.startRow, box.endRow)
    .map((row) => withoutTrailingBlanks(row.slice(box.startColumn, box.endColumn)))
    .map((row) => row.map((cell) => renderCell(cell, render)));
  while (rows.length > 0 && rows.at(-1)?.length === 0) rows.pop();
  const answer: ValueRange = { range: formatA1(tab.title, box), majorDimension: 'ROWS' };
  return rows.length === 0 ? answer : { ...answer, values: rows };
}

/**
 * Empties a range.
 * @returns the range that was cleared, cut to the grid.
 * @throws ApiError 400, as readRange.
 */
export function clearRange(spreadsheet: Spreadsheet, range: string): string {
  const { tab, box } = resolveWithin(spreadsheet, range);
  clearBox(tab, box);
  return formatA1(tab.title, box);
}

/**
 * Writes values as they are. `null` leaves a cell as it is, '' empties it.
 * @throws ApiError 400 when the range does not parse or exceeds the grid, when the values exceed the range, when a value is
 *   a list or an object, or longer than a cell takes. Some cells may be written by then: work on a copy.
 */
export function writeRange(spreadsheet: Spreadsheet, range: string, values: readonly unknown[][]): AppliedUpdate {
  const { tab, parsed } = resolve(spreadsheet, range);
  const { box } = parsed;
  const bounds = boundsOfWrite(tab, parsed);
  const height = values.length;
  const width = Math.max(0, ...values.map((row) => row.length));
  if (parsed.isOneCell && (box.startRow + height > tab.rowCount || box.startColumn + width > tab.columnCount)) {
    throw exceedsGrid(tab, { ...box, endRow: box.startRow + height, endColumn: box.startColumn + width });
  }
  const beyondRows = height > bounds.endRow - bounds.startRow;
  if (beyondRows || width > bounds.endColumn - bounds.startColumn) {
    const where = beyondRows ? `row [${bounds.endRow + 1}]` : `column [${columnName(bounds.endColumn)}]`;
    throw invalid(`Requested writing within range [${formatA1(tab.title, box)}], but tried writing to ${where}`);
  }
  const touched = { rows: new Set<number>(), columns: new Set<number>(), cells: 0 };
  for (const [rowOffset, row] of values.entries()) {
    const cells = row.map((value, columnOffset) => toCell(value, rowOffset, columnOffset));
    setCells(tab, box.startRow + rowOffset, box.startColumn, cells);
    for (const [columnOffset, cell] of cells.entries()) {
      if (cell === null) continue;
      touched.rows.add(box.startRow + rowOffset);
      touched.columns.add(box.startColumn + columnOffset);
      touched.cells += 1;
    }
  }
  const written: Box =
    width === 0 ? bounds : { ...box, endRow: box.startRow + height, endColumn: box.startColumn + width };
  const result: UpdateResult = { updatedRange: formatA1(tab.title, written) };
  if (touched.cells > 0) {
    result.updatedRows = touched.rows.size;
    result.updatedColumns = touched.columns.size;
    result.updatedCells = touched.cells;
  }
  return { result, sheetId: tab.sheetId, rows: [...touched.rows], columns: [...touched.columns] };
}

/**
 * A number as a cell without a number format shows it: about ten digits. Google's own rule also looks at the width.
 */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= 1e15) return value.toExponential().toUpperCase();
  return Number.isInteger(value)
    ? String(value)
    : String(Number(value.toPrecision(Math.max(10, integerDigits(value)))));
}

function integerDigits(value: number): number {
  return String(Math.trunc(Math.abs(value))).length;
}

function renderCell(cell: Cell, render: Render): Exclude<Cell, undefined> {
  if (cell === undefined) return '';
  if (render !== 'FORMATTED_VALUE' || typeof cell === 'string') return cell;
  return typeof cell === 'boolean' ? String(cell).toUpperCase() : formatNumber(cell);
}

function toCell(value: unknown, row: number, column: number): Cell | null {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') throw invalid(`Invalid values[${row}][${column}]: ${protoText(value)}`);
  checkCellText(value);
  return value;
}

function resolve(spreadsheet: Spreadsheet, range: string): { tab: Tab; parsed: A1Range } {
  const parsed = parseA1(range);
  const tab = parsed === undefined ? undefined : findTab(spreadsheet, parsed.title);
  if (parsed === undefined || tab === undefined) throw invalid(`Unable to parse range: ${range}`);
  return { tab, parsed };
}

function resolveWithin(spreadsheet: Spreadsheet, range: string): { tab: Tab; box: BoundedBox } {
  const { tab, parsed } = resolve(spreadsheet, range);
  if (beginsBeyond(tab, parsed.box)) throw exceedsGrid(tab, parsed.box);
  return { tab, box: cut(tab, parsed.box) };
}

/** Where values may go: a lone cell is where they begin; all else is a limit, and must be on the grid as a whole. */
function boundsOfWrite(tab: Tab, { box, isOneCell }: A1Range): BoundedBox {
  const endsBeyond = (box.endRow ?? 0) > tab.rowCount || (box.endColumn ?? 0) > tab.columnCount;
  if (beginsBeyond(tab, box) || endsBeyond) throw exceedsGrid(tab, box);
  return isOneCell ? { ...box, endRow: tab.rowCount, endColumn: tab.columnCount } : cut(tab, box);
}

function beginsBeyond(tab: Tab, box: Box): boolean {
  return box.startRow >= tab.rowCount || box.startColumn >= tab.columnCount;
}

function cut(tab: Tab, box: Box): BoundedBox {
  return {
    startRow: box.startRow,
    endRow: Math.min(box.endRow ?? tab.rowCount, tab.rowCount),
    startColumn: box.startColumn,
    endColumn: Math.min(box.endColumn ?? tab.columnCount, tab.columnCount),
  };
}

function exceedsGrid(tab: Tab, box: Box): ApiError {
  return invalid(
    `Range (${formatA1(tab.title, box)}) exceeds grid limits. Max rows: ${tab.rowCount}, max columns: ${tab.columnCount}`,
  );
}
