/** What the proxy needs of a database. Everything in which MySQL and SQLite differ is behind this interface. */
import type { AliasedExpression, ColumnDataType, CreateTableBuilder, Expression, Kysely } from 'kysely';
import type { ErrorCode } from '../contract.ts';
import type { Schema } from './schema.ts';

type ColumnType = ColumnDataType | Expression<unknown>;

interface ColumnTypes {
  /** A number that the database assigns, ascending. */
  ascendingId: ColumnType;
  /** A column that refers to such a number. */
  reference: ColumnType;
  /** Text of at most `length` characters, compared by code point: case and accents count. */
  text: (length: number) => ColumnType;
  /** The same for text that is always ASCII: our own ids, times, hashes. */
  ascii: (length: number) => ColumnType;
  /** JSON. `keepJsonAsText` turns it into text later: MySQL's own type reorders keys and rewrites numbers. */
  json: ColumnType;
}

/**
 * What a driver's error means. `DUPLICATE_KEY` (a row), `ALREADY_EXISTS` (an index or a column) and `CONNECTION_LOST` (one
 * that was open; the next may work) never leave the proxy.
 */
export type DatabaseErrorKind = ErrorCode | 'DUPLICATE_KEY' | 'ALREADY_EXISTS' | 'CONNECTION_LOST';

export interface Database {
  /** For `ping` and tests. Code that must tell the databases apart asks for one of the capabilities below. */
  readonly kind: 'mysql' | 'sqlite';
  /** `forUpdate()` and `forShare()` lock rows until the transaction ends; SQLite needs no locks and leaves them out. */
  readonly db: Kysely<Schema>;
  readonly columnTypes: ColumnTypes;
  /** Adds a new table's engine and character set, where the database has them. */
  withTableOptions: <T extends string>(table: CreateTableBuilder<T>) => CreateTableBuilder<T>;
  /** Turns JSON columns of a table into text that keeps what was written and must be valid JSON. Idempotent. */
  keepJsonAsText: (db: Kysely<Schema>, table: string, columns: readonly string[]) => Promise<void>;
  /** Whether JSON columns reordered keys before `keepJsonAsText`. */
  readonly reordersJson: boolean;
  /** The end of an insert: where a row with this key is stored already, these columns of it are overwritten. */
  upsert: (key: readonly string[], columns: readonly string[]) => Expression<unknown>;
  /**
   * A table to select from by this index, or by its `primary` key. Keyset pages need it: an optimizer that takes
   * `order by ... limit` for cheap does not always choose the index itself.
   */
  tableBy: <T extends keyof Schema>(table: T, index: string) => AliasedExpression<Schema[T], T>;
  /**
   * Milliseconds from the time of a write until its first row is written, committed or not. Covers the way to the database
   * and clocks that differ.
   */
  readonly settleMs: number;
  /** Runs one query that also sees uncommitted writes. */
  readUncommitted: <T>(read: (db: Kysely<Schema>) => Promise<T>) => Promise<T>;
  /** The number of elements of the JSON list in a column. */
  jsonLength: (column: string) => Expression<number>;
  /** Tells what an error of the driver means; `INTERNAL` for an unknown one. */
  errorKind: (error: unknown) => DatabaseErrorKind;
  close: () => Promise<void>;
}
