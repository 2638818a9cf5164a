import type { ColumnDataType, Expression } from 'kysely';
import type { Database } from '../database.ts';

/** Adds a nullable column unless it exists: MySQL has no `add column if not exists`. */
export async function addColumn(
  database: Database,
  table: string,
  column: string,
  type: ColumnDataType | Expression<unknown>,
): Promise<void> {
  try {
    await database.db.schema.alterTable(table).addColumn(column, type).execute();
  } catch (error) {
    if (database.errorKind(error) !== 'ALREADY_EXISTS') throw error;
  }
}
