import type { EventConsumer } from '../outbox/event-consumer.ts';
import { expiryFrom, forgetContent, insertDeliveries } from './delivery-queries.ts';
import { listActiveWebhooks } from './queries.ts';

/**
 * Queues each event for each webhook that asks for it. An erasure also takes the texts of the response out of what is queued
 * already: an event that was consumed while the response was being erased may have brought them.
 */
export const queueDeliveries: EventConsumer = async (trx, events, now) => {
  await forgetContent(
    trx,
    events.filter(({ type }) => type === 'erased').map((event) => event.response_id),
  );
  const webhooks = (await listActiveWebhooks(trx)).map(({ events: asked, ...webhook }) => ({
    ...webhook,
    asked: new Set<string>(JSON.parse(asked)),
  }));
  const rows = events.flatMap(({ event_id, type, flags, rejudged, review, ...about }) => {
    const content = type === 'erased' ? null : JSON.stringify({ flags, rejudged, review });
    return webhooks
      .filter(({ asked, form_id: formId }) => asked.has(type) && (formId === null || formId === about.form_id))
      .map(({ webhook_id }) => ({
        webhook_id,
        event_id,
        type,
        response_id: about.response_id,
        revision: about.revision,
        form_id: about.form_id,
        user_id: about.user_id,
        occurred_at: about.occurred_at,
        content,
        status: 'pending' as const,
        attempts: 0,
        // Not `now`: the worker's clock may be behind.
        due_at: about.occurred_at,
        expires_at: expiryFrom(now),
      }));
  });
  await insertDeliveries(trx, rows);
};
