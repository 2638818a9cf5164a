import type { Database } from '../database.ts';
import { addColumn, createIndex, createTable } from './idempotent.ts';

/**
 * The audit; the hash of a task's description, which shows whether a manager has edited it; and the time of a birthday, for
 * eviction.
 */
export async function createAudit(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'audit_events', (table) =>
    table
      .addColumn('id', types.ascendingId, (column) => column.primaryKey())
      .addColumn('at', types.ascii(24), (column) => column.notNull())
      .addColumn('token_id', types.ascii(36))
      .addColumn('label', types.text(200))
      .addColumn('action', types.ascii(32), (column) => column.notNull())
      .addColumn('subject_kind', types.ascii(16), (column) => column.notNull())
      .addColumn('subject_id', types.text(128), (column) => column.notNull())
      .addColumn('detail', types.text(400))
      .addColumn('source_ip', types.ascii(45))
      // The id is unique by itself. These constraints only create two indexes together with the table.
      .addUniqueConstraint('audit_events_by_time', ['at', 'id'])
      .addUniqueConstraint('audit_events_by_token', ['token_id', 'at', 'id']),
  );

  await addColumn(database, 'task_follow_ups', 'description_sha256', types.ascii(64));
  await addColumn(database, 'birthdays', 'stored_at', types.ascii(24));
  await createIndex(database, 'birthdays_by_time', 'birthdays', ['stored_at']);
}
