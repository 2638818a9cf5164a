/** Steps that do nothing if they are done already: MySQL cannot roll a half-done migration back. */
import type { ColumnDataType, CreateTableBuilder, Expression } from 'kysely';
import type { Database } from '../database.ts';

export async function createTable<Name extends string>(
  { db, withTableOptions }: Database,
  name: Name,
  define: (table: CreateTableBuilder<Name>) => CreateTableBuilder<Name>,
): Promise<void> {
  await withTableOptions(define(db.schema.createTable(name).ifNotExists())).execute();
}

/** Adds a nullable column. */
export async function addColumn(
  database: Database,
  table: string,
  column: string,
  type: ColumnDataType | Expression<unknown>,
): Promise<void> {
  await unlessExists(database, () => database.db.schema.alterTable(table).addColumn(column, type).execute());
}

export async function createIndex(database: Database, name: string, table: string, columns: string[]): Promise<void> {
  await unlessExists(database, () => database.db.schema.createIndex(name).on(table).columns(columns).execute());
}

/** MySQL has no `if not exists` for columns and indexes. */
async function unlessExists(database: Database, add: () => Promise<void>): Promise<void> {
  try {
    await add();
  } catch (error) {
    if (database.errorKind(error) !== 'ALREADY_EXISTS') throw error;
  }
}
