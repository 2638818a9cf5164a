import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** Which events of the outbox the consumers in the database got. */
export async function addConsumed(database: Database): Promise<void> {
  await addColumn(database, 'response_events', 'consumed', 'integer');
}
