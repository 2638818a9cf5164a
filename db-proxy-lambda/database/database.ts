/** What the proxy needs of a database. Everything in which MySQL and SQLite differ is behind this interface. */
import type { ColumnDataType, CreateTableBuilder, Expression, Kysely } from 'kysely';
import type { ErrorCode } from '../contract.ts';
import type { Schema } from './schema.ts';

export interface ColumnTypes {
  /** A number that the database assigns, ascending. */
  ascendingId: ColumnDataType | Expression<unknown>;
  /** Text of at most `length` characters in which case, accents and bytes count. */
  text: (length: number) => ColumnDataType | Expression<unknown>;
  /** The same for text that is ASCII by construction: ids of ours, times, hashes. */
  ascii: (length: number) => ColumnDataType | Expression<unknown>;
  json: ColumnDataType | Expression<unknown>;
}

/** What a driver's error means. `DUPLICATE_KEY` (a row) and `ALREADY_EXISTS` (an index) never leave the proxy. */
export type DatabaseErrorKind = ErrorCode | 'DUPLICATE_KEY' | 'ALREADY_EXISTS';

export interface Database {
  readonly kind: 'mysql' | 'sqlite';
  readonly db: Kysely<Schema>;
  readonly columnTypes: ColumnTypes;
  /** Engine and character set of a new table, where the database has such a thing. */
  withTableOptions: <T extends string>(table: CreateTableBuilder<T>) => CreateTableBuilder<T>;
  /** Tells what an error thrown by the driver means; `INTERNAL` when it is none that we know. */
  errorKind: (error: unknown) => DatabaseErrorKind;
  close: () => Promise<void>;
}
