import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** The review of which an event of the outbox tells. */
export async function addReviewEvents(database: Database): Promise<void> {
  for (const table of ['response_events', 'refused_events']) {
    await addColumn(database, table, 'review', database.columnTypes.json);
  }
}
