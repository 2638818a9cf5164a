import type { Database } from '../database.ts';
import { addColumn, createIndex, createTable } from './idempotent.ts';

/** Re-judges, and a mark on the events that they cause. */
export async function createRejudges(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'rejudges', (table) =>
    table
      .addColumn('rejudge_id', types.ascii(36), (column) => column.primaryKey())
      .addColumn('form_id', types.ascii(63), (column) => column.notNull())
      .addColumn('rules_version', 'integer', (column) => column.notNull())
      .addColumn('since', types.ascii(24))
      // Hash of the request while it is queued or running, then null: the unique key refuses a duplicate.
      .addColumn('active_key', types.ascii(64))
      .addColumn('status', types.ascii(16), (column) => column.notNull())
      .addColumn('responses_total', 'bigint')
      .addColumn('checked', 'bigint', (column) => column.notNull())
      .addColumn('changed', 'bigint', (column) => column.notNull())
      .addColumn('position', types.ascii(128))
      .addColumn('error', types.text(2000))
      .addColumn('holder', types.ascii(128))
      .addColumn('claims', 'integer', (column) => column.notNull())
      .addColumn('created_at', types.ascii(24), (column) => column.notNull())
      .addColumn('started_at', types.ascii(24))
      .addColumn('finished_at', types.ascii(24))
      .addColumn('progress_at', types.ascii(24), (column) => column.notNull())
      .addUniqueConstraint('rejudges_active', ['active_key']),
  );
  await createIndex(database, 'rejudges_by_status', 'rejudges', ['status', 'progress_at']);
  // Both tables: a poison event is moved from the one to the other with all its columns.
  for (const table of ['response_events', 'refused_events']) await addColumn(database, table, 'rejudged', 'integer');
}
