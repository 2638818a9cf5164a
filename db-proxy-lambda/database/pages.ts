import { PAGE_BYTES } from '../contract.ts';

/** What the frame of a row adds to its columns in a reply: keys, ids, times, punctuation. */
const ROW_OVERHEAD_BYTES = 600;

/** Rows of a page's first statement: how large they are is not known before. */
const FIRST_ROWS = 50;
/** A statement has at most so many times the rows of the one before. */
const GROWTH = 8;
const MOST_ROWS = 500;

/**
 * Cuts a page at `limit` rows and at the contract's bytes, whichever comes first; at least one row.
 * The query behind it fetches one row more than `limit`, which tells whether there is more.
 */
export function cutByBytes<Row>(
  rows: readonly Row[],
  limit: number,
  bytesOf: (row: Row) => number,
): { page: Row[]; more: boolean } {
  let bytes = 0;
  let length = 0;
  for (const row of rows.slice(0, limit)) {
    bytes += bytesOf(row) + ROW_OVERHEAD_BYTES;
    if (bytes > PAGE_BYTES && length > 0) break;
    length += 1;
  }
  return { page: rows.slice(0, length), more: rows.length > length };
}

/** How rows are found by the keys that a list asked for first. */
export interface RowsByKey<Key, Row> {
  /** The rows of some keys, in any order; one that is gone by then is left out. */
  read: (keys: readonly Key[]) => Promise<readonly Row[]>;
  /** What is equal where a row is a key's. */
  nameOf: (keyOrRow: Key | Row) => string | number;
  bytesOf: (row: Row) => number;
  most?: number;
}

/**
 * Reads a page by its keys, part by part, until it has `limit` rows or `most` bytes; at least one row.
 *
 * Lists sort keys and fetch the rows by them, because MySQL sorts whole rows and fails (error 1038) where one is larger
 * than its sort buffer, 256 KB.
 *
 * @param keys in the order of the list; one more than `limit` tells that there is more
 * @returns `last`, the key that the page ends with: the next page begins after it
 */
export async function readByKeys<Key, Row>(
  keys: readonly Key[],
  limit: number,
  { read, nameOf, bytesOf, most = PAGE_BYTES }: RowsByKey<Key, Row>,
): Promise<{ page: Row[]; last: Key | undefined; more: boolean }> {
  const asked = keys.slice(0, limit);
  const page: Row[] = [];
  let bytes = 0;
  let last: Key | undefined;
  for (
    let start = 0, count = FIRST_ROWS;
    start < asked.length;
    start += count, count = Math.min(count * GROWTH, MOST_ROWS)
  ) {
    const part = asked.slice(start, start + count);
    const rows = new Map((await read(part)).map((row) => [nameOf(row), row]));
    for (const key of part) {
      const row = rows.get(nameOf(key));
      if (row !== undefined) {
        bytes += bytesOf(row) + ROW_OVERHEAD_BYTES;
        if (bytes > most && page.length > 0) return { page, last, more: true };
        page.push(row);
      }
      last = key;
    }
  }
  return { page, last, more: keys.length > limit };
}
