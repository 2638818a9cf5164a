/** A table as CSV (RFC 4180), written so that no cell runs as a formula where the file is opened. */
import type { Cell, Column } from '../../db-proxy-lambda/contract.ts';
import { toUtc } from './utc.ts';

/**
 * Spreadsheet programs take text that starts so for a formula, blanks before it or not (OWASP, "CSV Injection"). Those for
 * East Asian languages take the full-width signs U+FF1D, U+FF0B, U+FF0D and U+FF20 for the plain ones.
 */
const RUNS_AS_FORMULA = /^(?:\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n])/;
/** Where the decimal point is a comma, spreadsheet programs split lines at semicolons; some readers cut blanks off. */
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;
/** A look that finds most text to need neither. */
const NEEDS_CARE = /^[\s=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[",;\t\r\n]|\s$/;
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

type Written = Exclude<Cell, null>;

/** The first line: the columns' names. */
export function csvHeader(columns: readonly Column[]): string {
  return `${columns.map(({ name }) => encodeText(name)).join(',')}\r\n`;
}

/** Makes the writer of a table's lines; it takes cells in the order of the columns and ends the line with CRLF. */
export function csvLines(columns: readonly Column[]): (rows: readonly (readonly Cell[])[]) => string {
  const encoders = columns.map(({ type }) =>
    type === 'number' ? encodeNumber : type === 'time' ? encodeTime : encodeText,
  );
  // Joined rather than added up: a text made of many small ones costs more to write out than to make.
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

/** Exactly as stored. A question that once took text may have left some: that is guarded like any text. */
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
