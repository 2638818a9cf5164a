import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** A column for the review that an event of the outbox is about. */
export async function addReviewEvents(database: Database): Promise<void> {
  for (const table of ['response_events', 'refused_events']) {
    await addColumn(database, table, 'review', database.columnTypes.json);
  }
}
