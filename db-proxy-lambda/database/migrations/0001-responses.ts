import type { CreateTableBuilder } from 'kysely';
import type { Database } from '../database.ts';
import { createIndex, createTable } from './idempotent.ts';

/** Forms, responses and their revisions. */
export async function createResponses(database: Database): Promise<void> {
  const { columnTypes: types } = database;

  const withRevisionColumns = <T extends string>(table: CreateTableBuilder<T>) =>
    table
      .addColumn('response_id', types.text(128), (column) => column.notNull())
      .addColumn('form_id', types.ascii(63), (column) => column.notNull())
      .addColumn('form_version', 'integer', (column) => column.notNull())
      .addColumn('user_id', types.text(128), (column) => column.notNull())
      .addColumn('status', types.ascii(16), (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('last_modified', types.ascii(30), (column) => column.notNull())
      .addColumn('last_modified_time', types.ascii(64), (column) => column.notNull())
      .addColumn('content_hash', types.ascii(64), (column) => column.notNull())
      .addColumn('flags', types.json, (column) => column.notNull())
      .addColumn('response', types.json, (column) => column.notNull());

  await createTable(database, 'forms', (table) =>
    table
      .addColumn('form_id', types.ascii(63), (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('definition', types.json, (column) => column.notNull())
      .addColumn('created_at', types.ascii(24), (column) => column.notNull())
      .addPrimaryKeyConstraint('forms_pk', ['form_id', 'version']),
  );

  await createTable(database, 'responses', (table) =>
    withRevisionColumns(table.addColumn('id', types.ascendingId, (column) => column.primaryKey()))
      .addColumn('created_at', types.ascii(24), (column) => column.notNull())
      .addColumn('updated_at', types.ascii(24), (column) => column.notNull())
      .addUniqueConstraint('responses_response_id', ['response_id']),
  );

  await createTable(database, 'response_revisions', (table) =>
    withRevisionColumns(table)
      .addColumn('saved_at', types.ascii(24), (column) => column.notNull())
      .addPrimaryKeyConstraint('response_revisions_pk', ['response_id', 'revision']),
  );

  // Each index ends in id: its order is unique, and equals the order of the list that reads the index.
  await createIndex(database, 'responses_by_collector', 'responses', ['user_id', 'status', 'id']);
  await createIndex(database, 'responses_by_form', 'responses', ['form_id', 'id']);
  await createIndex(database, 'responses_by_status', 'responses', ['status', 'id']);
  await createIndex(database, 'responses_by_change', 'responses', ['updated_at', 'id']);
}
