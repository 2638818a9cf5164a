/**
 * Rows per insert. Measured on MariaDB, two cores: 500-row statements store 16,000 to 17,000 responses a second. Larger
 * statements are not faster. A single JSON parameter, unpacked by JSON_TABLE, stores 8,000 to 8,600.
 */
export const ROWS_PER_STATEMENT = 500;

/** Max ids per lookup; longer IN lists cause full scans that lock every row. */
export const IDS_PER_LOOKUP = 100;

/** Splits a list into parts of at most `size`. */
export function inChunks<Thing>(things: readonly Thing[], size: number): Thing[][] {
  return Array.from({ length: Math.ceil(things.length / size) }, (_, index) =>
    things.slice(index * size, (index + 1) * size),
  );
}
