/**
 * A1 notation, as the Sheets API reads and writes it
 * (https://developers.google.com/workspace/sheets/api/guides/concepts#cell).
 * Rows and columns inside this program count from 0 and ends are exclusive, as in the API's GridRange.
 */

/** A rectangle of cells; an end left out reaches as far as the grid does. */
export interface Box {
  startRow: number;
  endRow?: number;
  startColumn: number;
  endColumn?: number;
}

export interface A1Range {
  /** The tab's title; undefined is the first tab. */
  title?: string;
  box: Box;
  /** The text names one cell, as `A1` does: a write may begin there and be of any size. */
  isOneCell: boolean;
}

/** Of A1 or R1C1 notation: a title that looks like one is quoted. */
const LIKE_A_CELL = /^(?:[A-Z]{1,3}\d+|R\d*C\d*)$/i;

interface Corner {
  column?: number;
  row?: number;
}

const WHOLE_TAB: Box = { startRow: 0, startColumn: 0 };
const QUOTED = /^'((?:[^']|'')+)'(?:!(.+))?$/su;
/** "Single quotes are required for sheet names with spaces or special characters." */
const PLAIN_TITLE = /^[\p{L}\p{N}_.]+$/u;

/**
 * Reads `Sheet1!A1:B2`, `'it''s'!A:C`, `1:3`, `A5:B`, `Sheet1`, `'a tab'`.
 * @returns undefined when the text is none of them.
 */
export function parseA1(text: string): A1Range | undefined {
  const quoted = QUOTED.exec(text);
  if (quoted !== null) return onTab((quoted[1] ?? '').replaceAll("''", "'"), quoted[2]);
  const mark = text.indexOf('!');
  if (mark === -1) return parseCells(text) ?? (PLAIN_TITLE.test(text) ? onTab(text, undefined) : undefined);
  const title = text.slice(0, mark);
  return PLAIN_TITLE.test(title) ? onTab(title, text.slice(mark + 1)) : undefined;
}

/** Writes a box of a tab in A1 notation, with quotes round a title that needs them. */
export function formatA1(title: string, box: Box): string {
  const { startRow, endRow, startColumn, endColumn } = box;
  const tab = quoteTitle(title);
  if (endRow === undefined && endColumn === undefined && startRow === 0 && startColumn === 0) return tab;
  if (endColumn === undefined && startColumn === 0 && endRow !== undefined) return `${tab}!${startRow + 1}:${endRow}`;
  const start = `${columnName(startColumn)}${endRow === undefined && startRow === 0 ? '' : startRow + 1}`;
  const end = `${endColumn === undefined ? '' : columnName(endColumn - 1)}${endRow ?? ''}`;
  return end === '' || (start === end && endRow !== undefined) ? `${tab}!${start}` : `${tab}!${start}:${end}`;
}

/** 0 is A, 25 is Z, 26 is AA. */
export function columnName(column: number): string {
  const letter = String.fromCodePoint(65 + (column % 26));
  return column < 26 ? letter : columnName(Math.floor(column / 26) - 1) + letter;
}

function onTab(title: string, cells: string | undefined): A1Range | undefined {
  if (cells === undefined) return { title, box: WHOLE_TAB, isOneCell: false };
  const parsed = parseCells(cells);
  return parsed === undefined ? undefined : { ...parsed, title };
}

function parseCells(text: string): A1Range | undefined {
  const parts = text.split(':');
  const corners = parts.map(parseCorner);
  const [first, second] = corners;
  if (first === undefined || parts.length > 2) return undefined;
  if (parts.length === 1) {
    if (first.row === undefined || first.column === undefined) return undefined;
    return { box: boxOf(first, first), isOneCell: true };
  }
  if (second === undefined) return undefined;
  // `A5:B` runs to the last row, `A5:7` to the last column; the open side may only be the second.
  if (first.row === undefined && second.row !== undefined) return undefined;
  if (first.column === undefined && second.column !== undefined) return undefined;
  if (second.row === undefined && second.column === undefined) return undefined;
  return { box: boxOf(first, second), isOneCell: false };
}

function parseCorner(text: string): Corner | undefined {
  const match = /^([A-Za-z]{1,3})?([1-9]\d{0,8})?$/.exec(text);
  if (match === null || text === '') return undefined;
  const [, letters, digits] = match;
  const corner: Corner = {};
  if (letters !== undefined) corner.column = columnIndex(letters);
  if (digits !== undefined) corner.row = Number(digits) - 1;
  return corner;
}

/** The corners may come in any order: `B2:A1` is `A1:B2`. */
function boxOf(first: Corner, second: Corner): Box {
  const rows = span(first.row, second.row);
  const columns = span(first.column, second.column);
  const box: Box = { startRow: rows.start, startColumn: columns.start };
  if (rows.end !== undefined) box.endRow = rows.end;
  if (columns.end !== undefined) box.endColumn = columns.end;
  return box;
}

function span(first: number | undefined, second: number | undefined): { start: number; end?: number } {
  if (first === undefined) return { start: 0 };
  if (second === undefined) return { start: first };
  return { start: Math.min(first, second), end: Math.max(first, second) + 1 };
}

function columnIndex(letters: string): number {
  let index = 0;
  for (const letter of letters.toUpperCase()) index = index * 26 + ((letter.codePointAt(0) ?? 65) - 64);
  return index - 1;
}

function quoteTitle(title: string): string {
  const isPlain = /^[A-Za-z_]\w*$/.test(title) && !LIKE_A_CELL.test(title);
  return isPlain ? title : `'${title.replaceAll("'", "''")}'`;
}
