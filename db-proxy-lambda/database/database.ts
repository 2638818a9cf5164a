/** The interface to the database. It hides every difference between MySQL and SQLite. */
import type { AliasedExpression, ColumnDataType, CreateTableBuilder, Expression, Kysely, SqlBool } from 'kysely';
import type { ErrorCode } from '../contract.ts';
import type { Lists } from './json-lists.ts';
import type { Schema } from './schema.ts';

type ColumnType = ColumnDataType | Expression<unknown>;

interface ColumnTypes {
  /** A number that the database assigns, ascending. */
  ascendingId: ColumnType;
  /** A column that refers to such a number. */
  reference: ColumnType;
  /** Text of at most `length` characters, compared by code point: case and accents count. */
  text: (length: number) => ColumnType;
  /** The same for text that is always ASCII: generated ids, times, hashes. */
  ascii: (length: number) => ColumnType;
  /** JSON. `keepJsonAsText` turns it into text later: MySQL's own type reorders keys and rewrites numbers. */
  json: ColumnType;
}

/**
 * The kinds of driver errors. `DUPLICATE_KEY` (a row), `ALREADY_EXISTS` (an index or a column) and `CONNECTION_LOST` (an
 * open connection broke; a new one may work) are never returned to callers.
 */
export type DatabaseErrorKind = ErrorCode | 'DUPLICATE_KEY' | 'ALREADY_EXISTS' | 'CONNECTION_LOST';

export interface Database {
  /** For `ping` and tests. Other code uses the capabilities below. */
  readonly kind: 'mysql' | 'sqlite';
  /** `forUpdate()` and `forShare()` lock rows until the transaction ends; SQLite needs no locks and leaves them out. */
  readonly db: Kysely<Schema>;
  readonly columnTypes: ColumnTypes;
  /** Adds a new table's engine and character set, where the database has them. */
  withTableOptions: <T extends string>(table: CreateTableBuilder<T>) => CreateTableBuilder<T>;
  /** Turns JSON columns of a table into text columns that accept only valid JSON and return it as written. Idempotent. */
  keepJsonAsText: (db: Kysely<Schema>, table: string, columns: readonly string[]) => Promise<void>;
  /** Gives a column of text that is not null another type, with room for longer text. Idempotent. */
  widenText: (db: Kysely<Schema>, table: string, column: string, type: ColumnType) => Promise<void>;
  /**
   * Makes the database use each id of a table only once, even after its row was deleted. A table that reused ids before
   * loses its indexes. Idempotent.
   */
  neverReuseIds: (db: Kysely<Schema>, table: string) => Promise<void>;
  /** Whether JSON columns reordered keys before `keepJsonAsText`. */
  readonly reordersJson: boolean;
  /** The upsert clause of an insert: if a row with this key exists, these columns are overwritten. */
  upsert: (key: readonly string[], columns: readonly string[]) => Expression<unknown>;
  /** The clause of an insert: if a row with this key exists, these columns grow by the inserted values. */
  addUp: (key: readonly string[], columns: readonly string[]) => Expression<unknown>;
  /**
   * A table to select from by this index, or by its `primary` key. Keyset pages need it: the optimizer may choose another
   * index for `order by ... limit`.
   */
  tableWithIndex: <T extends keyof Schema>(table: T, index: string) => AliasedExpression<Schema[T], T>;
  /**
   * Max milliseconds from the timestamp of a write until the write's first row is in the database, committed or not. Covers
   * network latency and clock differences.
   */
  readonly settleMs: number;
  /** Runs one query that also sees uncommitted writes. */
  readUncommitted: <T>(read: (db: Kysely<Schema>) => Promise<T>) => Promise<T>;
  /** Whether a column contains a text, ignoring case. Some databases ignore accents too. */
  containsText: (column: string, text: string) => Expression<SqlBool>;
  /** The number of elements of the JSON list in a column. */
  jsonLength: (column: string) => Expression<number>;
  /** The number of entries of the lists with these keys in the JSON of a column. A value that is not a list has none. */
  countEntries: (column: string, lists: Lists) => Expression<number>;
  /** Classifies an error of the driver; `INTERNAL` for an unknown one. */
  errorKind: (error: unknown) => DatabaseErrorKind;
  close: () => Promise<void>;
}
