import { PAGE_BYTES } from '../contract.ts';

/** What the frame of a row adds to its columns in a reply: keys, ids, times, punctuation. */
const ROW_OVERHEAD_BYTES = 600;

/**
 * Cuts a page at `limit` rows and at `most` bytes, unless given the contract's, whichever comes first; at least one row.
 * The query behind it fetches one row more than `limit`, which tells whether there is more.
 */
export function cutByBytes<Row>(
  rows: readonly Row[],
  limit: number,
  bytesOf: (row: Row) => number,
  most = PAGE_BYTES,
): { page: Row[]; more: boolean } {
  let bytes = 0;
  let length = 0;
  for (const row of rows.slice(0, limit)) {
    bytes += bytesOf(row) + ROW_OVERHEAD_BYTES;
    if (bytes > most && length > 0) break;
    length += 1;
  }
  return { page: rows.slice(0, length), more: rows.length > length };
}
