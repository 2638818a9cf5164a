import type { Database } from '../database.ts';
import { createTable } from './idempotent.ts';

/** The outbox: one row for each stored revision that is not published yet. */
export async function createResponseEvents(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'response_events', (table) =>
    table
      .addColumn('id', types.ascendingId, (column) => column.primaryKey())
      .addColumn('type', types.ascii(16), (column) => column.notNull())
      .addColumn('response_id', types.text(128), (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('occurred_at', types.ascii(24), (column) => column.notNull()),
  );
}
