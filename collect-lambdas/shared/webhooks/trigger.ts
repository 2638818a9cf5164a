/** Starts the worker of a webhook. */
import * as z from 'zod';
import { traceOf, type Logger } from '../logger.ts';
import type { SendMessage } from '../message-queue.ts';
import type { ObjectStore } from '../object-store.ts';
import { leaveMarker, WEBHOOK_MARKERS } from '../owed.ts';

/**
 * Starts the worker of a webhook. If the queue takes no message, the sweep starts it within a minute.
 *
 * @throws if S3 does not take the marker
 */
export type TriggerDelivery = (webhookId: string) => Promise<void>;

export function createDeliveryTrigger(
  store: Pick<ObjectStore, 'put'>,
  send: SendMessage,
  logger: Logger,
  now: () => number = Date.now,
): TriggerDelivery {
  return async (webhookId) => {
    const about = { webhook_id: webhookId };
    const content = { due_at: new Date(now()).toISOString() };
    // The marker comes first, so that the sweep finds the webhook if the message or its worker is lost.
    if (!(await leaveMarker(store, logger, WEBHOOK_MARKERS + webhookId, about, content))) {
      throw new Error('The marker of a webhook could not be left.');
    }
    try {
      await send(deliveryMessage(webhookId));
    } catch (error) {
      logger.error('webhook not triggered', { ...about, ...traceOf(error) });
    }
  };
}

/** The body of a message of the worker's queue. */
export function deliveryMessage(webhookId: string): string {
  return JSON.stringify({ webhook_id: webhookId });
}

/** @throws if the body names no webhook */
export function readDeliveryMessage(body: string): string {
  return z.object({ webhook_id: z.uuid() }).parse(JSON.parse(body)).webhook_id;
}
