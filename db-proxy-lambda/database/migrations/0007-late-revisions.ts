import type { Database } from '../database.ts';
import { createTable } from './idempotent.ts';

/** Late revisions: acknowledged responses that arrived too late to become a revision, without duplicates. */
export async function createLateRevisions(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'late_revisions', (table) =>
    table
      .addColumn('id', types.ascendingId, (column) => column.primaryKey())
      .addColumn('response_id', types.text(128), (column) => column.notNull())
      .addColumn('form_id', types.ascii(63), (column) => column.notNull())
      .addColumn('form_version', 'integer', (column) => column.notNull())
      .addColumn('user_id', types.text(128), (column) => column.notNull())
      .addColumn('status', types.ascii(16), (column) => column.notNull())
      .addColumn('last_modified', types.ascii(30), (column) => column.notNull())
      .addColumn('last_modified_time', types.ascii(64), (column) => column.notNull())
      .addColumn('content_hash', types.ascii(64), (column) => column.notNull())
      .addColumn('flags', types.json, (column) => column.notNull())
      .addColumn('response', types.json, (column) => column.notNull())
      .addColumn('saved_at', types.ascii(24), (column) => column.notNull())
      .addUniqueConstraint('late_revisions_content', ['response_id', 'content_hash']),
  );
}
