import type { Database } from '../database.ts';
import { createIndex, createTable } from './idempotent.ts';

/** Exports and leases. */
export async function createExports(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'exports', (table) =>
    table
      .addColumn('export_id', types.ascii(36), (column) => column.primaryKey())
      .addColumn('table_name', types.ascii(63), (column) => column.notNull())
      .addColumn('request', types.json, (column) => column.notNull())
      // Hash of the request while it is queued or running, then null: the unique key refuses a duplicate.
      .addColumn('active_key', types.ascii(64))
      .addColumn('status', types.ascii(16), (column) => column.notNull())
      .addColumn('rows_total', 'bigint')
      .addColumn('rows_done', 'bigint', (column) => column.notNull())
      .addColumn('bound', types.json)
      .addColumn('csv', types.json)
      .addColumn('sheet', types.json)
      .addColumn('error', types.text(2000))
      .addColumn('holder', types.ascii(128))
      .addColumn('held_until', types.ascii(24))
      .addColumn('claims', 'integer', (column) => column.notNull())
      .addColumn('created_at', types.ascii(24), (column) => column.notNull())
      .addColumn('started_at', types.ascii(24))
      .addColumn('finished_at', types.ascii(24))
      .addUniqueConstraint('exports_active', ['active_key']),
  );
  await createIndex(database, 'exports_by_time', 'exports', ['created_at', 'export_id']);
  await createIndex(database, 'exports_by_status', 'exports', ['status', 'created_at']);

  await createTable(database, 'leases', (table) =>
    table
      .addColumn('name', types.text(255), (column) => column.primaryKey())
      .addColumn('holder', types.ascii(128), (column) => column.notNull())
      .addColumn('held_until', types.ascii(24), (column) => column.notNull()),
  );
}
