/** The messages that receivers get. */
import type { ClaimedDelivery } from '../../../db-proxy-lambda/contract.ts';
import type { WebhookMessage } from './sender.ts';
import { sign } from './signature.ts';

/** @param atMs when it is sent, in milliseconds, as Date.now gives them */
export function signedMessage(
  { url, secret }: { url: string; secret: string },
  { eventId, payload }: { eventId: string; payload: object },
  atMs: number,
): WebhookMessage {
  const body = JSON.stringify(payload);
  return {
    url,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Collect-Webhook',
      'collect-event-id': eventId,
      'collect-signature': sign(secret, body, atMs),
    },
  };
}

/** The body of an event. Once the response is erased, it has neither flags nor a review. An event of a sheet has no response. */
export function eventPayload({
  delivery_id: deliveryId,
  event_id: eventId,
  type,
  response_id,
  revision,
  form_id,
  user_id,
  occurred_at,
  content,
}: ClaimedDelivery): { eventId: string; payload: object } {
  const id = eventId === null ? `sheet-${deliveryId}` : String(eventId);
  return {
    eventId: id,
    payload: { event_id: id, type, response_id, revision, form_id, user_id, occurred_at, ...content },
  };
}

/** The body of the test button. */
export function testPayload(id: string, occurredAt: string): { eventId: string; payload: object } {
  const eventId = `test-${id}`;
  return { eventId, payload: { event_id: eventId, type: 'test', occurred_at: occurredAt } };
}
