/**
 * The consumers of the outbox in the database. Each gets every event once, in the order of the outbox, in the
 * transaction that first reads the event for the publisher. The publisher's lease allows only one such transaction at a
 * time.
 */
import type { Transaction } from 'kysely';
import type { PendingEvent } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { markLiveSheetChanges } from '../live-sheets/mark-changes.ts';
import { countEvents } from '../quality/count-events.ts';
import { queueDeliveries } from '../webhooks/queue-deliveries.ts';
import type { EventConsumer } from './event-consumer.ts';
import { markConsumed } from './queries.ts';

const consumers: readonly EventConsumer[] = [countEvents, queueDeliveries, markLiveSheetChanges];

/** Hands events that were just read to the consumers. */
export async function consume(
  database: Database,
  trx: Transaction<Schema>,
  events: readonly PendingEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const now = new Date().toISOString();
  for (const consumer of consumers) await consumer(trx, events, now, database);
  await markConsumed(
    trx,
    events.map((event) => event.event_id),
  );
}
