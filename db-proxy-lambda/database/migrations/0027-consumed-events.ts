import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** Marks the events of the outbox that the consumers in the database have received. */
export async function addConsumed(database: Database): Promise<void> {
  await addColumn(database, 'response_events', 'consumed', 'integer');
}
