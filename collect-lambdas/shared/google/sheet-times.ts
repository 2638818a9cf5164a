/** Times and dates in a Google sheet: serial numbers, which the format of their column shows as times or dates. */
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js';
import type { Cell, Column } from '../../../db-proxy-lambda/contract.ts';
import { toInstant } from '../../../forms/values/time.ts';
import type { NumberFormat } from './google-client.ts';

const DAY_MS = 86_400_000;
/** Days from 1899-12-30, where serial numbers begin, to 1970-01-01 (Sheets API, `DateTimeRenderOption`). */
const DAYS_TO_1970 = 25_569;

/**
 * Collect's formats. The quotes around hyphens do not change what is shown. They distinguish Collect's pattern from a
 * pattern that a manager chose.
 */
const FORMATS: { readonly [type in Column['type']]?: { type: string; pattern: string } } = {
  time: { type: 'DATE_TIME', pattern: 'yyyy-mm-dd hh:mm:ss" UTC"' },
  date: { type: 'DATE', pattern: 'yyyy"-"mm"-"dd' },
};
/** Collect's format of a column's cells; undefined for a column without times and dates. */
export const formatOf = ({ type }: Pick<Column, 'type'>): NumberFormat | undefined => FORMATS[type];
const OUR_PATTERNS: ReadonlySet<unknown> = new Set(Object.values(FORMATS).map(({ pattern }) => pattern));
const TYPES_OF_TIMES: ReadonlySet<unknown> = new Set(['DATE', 'TIME', 'DATE_TIME']);

/**
 * The serial number of a time or a date: days since 1899-12-30 in UTC, to the millisecond.
 *
 * @returns undefined for any other cell, and for times before 1900, because programs number those days differently
 */
export function toSerial(cell: Cell): number | undefined {
  if (typeof cell !== 'string') return undefined;
  const instant = toInstant(/^\d{4}-\d\d-\d\d$/.test(cell) ? `${cell}T00:00:00Z` : cell);
  if (instant === undefined || instant < '1900') return undefined;
  return Date.parse(`${instant.slice(0, 23)}Z`) / DAY_MS + DAYS_TO_1970;
}

/**
 * Requests that format the columns of times and dates. A format of times that a manager chose stays. Any other column that
 * has Collect's format, because columns have moved, loses it, so that no amount looks like a time.
 *
 * @param formats the formats that the columns of the tab have now
 * @param rows the rows to format
 */
export function formatColumns(
  columns: readonly Column[],
  formats: readonly (NumberFormat | undefined)[],
  rows: { sheetId: number; startRowIndex: number; endRowIndex: number },
): sheets_v4.Schema$Request[] {
  return columns.flatMap(({ type }, index) => {
    const before = formats[index];
    const isOurs = OUR_PATTERNS.has(before?.pattern);
    const own = FORMATS[type];
    if (own === undefined && !isOurs) return [];
    const chosen = TYPES_OF_TIMES.has(before?.type) && !isOurs ? before : undefined;
    const range = { ...rows, startColumnIndex: index, endColumnIndex: index + 1 };
    const cell = own === undefined ? {} : { userEnteredFormat: { numberFormat: chosen ?? own } };
    return [{ repeatCell: { range, cell, fields: 'userEnteredFormat.numberFormat' } }];
  });
}
