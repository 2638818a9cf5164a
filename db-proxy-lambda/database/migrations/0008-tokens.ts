import type { Database } from '../database.ts';
import { createIndex, createTable } from './idempotent.ts';

/** The hashes of tokens, never the tokens themselves. */
export async function createTokens(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'tokens', (table) =>
    table
      .addColumn('token_id', types.ascii(36), (column) => column.primaryKey().notNull())
      .addColumn('prefix', types.ascii(16), (column) => column.notNull())
      .addColumn('sha256', types.ascii(64), (column) => column.notNull())
      .addColumn('role', types.ascii(16), (column) => column.notNull())
      .addColumn('user_id', types.text(128))
      .addColumn('label', types.text(200))
      .addColumn('created_at', types.ascii(24), (column) => column.notNull())
      .addColumn('expires_at', types.ascii(24), (column) => column.notNull())
      .addColumn('revoked_at', types.ascii(24))
      .addColumn('last_used_at', types.ascii(24))
      .addUniqueConstraint('tokens_sha256', ['sha256']),
  );
  await createIndex(database, 'tokens_by_prefix', 'tokens', ['prefix']);
  await createIndex(database, 'tokens_by_time', 'tokens', ['created_at', 'token_id']);
}
