/**
 * What follows the topic inside the database. Each consumer gets every event once, in the order of the outbox, in the
 * transaction that deletes the published events. The publisher's lease lets one transaction at a time do so.
 */
import type { Transaction } from 'kysely';
import type { PendingEvent } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import { deleteResponseEvents, findEventsById, moveToRefused } from './queries.ts';

/** Writes what follows from events. It never fails because of an event's content, since no later event would pass it. */
export type EventConsumer = (trx: Transaction<Schema>, events: readonly PendingEvent[], now: string) => Promise<void>;

const consumers: readonly EventConsumer[] = [];

/** Deletes published events, after the consumers got them. */
export async function consumePublished(trx: Transaction<Schema>, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await consume(trx, ids);
  await deleteResponseEvents(trx, ids);
}

/** Moves events that the topic refuses. The consumers get them all the same. */
export async function consumeRefused(
  trx: Transaction<Schema>,
  refused: readonly { event_id: number; reason: string }[],
): Promise<void> {
  await consume(
    trx,
    refused.map((each) => each.event_id),
  );
  const now = new Date().toISOString();
  for (const { event_id: id, reason } of refused) await moveToRefused(trx, id, reason, now);
}

async function consume(trx: Transaction<Schema>, ids: readonly number[]): Promise<void> {
  if (consumers.length === 0) return;
  const events = await findEventsById(trx, ids);
  const now = new Date().toISOString();
  for (const consumer of consumers) await consumer(trx, events, now);
}
