import type { Kysely } from 'kysely';
import type { Cell, Column, ExportBound, ExportFilter } from '../contract.ts';
import type { Schema } from '../database/schema.ts';

/** Rows a statement; a page is made of as many statements as its bytes allow. */
export const ROWS_PER_STATEMENT = 1_000;

/**
 * The bytes of stored text after which a page ends. Smaller than a reply may be: a page is in memory several times over
 * on its way, and the worker fetches the next one while it writes this one.
 */
export const EXPORT_PAGE_BYTES = 2_000_000;

export interface Page {
  rows: Cell[][];
  /** Where the next page starts after; null after the last. */
  next: number | null;
}

/** Something that can be exported. Its pages are keyset pages over an id that only grows. */
export interface Table {
  readonly name: string;
  readonly kind: 'form' | 'system';
  readonly title: string;
  readonly columns: readonly Column[];
  /** The Google spreadsheet that its exports go to when a request names none. */
  readonly spreadsheetId: string | null;
  /** How many rows there are now, or, for a table that a filter narrows, at most. */
  count: (db: Kysely<Schema>, bound: ExportBound, filter: ExportFilter) => Promise<number>;
  page: (db: Kysely<Schema>, bound: ExportBound, filter: ExportFilter, after: number) => Promise<Page>;
}
