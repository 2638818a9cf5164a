import type { ColumnDataType, Expression } from 'kysely';
import type { Database } from '../database/database.ts';

/** Adds a column that may be empty unless it is there: MySQL has no `add column if not exists`. */
export async function addColumn(
  { db }: Database,
  table: string,
  column: string,
  type: ColumnDataType | Expression<unknown>,
): Promise<void> {
  const tables = await db.introspection.getTables();
  const columns = tables.find(({ name }) => name === table)?.columns ?? [];
  if (columns.some(({ name }) => name === column)) return;
  await db.schema.alterTable(table).addColumn(column, type).execute();
}
