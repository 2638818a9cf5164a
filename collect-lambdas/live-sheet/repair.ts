/** Compares a whole sheet with its table, and writes what differs. */
import { hash } from 'node:crypto';
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js';
import { REQUEST_BYTES } from '../shared/google/cells.ts';
import type { GoogleSheets, SheetCell, SheetValue } from '../shared/google/google-client.ts';
import { FIRST_ROW, readKeys, type Keys } from './keys.ts';
import { rangeOf, type Layout } from './layout.ts';
import type { OpenSheet } from './open-tab.ts';
import { toLiveRow, type LiveRow, type Target } from './target.ts';
import { appendRows, readAgain, updateRows } from './write-rows.ts';
import type { Cell } from '../../db-proxy-lambda/contract.ts';

/** Max cells of one read request: some MB. */
const CELLS_PER_READ = 200_000;

/** Max copies that one comparison clears. */
const MAX_COPIES = 1_000;

interface Tools {
  google: GoogleSheets;
  wait: (milliseconds: number) => Promise<void>;
  /** The current rows of the table, page by page. */
  pages: () => AsyncIterable<readonly Cell[][]>;
}

/**
 * Makes the sheet equal to the table: writes the rows that differ, adds those that are missing, and clears the copies of
 * rows. Rows whose key is not a response stay unchanged.
 *
 * @returns false if rows or columns moved meanwhile, so that the sheet must be compared again
 */
export async function repairSheet({ google, wait, pages }: Tools, target: Target, open: OpenSheet): Promise<boolean> {
  const { layout } = open;
  const digests = await readDigests(google, target, layout);
  let keys = await readKeys(google, target.spreadsheetId, layout);
  let hasMoved = false;
  let changed: LiveRow[] = [];
  let added: LiveRow[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (changed.length > 0) {
      const again = await readAgain(google, target, layout, await updateRows(google, target, layout, keys, changed));
      hasMoved ||= again.moved;
      keys = again.keys;
    }
    if (added.length > 0) keys = await appendRows(google, target, open, added, wait);
    changed = [];
    added = [];
    bytes = 0;
  };
  for await (const page of pages()) {
    for (const cells of page) {
      const row = toLiveRow(target, cells);
      const isThere = keys.rows.has(row.id);
      if (isThere && digests.get(row.id) === digestOf(layout, row.cells)) continue;
      (isThere ? changed : added).push(row);
      bytes += Buffer.byteLength(JSON.stringify(row.cells));
      if (bytes >= REQUEST_BYTES) await flush();
    }
  }
  await flush();
  const isCleared = await clearCopies(google, target, layout, keys);
  return isCleared && !hasMoved;
}

/** A digest of Collect's cells in each row, by the row's key. */
async function readDigests(google: GoogleSheets, target: Target, layout: Layout): Promise<Map<string, string>> {
  const { tab, keyColumn, runs } = layout;
  const digests = new Map<string, string>();
  const step = Math.max(1, Math.floor(CELLS_PER_READ / target.columns.length));
  const { inOrder } = await readKeys(google, target.spreadsheetId, layout);
  for (let offset = 0; offset < inOrder.length; offset += step) {
    const first = FIRST_ROW + offset;
    const last = Math.min(first + step - 1, inOrder.length + 1);
    const ranges = [
      rangeOf(tab, keyColumn, keyColumn, first, last),
      ...runs.map(({ start, indexes }) => rangeOf(tab, start, start + indexes.length - 1, first, last)),
    ];
    const [keys = [], ...values] = await google.readValues(target.spreadsheetId, ranges);
    for (const [index, [key = '']] of keys.entries()) {
      if (key === '' || digests.has(String(key))) continue;
      const cells: SheetValue[] = target.columns.map(() => '');
      for (const [run, { indexes }] of runs.entries()) {
        for (const [at, column] of indexes.entries()) cells[column] = values[run]?.[index]?.[at] ?? '';
      }
      digests.set(String(key), digestOf(layout, cells));
    }
  }
  return digests;
}

/** The key is left out. */
function digestOf({ runs }: Layout, cells: readonly (SheetCell | SheetValue)[]): string {
  const own = runs.flatMap(({ indexes }) => indexes.map((index) => cells[index]));
  return hash('sha1', JSON.stringify(own), 'base64');
}

/**
 * Clears Collect's cells of rows whose key an earlier row has; the row and what people wrote in it stay. A key is cleared by
 * a replacement that Google makes only where it finds this key, so that no other row can lose its key.
 *
 * @returns false if rows moved meanwhile, so that cells of other rows may have been cleared, or if copies are left
 */
async function clearCopies(
  google: GoogleSheets,
  { spreadsheetId }: Target,
  layout: Layout,
  { copies, inOrder }: Keys,
): Promise<boolean> {
  if (copies.length === 0) return true;
  const some = copies.slice(0, MAX_COPIES);
  const { keyColumn, runs } = layout;
  const { sheetId } = layout.tab;
  const cellsOf = (row: number, start: number, width: number) => ({
    sheetId,
    startRowIndex: row - 1,
    endRowIndex: row,
    startColumnIndex: start,
    endColumnIndex: start + width,
  });
  const requests = some.flatMap(({ key, row }): sheets_v4.Schema$Request[] => [
    ...runs.map(({ start, indexes }) => ({
      repeatCell: { range: cellsOf(row, start, indexes.length), cell: {}, fields: 'userEnteredValue' },
    })),
    {
      findReplace: {
        find: key,
        replacement: '',
        matchCase: true,
        matchEntireCell: true,
        range: cellsOf(row, keyColumn, 1),
      },
    },
  ]);
  await google.change(spreadsheetId, requests);
  const { inOrder: after } = await readKeys(google, spreadsheetId, layout);
  const cleared = new Set(some.map(({ row }) => row - FIRST_ROW));
  const isSame = inOrder.every((key, index) => (cleared.has(index) ? '' : key) === (after[index] ?? ''));
  return isSame && some.length === copies.length;
}
