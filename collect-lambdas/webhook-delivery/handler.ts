/** Delivers events to the receivers of webhooks, for one webhook per message. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { isTransient } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { publishMetrics } from '../shared/metrics.ts';
import { leaveMarker, WEBHOOK_MARKERS } from '../shared/owed.ts';
import { deliveryMessage, readDeliveryMessage } from '../shared/webhooks/trigger.ts';
import { deliver } from './deliver.ts';
import type { Dependencies } from './dependencies.ts';

export function createHandler(dependencies: Dependencies) {
  return async ({ Records: records }: SQSEvent): Promise<SQSBatchResponse> => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    await Promise.all(
      records.map(async ({ messageId, body }) => {
        if (!(await serve(dependencies, messageId, body))) batchItemFailures.push({ itemIdentifier: messageId });
      }),
    );
    return { batchItemFailures };
  };
}

/** Returns whether the message is done. It is also done after a transient failure: the marker makes the sweep send a new one. */
async function serve(dependencies: Dependencies, messageId: string, body: string): Promise<boolean> {
  const { logger } = dependencies;
  let webhookId: string | undefined;
  try {
    webhookId = readDeliveryMessage(body);
    const delivered = await deliver(dependencies, webhookId, messageId);
    if (delivered === 'held') return true;
    const { dueAt, dead } = delivered;
    if (dead > 0) logger.error('deliveries given up', { webhook_id: webhookId, deliveries: dead });
    publishMetrics({ DeadDeliveries: dead });
    await arrangeNext(dependencies, webhookId, messageId, dueAt);
    return true;
  } catch (error) {
    logger.error('webhook not served', { messageId, webhook_id: webhookId, ...traceOf(error) });
    return isTransient(error);
  }
}

/**
 * Arranges the next run, or removes the marker if nothing is pending. That marker may be of a delivery that was queued
 * meanwhile, so pending deliveries are looked up again.
 */
async function arrangeNext(
  dependencies: Dependencies,
  webhookId: string,
  holder: string,
  dueAt: string | null,
): Promise<void> {
  const { dbProxy, store, now } = dependencies;
  const key = WEBHOOK_MARKERS + webhookId;
  if (dueAt !== null) return await runAt(dependencies, webhookId, dueAt);
  await store.remove(key);
  const outcomes = { delivered: [], failed: [] };
  const again = { webhook_id: webhookId, holder, now: new Date(now()).toISOString(), outcomes };
  const { due_at: missed } = await dbProxy.call('finishDeliveries', again);
  if (missed !== null) await runAt(dependencies, webhookId, missed);
}

async function runAt({ store, logger, send, now }: Dependencies, webhookId: string, dueAt: string): Promise<void> {
  await leaveMarker(store, logger, WEBHOOK_MARKERS + webhookId, { webhook_id: webhookId }, { due_at: dueAt });
  if (Date.parse(dueAt) <= now()) await send(deliveryMessage(webhookId));
}
