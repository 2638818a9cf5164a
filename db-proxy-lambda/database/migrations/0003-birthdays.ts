import type { Database } from '../database.ts';
import { createTable } from './idempotent.ts';

/** Birthdays, for /hello. */
export async function createBirthdays(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'birthdays', (table) =>
    table
      .addColumn('username', types.text(64), (column) => column.primaryKey().notNull())
      .addColumn('date_of_birth', types.ascii(10), (column) => column.notNull()),
  );
}
