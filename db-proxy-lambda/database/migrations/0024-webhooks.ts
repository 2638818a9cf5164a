import type { Database } from '../database.ts';
import { createIndex, createTable } from './idempotent.ts';

/** Webhooks, and what is still to be delivered to them. */
export async function createWebhooks(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'webhooks', (table) =>
    table
      .addColumn('webhook_id', types.ascii(36), (column) => column.primaryKey())
      .addColumn('url', types.text(2000), (column) => column.notNull())
      // Encrypted: collect-lambdas/shared/webhooks/seal.ts.
      .addColumn('secret', types.ascii(400), (column) => column.notNull())
      .addColumn('events', types.ascii(200), (column) => column.notNull())
      .addColumn('form_id', types.ascii(63))
      .addColumn('active', 'integer', (column) => column.notNull())
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('retry_at', types.ascii(24))
      .addColumn('last_success_at', types.ascii(24))
      .addColumn('last_failure_at', types.ascii(24))
      .addColumn('last_failure', types.text(500))
      .addColumn('created_at', types.ascii(24), (column) => column.notNull())
      .addColumn('updated_at', types.ascii(24), (column) => column.notNull()),
  );
  await createTable(database, 'webhook_deliveries', (table) =>
    table
      .addColumn('id', types.ascendingId, (column) => column.primaryKey())
      .addColumn('webhook_id', types.ascii(36), (column) => column.notNull())
      .addColumn('event_id', types.reference, (column) => column.notNull())
      .addColumn('type', types.ascii(16), (column) => column.notNull())
      .addColumn('response_id', types.text(128), (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('form_id', types.ascii(63), (column) => column.notNull())
      .addColumn('user_id', types.text(128), (column) => column.notNull())
      .addColumn('occurred_at', types.ascii(24), (column) => column.notNull())
      .addColumn('content', types.json)
      .addColumn('status', types.ascii(8), (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('due_at', types.ascii(24), (column) => column.notNull())
      .addColumn('expires_at', types.ascii(24), (column) => column.notNull())
      .addColumn('reason', types.text(500)),
  );
  await createIndex(database, 'webhook_deliveries_by_webhook', 'webhook_deliveries', ['webhook_id', 'status', 'id']);
  await createIndex(database, 'webhook_deliveries_by_response', 'webhook_deliveries', [
    'response_id',
    'webhook_id',
    'id',
  ]);
}
