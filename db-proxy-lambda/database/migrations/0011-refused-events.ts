import type { Database } from '../database.ts';
import { createTable } from './idempotent.ts';

/** Poison events, which the topic always refuses. They are moved out of the outbox, so that no event waits behind them. */
export async function createRefusedEvents(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'refused_events', (table) =>
    table
      .addColumn('id', types.reference, (column) => column.primaryKey().notNull())
      .addColumn('type', types.ascii(16), (column) => column.notNull())
      .addColumn('response_id', types.text(128), (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('occurred_at', types.ascii(24), (column) => column.notNull())
      .addColumn('reason', types.text(200), (column) => column.notNull())
      .addColumn('refused_at', types.ascii(24), (column) => column.notNull()),
  );
}
