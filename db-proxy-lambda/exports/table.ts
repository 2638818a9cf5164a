import type { Kysely } from 'kysely';
import type { Cell, Column, ExportBound, StoredRevision } from '../contract.ts';
import type { ExportFilter } from './contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import type { WrittenTable } from './table-queries.ts';

/** A database, or a transaction of a database, that a table is read from. */
export type Source = Pick<Database, 'tableWithIndex' | 'jsonLength' | 'countEntries'> & { db: Kysely<Schema> };

interface Page {
  rows: Cell[][];
  /** The position that the next page starts after, in the table's own format; null after the last page. */
  next: string | null;
}

/** A table that can be exported. Its pages are keyset pages over a unique order that never changes. */
export interface Table {
  readonly name: string;
  readonly kind: 'form' | 'repeat' | 'system';
  readonly title: string;
  readonly columns: readonly Column[];
  /** The Google spreadsheet for requests that name none. */
  readonly spreadsheetId: string | null;
  /** The database table whose open writes must end before the bound is valid. */
  readonly written: WrittenTable;
  /** The current number of rows, or an estimate; an upper bound if a filter is applied after reading. */
  count: (source: Source, bound: ExportBound, filter: ExportFilter) => Promise<number>;
  page: (source: Source, bound: ExportBound, filter: ExportFilter, after: string | null) => Promise<Page>;
}

/** A column of a system table, and how to read its cell from a row. */
export type CellReader<Row> = readonly [name: string, type: Column['type'], cell: (row: Row) => Cell];

/** Completes a system table from its columns. */
export function systemTable<Row>(
  {
    name,
    title,
    columns,
    written,
  }: Pick<Table, 'name' | 'title' | 'written'> & { columns: readonly CellReader<Row>[] },
  read: (toCells: (row: Row) => Cell[]) => Pick<Table, 'count' | 'page'>,
): Table {
  return {
    name,
    kind: 'system',
    spreadsheetId: null,
    title,
    written,
    columns: columns.map(([column, type]) => ({ name: column, type })),
    ...read((row) => columns.map(([, , cell]) => cell(row))),
  };
}

/** The members that a filter compares. Only responses have a status, so a filter by status excludes all other rows. */
export interface RowState {
  status?: StoredRevision['status'];
  saved_at: string;
}

/** The rows to include: those with this status, or one of these, that were saved at this time or later. */
export interface RowFilter {
  status?: RowState['status'] | readonly StoredRevision['status'][];
  updated_since?: string | undefined;
}

export function matches(state: RowState, { status, updated_since: since }: RowFilter): boolean {
  if (since !== undefined && state.saved_at < since) return false;
  if (status === undefined || typeof status === 'string') return status === undefined || state.status === status;
  return state.status !== undefined && status.includes(state.status);
}
