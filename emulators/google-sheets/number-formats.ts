/** Number formats of ranges, and how a page shows a number in the format of a time. */
import type { Box } from './a1.ts';

export interface NumberFormat {
  type: string;
  pattern?: string | undefined;
}

/** Where two ranges overlap, the later one counts. A range without a format removes the earlier format. */
export interface FormattedRange {
  box: Box;
  format?: NumberFormat | undefined;
}

/** Adds a range. Ranges inside it no longer count. */
export function withFormat(ranges: readonly FormattedRange[], added: FormattedRange): FormattedRange[] {
  return [...ranges.filter(({ box }) => !contains(added.box, box)), added];
}

export function formatAt(ranges: readonly FormattedRange[], row: number, column: number): NumberFormat | undefined {
  const cell = { startRow: row, endRow: row + 1, startColumn: column, endColumn: column + 1 };
  return ranges.findLast(({ box }) => contains(box, cell))?.format;
}

function contains(outer: Box, inner: Box): boolean {
  return (
    outer.startRow <= inner.startRow &&
    outer.endRow >= inner.endRow &&
    outer.startColumn <= inner.startColumn &&
    outer.endColumn >= inner.endColumn
  );
}

/** Serial 0, 1899-12-30, in milliseconds (Sheets API, `DateTimeRenderOption`). */
const EPOCH = Date.UTC(1899, 11, 30);
const TOKEN = /"([^"]*)"|yyyy|mm|dd|hh|ss/g;

/** A serial number as text, in a pattern of the tokens `yyyy`, `mm`, `dd`, `hh`, `ss` and texts in quotes. */
export function showTime(serial: number, pattern: string): string {
  const time = new Date(EPOCH + Math.round(serial * 86_400) * 1_000).toISOString();
  const parts = { yyyy: time.slice(0, 4), dd: time.slice(8, 10), hh: time.slice(11, 13), ss: time.slice(17, 19) };
  let isAfterHours = false;
  return pattern.replaceAll(TOKEN, (token, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted;
    if (token === 'mm') return isAfterHours ? time.slice(14, 16) : time.slice(5, 7);
    isAfterHours ||= token === 'hh';
    return Object.entries(parts).find(([name]) => name === token)?.[1] ?? token;
  });
}
