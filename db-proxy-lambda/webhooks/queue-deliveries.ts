import type { Kysely, Transaction } from 'kysely';
import type { SHEET_EVENTS, SheetContent, WEBHOOK_EVENTS } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import type { EventConsumer } from '../outbox/event-consumer.ts';
import { expiryFrom, forgetContent, insertDeliveries } from './delivery-queries.ts';
import { listActiveWebhooks } from './queries.ts';
import type { WebhookDeliveriesTable } from './rows.ts';

/**
 * Queues each event for each webhook that asks for it. An erasure also removes the texts of the response from
 * events that are queued already: one of them may have been consumed while the response was being erased.
 */
export const queueDeliveries: EventConsumer = async (trx, events, now) => {
  await forgetContent(
    trx,
    events.filter(({ type }) => type === 'erased').map((event) => event.response_id),
  );
  const subscribers = await readSubscribers(trx);
  const rows = events.flatMap(({ flags, rejudged, review, ...event }) => {
    const content = event.type === 'erased' ? null : JSON.stringify({ flags, rejudged, review });
    return rowsFor(subscribers, { ...event, content }, now);
  });
  await insertDeliveries(trx, rows);
};

/** Queues the event that a form's live sheet can no longer be written, or is written again. */
export async function queueSheetEvent(
  trx: Transaction<Schema>,
  { type, form_id, sheet }: SheetContent & { type: (typeof SHEET_EVENTS)[number]; form_id: string },
  now: string,
): Promise<void> {
  const noResponse = { event_id: 0, response_id: '', revision: 0, user_id: '' };
  const event = { ...noResponse, type, form_id, occurred_at: now, content: JSON.stringify({ sheet }) };
  await insertDeliveries(trx, rowsFor(await readSubscribers(trx), event, now));
}

interface Subscriber {
  webhook_id: string;
  form_id: string | null;
  asked: ReadonlySet<(typeof WEBHOOK_EVENTS)[number]>;
}

async function readSubscribers(db: Kysely<Schema>): Promise<Subscriber[]> {
  return (await listActiveWebhooks(db)).map(({ events, webhook_id, form_id }) => ({
    webhook_id,
    form_id,
    asked: new Set(JSON.parse(events)),
  }));
}

type Event = Pick<
  WebhookDeliveriesTable,
  'event_id' | 'type' | 'response_id' | 'revision' | 'form_id' | 'user_id' | 'occurred_at' | 'content'
>;

function rowsFor(subscribers: readonly Subscriber[], event: Event, now: string) {
  return subscribers
    .filter(({ asked, form_id: formId }) => asked.has(event.type) && (formId === null || formId === event.form_id))
    .map(({ webhook_id }) => ({
      ...event,
      webhook_id,
      status: 'pending' as const,
      attempts: 0,
      // Not `now`: the worker's clock may be behind.
      due_at: event.occurred_at,
      expires_at: expiryFrom(now),
    }));
}
