import type { Database } from '../database.ts';
import { createIndex } from './idempotent.ts';

/** Receivers recognise a repeated event by its id, so the id of a deleted row is never reused. */
export async function neverReuseIds(database: Database): Promise<void> {
  for (const table of ['response_events', 'webhook_deliveries', 'live_sheet_changes']) {
    await database.neverReuseIds(database.db, table);
  }
  const deliveries = 'webhook_deliveries';
  await createIndex(database, 'webhook_deliveries_by_webhook', deliveries, ['webhook_id', 'status', 'id']);
  await createIndex(database, 'webhook_deliveries_by_response', deliveries, ['response_id', 'webhook_id', 'id']);
  await createIndex(database, 'live_sheet_changes_by_form', 'live_sheet_changes', ['form_id', 'id']);
}
