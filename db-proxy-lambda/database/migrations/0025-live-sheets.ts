import type { Database } from '../database.ts';
import { createIndex, createTable } from './idempotent.ts';

/** The tabs of Google spreadsheets that are kept in step with forms, and the responses whose rows are not written yet. */
export async function createLiveSheets(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'live_sheets', (table) =>
    table
      .addColumn('form_id', types.ascii(63), (column) => column.primaryKey().notNull())
      .addColumn('spreadsheet_id', types.ascii(128), (column) => column.notNull())
      .addColumn('tab', types.text(100), (column) => column.notNull())
      .addColumn('sheet_id', 'bigint')
      .addColumn('headers', types.json, (column) => column.notNull())
      .addColumn('choice_id', types.ascii(36), (column) => column.notNull())
      .addColumn('created_at', types.ascii(24), (column) => column.notNull())
      .addColumn('in_step_at', types.ascii(24))
      .addColumn('repaired_at', types.ascii(24))
      .addColumn('repair_at', types.ascii(24), (column) => column.notNull())
      .addColumn('error', types.text(2000))
      .addColumn('failed_since', types.ascii(24))
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('next_try_at', types.ascii(24)),
  );
  await database.keepJsonAsText(database.db, 'live_sheets', ['headers']);
  await createTable(database, 'live_sheet_changes', (table) =>
    table
      .addColumn('id', types.ascendingId, (column) => column.primaryKey())
      .addColumn('form_id', types.ascii(63), (column) => column.notNull())
      .addColumn('response_id', types.text(128), (column) => column.notNull()),
  );
  await createIndex(database, 'live_sheet_changes_by_form', 'live_sheet_changes', ['form_id', 'id']);
}
