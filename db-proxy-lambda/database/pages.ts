import { PAGE_BYTES } from '../contract.ts';

/** Bytes of a row in a reply besides its large columns: keys, ids, times, punctuation. */
const ROW_OVERHEAD_BYTES = 600;

/** Rows that the first statement of a page reads: the size of the rows is still unknown. */
const FIRST_ROWS = 50;
/** Max factor by which the number of rows grows from one statement to the next. */
const GROWTH = 8;
const MAX_ROWS = 500;

/**
 * Cuts a list into a page and the position that the next page starts after.
 *
 * @param rows up to one more than `limit`: an extra row shows that there are more
 */
export function cutPage<Row, Position>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => Position,
): { items: Row[]; next: Position | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? positionOf(last) : null };
}

/** How to read the rows of a page whose keys are known. */
interface RowsByKey<Name, Row> {
  /** Reads the rows with these names, in any order. Rows that were deleted since are left out. */
  read: (names: Name[]) => Promise<readonly Row[]>;
  /** Equals the name of the row's key. */
  nameOf: (row: Row) => Name;
  bytesOf: (row: Row) => number;
}

/**
 * Reads a page by its keys, part by part, until it has `limit` rows or PAGE_BYTES; at least one row.
 *
 * Lists sort keys first and then fetch the rows, because MySQL sorts whole rows and fails (error 1038) if one is larger than
 * its sort buffer, 256 KB.
 *
 * @param keys in the order of the list, up to one more than `limit`: an extra key shows that there are more
 * @returns `next`: the key that the next page starts after, or null after the last page
 */
export async function readByKeys<Key, Name extends string | number, Row>(
  keys: readonly Key[],
  limit: number,
  nameOfKey: (key: Key) => Name,
  { read, nameOf, bytesOf }: RowsByKey<Name, Row>,
): Promise<{ page: Row[]; next: Key | null }> {
  const page: Row[] = [];
  let bytes = 0;
  let last: Key | null = null;
  let count = FIRST_ROWS;
  for (let start = 0; start < Math.min(keys.length, limit);) {
    const part = keys.slice(start, Math.min(start + count, limit));
    const rows = new Map((await read(part.map(nameOfKey))).map((row) => [nameOf(row), row]));
    for (const key of part) {
      const row = rows.get(nameOfKey(key));
      if (row !== undefined) {
        bytes += bytesOf(row) + ROW_OVERHEAD_BYTES;
        if (bytes > PAGE_BYTES && page.length > 0) return { page, next: last };
        page.push(row);
      }
      last = key;
    }
    start += count;
    count = Math.min(count * GROWTH, MAX_ROWS);
  }
  return { page, next: keys.length > limit ? last : null };
}
