import type { Database } from '../database.ts';

/** Creates an index unless it exists: MySQL has no `create index if not exists`. */
export async function createIndex(
  database: Database,
  name: string,
  table: string,
  columns: readonly string[],
): Promise<void> {
  try {
    await database.db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns])
      .execute();
  } catch (error) {
    if (database.errorKind(error) !== 'ALREADY_EXISTS') throw error;
  }
}
