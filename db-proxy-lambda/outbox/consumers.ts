/**
 * What follows the topic inside the database. Each consumer gets every event once, in the order of the outbox, in the
 * transaction that deletes the published events. The publisher's lease lets one transaction at a time do so.
 */
import type { Transaction } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { markLiveSheetChanges } from '../live-sheets/mark-changes.ts';
import { countEvents } from '../quality/count-events.ts';
import { queueDeliveries } from '../webhooks/queue-deliveries.ts';
import type { EventConsumer } from './event-consumer.ts';
import { deleteResponseEvents, findEventsById, moveToRefused } from './queries.ts';

const consumers: readonly EventConsumer[] = [countEvents, queueDeliveries, markLiveSheetChanges];

/** Deletes published events, after the consumers got them. */
export async function consumePublished(
  database: Database,
  trx: Transaction<Schema>,
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  await consume(database, trx, ids);
  await deleteResponseEvents(trx, ids);
}

/** Moves events that the topic refuses. The consumers get them all the same. */
export async function consumeRefused(
  database: Database,
  trx: Transaction<Schema>,
  refused: readonly { event_id: number; reason: string }[],
): Promise<void> {
  await consume(
    database,
    trx,
    refused.map((each) => each.event_id),
  );
  const now = new Date().toISOString();
  for (const { event_id: id, reason } of refused) await moveToRefused(trx, id, reason, now);
}

async function consume(database: Database, trx: Transaction<Schema>, ids: readonly number[]): Promise<void> {
  const events = await findEventsById(trx, ids);
  const now = new Date().toISOString();
  for (const consumer of consumers) await consumer(trx, events, now, database);
}
