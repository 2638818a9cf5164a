/** Writes rows in place and adds rows at the end. No row is moved, and no key of a row is overwritten. */
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js';
import { MAX_CELLS, REQUEST_BYTES } from '../shared/google/cells.ts';
import type { GoogleSheets, SheetCell, Spreadsheet } from '../shared/google/google-client.ts';
import { TransientError } from '../shared/retry.ts';
import { isSameOrder, keyRange, readKeys, toKeys, type Keys } from './keys.ts';
import { checkCells, formatRequests, headerRange, rangeOf, type Layout } from './layout.ts';
import type { OpenSheet } from './open-tab.ts';
import type { LiveRow, Target } from './target.ts';

/** Rows that are added to a grid that is full, so that it is seldom enlarged. */
const SPARE_ROWS = 1_000;
const APPEND_TRIES = 6;
const APPEND_PAUSE_MS = 2_000;
/** Bytes of a range in a request besides its cells. */
const RANGE_BYTES = 200;
/** Bytes of a new cell in a request besides its value. */
const CELL_BYTES = 50;

interface RangeValues {
  range: string;
  values: SheetCell[][];
}

/** The written cells, with the keys and headers at that time, for `readAgain`. */
export interface Written {
  keys: Keys;
  headers: readonly string[];
  ranges: readonly RangeValues[];
}

/**
 * Writes Collect's cells of rows that are in the sheet, in as few requests as Google's limit of a request allows.
 *
 * The cell with the key stays unchanged. If a person sorts the rows at this moment, Collect's cells of other rows are
 * overwritten, which `readAgain` notices; their keys, and what people have written beside them, stay with their rows.
 */
export async function updateRows(
  google: GoogleSheets,
  { spreadsheetId }: Target,
  layout: Layout,
  keys: Keys,
  rows: readonly LiveRow[],
): Promise<Written> {
  const placed = rows
    .flatMap(({ id, cells }) => {
      const row = keys.rows.get(id);
      return row === undefined ? [] : [{ row, cells }];
    })
    .toSorted((one, other) => one.row - other.row);
  const ranges: RangeValues[] = [];
  for (const block of blocksOf(placed)) {
    for (const { start, indexes } of layout.runs) {
      const last = block.first + block.rows.length - 1;
      const values = block.rows.map((cells) => indexes.map((index) => cells[index] ?? ''));
      ranges.push({ range: rangeOf(layout.tab, start, start + indexes.length - 1, block.first, last), values });
    }
  }
  for (const part of cutByBytes(ranges, (each) => RANGE_BYTES + Buffer.byteLength(JSON.stringify(each.values)))) {
    await google.writeRanges(spreadsheetId, part);
  }
  return { keys, headers: layout.headers, ranges };
}

/** Max bytes of a range, so that the parts of a request can be cut finely. */
const BLOCK_BYTES = REQUEST_BYTES / 20;

/** Neighbouring rows. */
function blocksOf(placed: readonly { row: number; cells: readonly SheetCell[] }[]) {
  const blocks: { first: number; rows: (readonly SheetCell[])[] }[] = [];
  let bytes = 0;
  for (const { row, cells } of placed) {
    const last = blocks.at(-1);
    const size = Buffer.byteLength(JSON.stringify(cells));
    bytes += size;
    if (last !== undefined && last.first + last.rows.length === row && bytes <= BLOCK_BYTES) last.rows.push(cells);
    else {
      blocks.push({ first: row, rows: [cells] });
      bytes = size;
    }
  }
  return blocks;
}

function cutByBytes<Thing>(things: readonly Thing[], bytesOf: (thing: Thing) => number): Thing[][] {
  const parts: Thing[][] = [];
  let bytes = Infinity;
  for (const thing of things) {
    const size = bytesOf(thing);
    bytes += size;
    if (bytes > REQUEST_BYTES) {
      parts.push([]);
      bytes = size + RANGE_BYTES;
    }
    parts.at(-1)?.push(thing);
  }
  return parts;
}

/**
 * Reads the keys, the headers and the written cells again.
 *
 * @returns the current keys, whether rows or columns have moved, and whether cells differ from what was written
 */
export async function readAgain(
  google: GoogleSheets,
  { spreadsheetId }: Target,
  layout: Layout,
  { keys, headers, ranges }: Written,
): Promise<{ keys: Keys; moved: boolean; differs: boolean }> {
  const asked = [keyRange(layout), headerRange(layout.tab), ...ranges.map(({ range }) => range)];
  const [column = [], [row = []] = [], ...cells] = await google.readValues(spreadsheetId, asked);
  const after = toKeys(column);
  const hasHeaders = headers.every((header, index) => header === String(row[index] ?? ''));
  const isWritten = ranges.every(({ values }, at) =>
    values.every((each, line) => each.every((cell, index) => cell === (cells[at]?.[line]?.[index] ?? ''))),
  );
  return { keys: after, moved: !isSameOrder(keys, after) || !hasHeaders, differs: !isWritten };
}

/**
 * Adds rows below the last one. Google chooses the place, so no row is overwritten even if a person inserts rows meanwhile. A
 * request whose outcome is unknown is not repeated before the keys show which rows are missing.
 *
 * @returns the current keys
 * @throws {TransientError} if Google fails again and again
 */
export async function appendRows(
  google: GoogleSheets,
  target: Target,
  { spreadsheet, layout }: OpenSheet,
  rows: readonly LiveRow[],
  wait: (milliseconds: number) => Promise<void>,
): Promise<Keys> {
  const { spreadsheetId } = target;
  let grid = spreadsheet;
  let keys = await readKeys(google, spreadsheetId, layout);
  for (const part of cutByBytes(
    rows,
    ({ cells }) => Buffer.byteLength(JSON.stringify(cells)) + cells.length * CELL_BYTES,
  )) {
    for (let attempt = 1; ; attempt += 1) {
      const missing = part.filter(({ id }) => !keys.rows.has(id));
      if (missing.length === 0) break;
      try {
        const requests = appendRequests(target, grid, layout, keys.inOrder.length + 1, missing);
        await google.changeOnce(spreadsheetId, requests);
        if (requests.length > 1) grid = await google.read(spreadsheetId);
      } catch (error) {
        if (!(error instanceof TransientError) || attempt >= APPEND_TRIES) throw error;
        await wait(Math.max(error.retryAfterMs, APPEND_PAUSE_MS * attempt));
        grid = await google.read(spreadsheetId);
      }
      keys = await readKeys(google, spreadsheetId, layout);
    }
  }
  return keys;
}

/** @param used the rows that the tab uses, the headers included */
function appendRequests(
  { columns }: Target,
  spreadsheet: Spreadsheet,
  layout: Layout,
  used: number,
  rows: readonly LiveRow[],
): sheets_v4.Schema$Request[] {
  const { places, headers } = layout;
  const tab = spreadsheet.tabs.find((each) => each.sheetId === layout.tab.sheetId) ?? layout.tab;
  const { sheetId } = tab;
  const width = Math.max(...places) + 1;
  const values = rows.map(({ cells }) => {
    const line: sheets_v4.Schema$CellData[] = Array.from({ length: width }, () => ({}));
    for (const [index, place] of places.entries()) {
      const cell = cells[index] ?? '';
      if (cell === '') continue;
      line[place] = { userEnteredValue: typeof cell === 'number' ? { numberValue: cell } : { stringValue: cell } };
    }
    return { values: line };
  });
  const append = { appendCells: { sheetId, rows: values, fields: 'userEnteredValue' } };
  const lacking = used + rows.length - tab.rows;
  if (lacking <= 0) return [append];
  checkCells(spreadsheet, lacking * tab.columns);
  const cells = spreadsheet.tabs.reduce((sum, each) => sum + each.rows * each.columns, 0);
  const length = cells + (lacking + SPARE_ROWS) * tab.columns > MAX_CELLS ? lacking : lacking + SPARE_ROWS;
  const formats = formatRequests(
    tab,
    columns.map((column, index) => ({ ...column, place: places[index] ?? headers.length })),
    { from: tab.rows, to: tab.rows + length },
  );
  return [{ appendDimension: { sheetId, dimension: 'ROWS', length } }, ...formats, append];
}
