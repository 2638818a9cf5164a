/** Spreadsheets in memory. A row is never changed in place, so that a copy of a spreadsheet costs no cell. */
import { randomInt } from 'node:crypto';
import { invalid } from './api-error.ts';
import type { Box } from './a1.ts';

/** undefined: an empty cell. */
export type Cell = string | number | boolean | undefined;
export type Row = readonly Cell[];

export interface Tab {
  readonly sheetId: number;
  title: string;
  hidden: boolean;
  hideGridlines: boolean;
  rowCount: number;
  columnCount: number;
  frozenRowCount: number;
  frozenColumnCount: number;
  /** Down to the last row that was written; shorter than rowCount most of the time. */
  rows: Row[];
  /** The last one that covers a cell decides. */
  bold: { box: Box; isBold: boolean }[];
}

export interface Spreadsheet {
  readonly id: string;
  title: string;
  /** The service account may open it. */
  shared: boolean;
  tabs: Tab[];
}

/** All tabs together (https://support.google.com/drive/answer/37603). */
export const MAX_CELLS = 10_000_000;
/** Column ZZZ (https://support.google.com/drive/answer/37603). */
export const MAX_COLUMNS = 18_278;
/** https://support.google.com/drive/answer/37603 */
export const MAX_CELL_CHARACTERS = 50_000;

/** A tab as Google makes it: 1000 rows of 26 columns. */
export function createTab(title: string, sheetId: number = randomInt(2 ** 31 - 1)): Tab {
  return {
    sheetId,
    title,
    hidden: false,
    hideGridlines: false,
    rowCount: 1000,
    columnCount: 26,
    frozenRowCount: 0,
    frozenColumnCount: 0,
    rows: [],
    bold: [],
  };
}

/** A copy to make a change on, which is kept only when all of the change succeeded. */
export function copySpreadsheet(spreadsheet: Spreadsheet): Spreadsheet {
  const tabs = spreadsheet.tabs.map((tab) => ({ ...tab, rows: [...tab.rows], bold: [...tab.bold] }));
  return { ...spreadsheet, tabs };
}

/** The tab of a range; titles differ in more than their case, so a range may be written in any. */
export function findTab(spreadsheet: Spreadsheet, title: string | undefined): Tab | undefined {
  if (title === undefined) return spreadsheet.tabs[0];
  const lower = title.toLowerCase();
  return spreadsheet.tabs.find((tab) => tab.title.toLowerCase() === lower);
}

/** @throws ApiError 400 when there is none. */
export function tabById(spreadsheet: Spreadsheet, sheetId: number): Tab {
  const tab = spreadsheet.tabs.find((each) => each.sheetId === sheetId);
  if (tab === undefined) throw invalid(`No sheet with id: ${sheetId}`);
  return tab;
}

/**
 * Refuses a spreadsheet that outgrew Google's limits.
 * @throws ApiError 400 with Google's sentence.
 */
export function checkSize(spreadsheet: Spreadsheet): void {
  let cells = 0;
  for (const tab of spreadsheet.tabs) {
    cells += tab.rowCount * tab.columnCount;
    if (tab.columnCount > MAX_COLUMNS) {
      throw invalid(
        `This action would increase the number of columns in the worksheet above the limit of ${MAX_COLUMNS} columns.`,
      );
    }
  }
  if (cells > MAX_CELLS) {
    throw invalid(
      `This action would increase the number of cells in the workbook above the limit of ${MAX_CELLS} cells.`,
    );
  }
}

/** @throws ApiError 400 when the text is longer than a cell takes. */
export function checkCellText(text: string): void {
  if (text.length > MAX_CELL_CHARACTERS) {
    throw invalid(`Your input contains more than the maximum of ${MAX_CELL_CHARACTERS} characters in a single cell.`);
  }
}

/**
 * Sets cells of one row from a column on; rows above that were never written come into being empty.
 * @param cells null leaves a cell as it is; undefined and '' empty it.
 */
export function setCells(tab: Tab, rowIndex: number, startColumn: number, cells: readonly (Cell | null)[]): void {
  if (cells.length === 0) return;
  while (tab.rows.length <= rowIndex) tab.rows.push([]);
  const row = [...(tab.rows[rowIndex] ?? [])];
  while (row.length < startColumn) row.push(undefined);
  for (const [offset, cell] of cells.entries()) {
    const column = startColumn + offset;
    if (cell === null) row[column] = row[column] ?? undefined;
    else row[column] = cell === '' ? undefined : cell;
  }
  tab.rows[rowIndex] = withoutTrailingBlanks(row);
}

/** Empties the cells of a box. */
export function clearBox(tab: Tab, box: Box): void {
  const endRow = Math.min(box.endRow ?? tab.rows.length, tab.rows.length);
  for (let index = box.startRow; index < endRow; index += 1) {
    const row = tab.rows[index] ?? [];
    const endColumn = Math.min(box.endColumn ?? row.length, row.length);
    if (endColumn > box.startColumn) {
      setCells(
        tab,
        index,
        box.startColumn,
        Array.from({ length: endColumn - box.startColumn }, () => undefined),
      );
    }
  }
  while (tab.rows.length > 0 && tab.rows.at(-1)?.length === 0) tab.rows.pop();
}

/** Whether the cell shows bold. */
export function isBoldCell(tab: Tab, row: number, column: number): boolean {
  const last = tab.bold.findLast(
    ({ box }) =>
      row >= box.startRow &&
      row < (box.endRow ?? Infinity) &&
      column >= box.startColumn &&
      column < (box.endColumn ?? Infinity),
  );
  return last?.isBold ?? false;
}

export function withoutTrailingBlanks(row: readonly Cell[]): Cell[] {
  let length = row.length;
  while (length > 0 && row[length - 1] === undefined) length -= 1;
  return row.slice(0, length);
}
