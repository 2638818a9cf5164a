/**
 * A1 notation (https://developers.google.com/workspace/sheets/api/guides/concepts#cell), in the forms that Collect writes.
 * Rows and columns count from 0 and ends are exclusive, as in the API's GridRange.
 */

/** A rectangle of cells. */
export interface Box {
  startRow: number;
  endRow: number;
  startColumn: number;
  endColumn: number;
}

const RANGE =
  /^(?:'((?:[^']|'')+)'|([A-Za-z_]\w*))!(?:([A-Z]{1,3})([1-9]\d{0,7})(?::([A-Z]{1,3})([1-9]\d{0,7})?)?|([1-9]\d{0,7}):([1-9]\d{0,7}))$/su;

/**
 * Reads `Sheet1!A1`, `Sheet1!A1:B2` and `'it''s'!A1:B2`; `Sheet1!A2:B`, which ends with the last row of the grid, and
 * `Sheet1!1:1`, which ends with its last column: those ends are Infinity.
 * @returns undefined when the text is not such a range
 */
export function parseA1(text: string): { title: string; box: Box } | undefined {
  const match = RANGE.exec(text);
  if (match === null) return undefined;
  const [, quoted, plain = '', left, top = '', right, bottom, firstRow, lastRow] = match;
  const box: Box =
    left === undefined
      ? { startRow: Number(firstRow) - 1, endRow: Number(lastRow), startColumn: 0, endColumn: Infinity }
      : {
          startRow: Number(top) - 1,
          endRow: bottom === undefined && right !== undefined ? Infinity : Number(bottom ?? top),
          startColumn: columnNumber(left) - 1,
          endColumn: columnNumber(right ?? left),
        };
  if (box.endRow <= box.startRow || box.endColumn <= box.startColumn) return undefined;
  return { title: quoted?.replaceAll("''", "'") ?? plain, box };
}

/** 0 is A, 25 is Z, 26 is AA. */
export function columnName(column: number): string {
  const letter = String.fromCodePoint(65 + (column % 26));
  return column < 26 ? letter : columnName(Math.floor(column / 26) - 1) + letter;
}

/** A is 1, Z is 26, AA is 27. */
function columnNumber(letters: string): number {
  return letters.split('').reduce((number, letter) => number * 26 + (letter.codePointAt(0) ?? 0) - 64, 0);
}
