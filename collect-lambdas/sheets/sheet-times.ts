/** Times in a Google sheet: serial numbers, which the format of their column shows as times. */
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js';
import type { Cell, Column } from '../../db-proxy-lambda/contract.ts';
import { toInstant } from '../../forms/time.ts';
import type { NumberFormat } from './google-client.ts';

const DAY_MS = 86_400_000;
/** Days from 1899-12-30, where serial numbers begin, to 1970-01-01 (Sheets API, `DateTimeRenderOption`). */
const DAYS_TO_1970 = 25_569;

const UTC_FORMAT = { type: 'DATE_TIME', pattern: 'yyyy-mm-dd hh:mm:ss" UTC"' };
const TIME_FORMATS: ReadonlySet<string | null | undefined> = new Set(['DATE', 'TIME', 'DATE_TIME']);

/**
 * The serial number of a time: days since 1899-12-30 in UTC, to the millisecond.
 *
 * @returns undefined for anything that is not a time, and before 1900, where serial numbers of programs differ
 */
export function toSerial(cell: Cell): number | undefined {
  const instant = typeof cell === 'string' ? toInstant(cell) : undefined;
  if (instant === undefined || instant < '1900') return undefined;
  return Date.parse(`${instant.slice(0, 23)}Z`) / DAY_MS + DAYS_TO_1970;
}

/**
 * Requests that format the columns of times. A format for times that a manager chose stays. If another column has our format,
 * because the columns have moved, it is cleared, so that no amount looks like a time.
 *
 * @param formats those of the columns in the tab as it is
 * @param rows the rows to format
 */
export function formatColumns(
  columns: readonly Column[],
  formats: readonly (NumberFormat | undefined)[],
  rows: { sheetId: number; startRowIndex: number; endRowIndex: number },
): sheets_v4.Schema$Request[] {
  return columns.flatMap(({ type }, index) => {
    const before = formats[index];
    if (type !== 'time' && before?.pattern !== UTC_FORMAT.pattern) return [];
    const numberFormat = before !== undefined && TIME_FORMATS.has(before.type) ? before : UTC_FORMAT;
    const range = { ...rows, startColumnIndex: index, endColumnIndex: index + 1 };
    const cell = type === 'time' ? { userEnteredFormat: { numberFormat } } : {};
    return [{ repeatCell: { range, cell, fields: 'userEnteredFormat.numberFormat' } }];
  });
}
