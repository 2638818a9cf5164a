import type { Kysely } from 'kysely';
import type { Cell, Column, ExportBound, ExportFilter } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';

/**
 * The bytes of stored text after which a page ends. Smaller than a reply may be: a page is in memory several times over
 * on its way, the worker fetches the next one while it writes this one, and JSON that travels as text in JSON can take
 * twice its bytes.
 */
export const EXPORT_PAGE_BYTES = 2_000_000;

/** What a table reads from: a database, or a transaction of one. */
export type Source = Pick<Database, 'responsesBy' | 'jsonLength'> & { db: Kysely<Schema> };

export interface Page {
  rows: Cell[][];
  /** Where the next page starts after, in the table's own words; null after the last. */
  next: string | null;
}

/** Something that can be exported. Its pages are keyset pages over a unique order that never changes. */
export interface Table {
  readonly name: string;
  readonly kind: 'form' | 'system';
  readonly title: string;
  readonly columns: readonly Column[];
  /** The Google spreadsheet that its exports go to when a request names none. */
  readonly spreadsheetId: string | null;
  /** How many rows there are now, or, for a table that a filter narrows, at most. */
  count: (source: Source, bound: ExportBound, filter: ExportFilter) => Promise<number>;
  page: (source: Source, bound: ExportBound, filter: ExportFilter, after: string | null) => Promise<Page>;
}
