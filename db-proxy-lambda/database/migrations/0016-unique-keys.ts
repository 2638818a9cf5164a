import type { Database } from '../database.ts';
import { createIndex, createTable } from './idempotent.ts';

/** The hashes of answers that must be unique, each with its response. */
export async function createUniqueKeys(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'unique_keys', (table) =>
    table
      .addColumn('key_hash', types.ascii(64), (column) => column.notNull())
      .addColumn('place', 'integer', (column) => column.notNull())
      .addColumn('response_id', types.text(128), (column) => column.notNull())
      .addColumn('submitted_at', types.ascii(30), (column) => column.notNull())
      .addPrimaryKeyConstraint('unique_keys_pk', ['key_hash', 'place']),
  );
  await createIndex(database, 'unique_keys_by_time', 'unique_keys', ['key_hash', 'submitted_at', 'place']);
  await createIndex(database, 'unique_keys_by_response', 'unique_keys', ['response_id']);
}
