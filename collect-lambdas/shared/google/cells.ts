/** Cells, ranges and limits of a Google sheet. */
import { hash } from 'node:crypto';
import type { Cell, Column } from '../../../db-proxy-lambda/contract.ts';
import type { SheetCell, Spreadsheet, Tab } from './google-client.ts';
import { toSerial } from './sheet-times.ts';
import { toUtc } from './utc.ts';

/** Google's limits: columns per tab, cells per spreadsheet, characters per cell ("Files you can store in Google Drive"). */
export const MAX_COLUMNS = 18_278;
export const MAX_CELLS = 10_000_000;
export const MAX_CELL_CHARACTERS = 50_000;

/** Max characters of a tab's title. */
const MAX_TITLE_CHARACTERS = 100;

/** Google recommends at most 2 MB a request (Sheets API, "Usage limits"). */
export const REQUEST_BYTES = 2_000_000;

/** Converts a row for the sheet: numbers as numbers, times and dates as serial numbers, the rest as text; '' empties a cell. */
export function toSheetRow(columns: readonly Column[], row: readonly Cell[]): SheetCell[] {
  return columns.map(({ type }, index) => {
    const cell = row[index] ?? '';
    if (type === 'number')
      return typeof cell === 'string' && /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : asText(cell);
    if (type === 'time' || type === 'date') return toSerial(cell) ?? asText(toUtc(cell));
    return String(cell);
  });
}

function asText(cell: string | number | boolean): SheetCell {
  return typeof cell === 'number' ? cell : String(cell);
}

/**
 * The title of the tab to which exports of a table write: the table's name. A name that is too long for a title is cut and
 * gets a hash, so that titles differ.
 */
export function tabTitle(tableName: string): string {
  if (tableName.length <= MAX_TITLE_CHARACTERS) return tableName;
  const digits = hash('sha256', tableName, 'hex').slice(0, 8);
  return `${tableName.slice(0, MAX_TITLE_CHARACTERS - 9)}~${digits}`;
}

/** Google ignores case when it compares titles. */
export function isSameTitle(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

export function findTab({ tabs }: Spreadsheet, title: string): Tab | undefined {
  return tabs.find((tab) => isSameTitle(tab.title, title));
}

/** The bytes of a row in a request. */
export function bytesOf(row: readonly SheetCell[]): number {
  return Buffer.byteLength(JSON.stringify(row)) + 1;
}

/** A1 notation: a title in single quotes, with inner quotes doubled. */
export function quoteTitle(title: string): string {
  return `'${title.replaceAll("'", "''")}'`;
}

/** The letters of a column, counted from 1: A, B, ..., Z, AA, ... */
export function columnName(column: number): string {
  let name = '';
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  }
  return name;
}
