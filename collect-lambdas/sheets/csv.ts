/** Writes a table as CSV (RFC 4180). No cell runs as a formula when a spreadsheet program opens the file. */
import type { Cell, Column } from '../../db-proxy-lambda/contract.ts';
import { toUtc } from '../shared/google/utc.ts';

/**
 * Text that spreadsheet programs treat as a formula, with or without leading blanks (OWASP, "CSV Injection"). Programs
 * for East Asian languages also accept the full-width signs U+FF1D, U+FF0B, U+FF0D and U+FF20.
 */
const RUNS_AS_FORMULA = /^(?:\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n])/;
/** In locales with a decimal comma, programs split lines at semicolons; some readers trim blanks. */
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;
/** A quick check: most text needs neither a guard nor quotes. */
const NEEDS_CARE = /^[\s=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[",;\t\r\n]|\s$/;
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

type Written = Exclude<Cell, null>;

/** The header line: the columns' names. */
export function csvHeader(columns: readonly Column[]): string {
  return `${columns.map(({ name }) => encodeText(name)).join(',')}\r\n`;
}

/** @returns a function that converts rows to lines that end with CRLF. A row's cells are in the order of the columns */
export function csvLines(columns: readonly Column[]): (rows: readonly (readonly Cell[])[]) => string {
  const encoders = columns.map(({ type }) =>
    type === 'number' ? encodeNumber : type === 'time' ? encodeTime : encodeText,
  );
  // Joining is faster: concatenation builds a rope of small strings, which is slow to encode.
  const cells = columns.map(() => '');
  return (rows) => {
    const lines: string[] = [];
    for (const row of rows) {
      let index = 0;
      for (const encode of encoders) {
        const cell = row[index];
        cells[index] = cell === null || cell === undefined ? '' : encode(cell);
        index += 1;
      }
      lines.push(cells.join(','));
    }
    lines.push('');
    return lines.join('\r\n');
  };
}

/** Numbers are written exactly as stored. Text, from an earlier version of the question, is guarded. */
function encodeNumber(cell: Written): string {
  if (typeof cell !== 'string') return String(cell);
  return PLAIN_NUMBER.test(cell) ? cell : encodeText(cell);
}

function encodeTime(cell: Written): string {
  return encodeText(toUtc(cell));
}

function encodeText(cell: Written): string {
  if (typeof cell !== 'string') return String(cell);
  if (!NEEDS_CARE.test(cell)) return cell;
  const guarded = RUNS_AS_FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
