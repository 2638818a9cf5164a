/** A table as CSV (RFC 4180), written so that no cell runs as a formula where the file is opened. */
import type { Cell, Column } from '../../db-proxy-lambda/contract.ts';
import { toUtc } from './utc.ts';

/** Spreadsheet programs take text that starts so for a formula (OWASP, "CSV Injection"). */
const RUNS_AS_FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

/** The first line: the columns' names. */
export function csvHeader(columns: readonly Column[]): string {
  return `${columns.map(({ name }) => quote(guard(name))).join(',')}\r\n`;
}

/** Makes the writer of a table's lines; it takes cells in the order of the columns and ends the line with CRLF. */
export function csvLines(columns: readonly Column[]): (rows: readonly Cell[][]) => string {
  const encoders = columns.map(({ type }) =>
    type === 'number' ? encodeNumber : type === 'time' ? encodeTime : encodeText,
  );
  return (rows) => {
    let text = '';
    for (const row of rows) {
      let separator = '';
      for (const [index, encode] of encoders.entries()) {
        const cell = row[index];
        text += separator;
        if (cell !== null && cell !== undefined) text += encode(cell);
        separator = ',';
      }
      text += '\r\n';
    }
    return text;
  };
}

/** Exactly as stored. A question that once took text may have left some: that is guarded like any text. */
function encodeNumber(cell: string | number | boolean): string {
  return typeof cell === 'number' || (typeof cell === 'string' && PLAIN_NUMBER.test(cell))
    ? `${cell}`
    : encodeText(cell);
}

function encodeTime(cell: string | number | boolean): string {
  return encodeText(toUtc(cell));
}

function encodeText(cell: string | number | boolean): string {
  return typeof cell === 'string' ? quote(guard(cell)) : `${cell}`;
}

function guard(text: string): string {
  return RUNS_AS_FORMULA.test(text) ? `'${text}` : text;
}

function quote(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
