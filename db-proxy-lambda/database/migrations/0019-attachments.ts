import type { CreateTableBuilder } from 'kysely';
import type { Database } from '../database.ts';
import { createIndex, createTable } from './idempotent.ts';

/** The files of responses, the files that will be uploaded, and the file names in answers. */
export async function createAttachments(database: Database): Promise<void> {
  const { columnTypes: types } = database;

  const withFileColumns = <T extends string>(table: CreateTableBuilder<T>) =>
    table
      .addColumn('response_id', types.text(128), (column) => column.notNull())
      .addColumn('name', types.text(255), (column) => column.notNull())
      .addColumn('sha256', types.ascii(64), (column) => column.notNull())
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .addColumn('type', types.text(128), (column) => column.notNull())
      .addColumn('only_of', types.text(128))
      .addColumn('created_at', types.ascii(24), (column) => column.notNull());

  await createTable(database, 'attachments', (table) =>
    withFileColumns(table.addColumn('id', types.ascendingId, (column) => column.primaryKey()))
      .addColumn('file_key', types.ascii(64), (column) => column.notNull())
      .addColumn('object_key', types.ascii(255), (column) => column.notNull())
      .addUniqueConstraint('attachments_file_key', ['file_key']),
  );
  await createTable(database, 'awaited_uploads', (table) =>
    withFileColumns(table.addColumn('object_key', types.ascii(255), (column) => column.primaryKey().notNull())),
  );
  await createTable(database, 'expected_files', (table) =>
    table
      .addColumn('response_id', types.text(128), (column) => column.primaryKey().notNull())
      .addColumn('names', types.json, (column) => column.notNull()),
  );
  await database.keepJsonAsText(database.db, 'expected_files', ['names']);
  await createIndex(database, 'attachments_by_response', 'attachments', ['response_id', 'id']);
  await createIndex(database, 'attachments_by_time', 'attachments', ['created_at', 'id']);
  await createIndex(database, 'awaited_uploads_by_response', 'awaited_uploads', ['response_id']);
}
