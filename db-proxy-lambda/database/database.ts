/** What the proxy needs of a database. Everything in which MySQL and SQLite differ is behind this interface. */
import type { AliasedExpression, ColumnDataType, CreateTableBuilder, Expression, Kysely } from 'kysely';
import type { ErrorCode } from '../contract.ts';
import type { Schema } from './schema.ts';
import type { ResponsesTable } from '../responses/rows.ts';

export interface ColumnTypes {
  /** A number that the database assigns, ascending. */
  ascendingId: ColumnDataType | Expression<unknown>;
  /** A column that refers to such a number. */
  reference: ColumnDataType | Expression<unknown>;
  /** Text of at most `length` characters in which case, accents and bytes count. */
  text: (length: number) => ColumnDataType | Expression<unknown>;
  /** The same for text that is ASCII by construction: ids of ours, times, hashes. */
  ascii: (length: number) => ColumnDataType | Expression<unknown>;
  /** JSON, to be made text by `keepJsonAsText`: MySQL's own type reorders keys and rewrites numbers. */
  json: ColumnDataType | Expression<unknown>;
}

/** `id` is the primary key; the others are named after their index (migrations/0001-responses.ts). */
export type ResponsesIndex = 'id' | 'responses_by_form' | 'responses_by_change';

/**
 * What a driver's error means. `DUPLICATE_KEY` (a row), `ALREADY_EXISTS` (an index or a column) and `CONNECTION_LOST` (one that was
 * open; the next may be fine) never leave the proxy.
 */
export type DatabaseErrorKind = ErrorCode | 'DUPLICATE_KEY' | 'ALREADY_EXISTS' | 'CONNECTION_LOST';

export interface Database {
  readonly kind: 'mysql' | 'sqlite';
  readonly db: Kysely<Schema>;
  readonly columnTypes: ColumnTypes;
  /** Engine and character set of a new table, where the database has such a thing. */
  withTableOptions: <T extends string>(table: CreateTableBuilder<T>) => CreateTableBuilder<T>;
  /**
   * Makes JSON columns of a table text that keeps what was written and must be valid JSON; does nothing where they are.
   */
  keepJsonAsText: (db: Kysely<Schema>, table: string, columns: readonly string[]) => Promise<void>;
  /**
   * The end of an insert: where a row with this key is stored already, these columns of it take the values that were to
   * be inserted. Every other column keeps its value.
   */
  upsert: (key: readonly string[], columns: readonly string[]) => Expression<unknown>;
  /**
   * The responses, read by this index: what keyset pages need, and what an optimizer that takes `order by ... limit` for
   * cheap does not always choose by itself.
   */
  responsesBy: (index: ResponsesIndex) => AliasedExpression<ResponsesTable, 'responses'>;
  /**
   * So long after the time of a write, in milliseconds, its first row is written, committed or not. It covers the way to the
   * database and clocks that differ.
   */
  readonly settleMs: number;
  /** Runs one query that also sees what others have written and not committed yet. */
  readUncommitted: <T>(read: (db: Kysely<Schema>) => Promise<T>) => Promise<T>;
  /** How many elements the JSON list in a column has. */
  jsonLength: (column: string) => Expression<number>;
  /** Tells what an error thrown by the driver means; `INTERNAL` when it is none that we know. */
  errorKind: (error: unknown) => DatabaseErrorKind;
  close: () => Promise<void>;
}
