import { EXPORT, REJUDGE } from '../shared/background-job.ts';
import { dbProxyFrom, fileStoreFrom, jobQueueFrom, queueFrom, snapshotStoreFrom } from '../shared/dependencies.ts';
import { deliveryMessage } from '../shared/webhooks/trigger.ts';
import type { Bound, Environment } from '../shared/environment.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment) {
  const sendDelivery = queueFrom(environment, 'WEBHOOK_QUEUE_URL');
  const sendTrigger = queueFrom(environment, 'PUBLISH_QUEUE_URL');
  return {
    dbProxy: dbProxyFrom(environment),
    store: snapshotStoreFrom(environment),
    files: fileStoreFrom(environment),
    enqueueExport: jobQueueFrom(environment, EXPORT),
    enqueueRejudge: jobQueueFrom(environment, REJUDGE),
    /** Starts the worker of a webhook. */
    triggerDelivery: (webhookId: string) => sendDelivery(deliveryMessage(webhookId)),
    /** Sends the message that starts the publisher a second later. */
    triggerPublish: () => sendTrigger('{}'),
    /** Milliseconds, as Date.now gives them. */
    now: Date.now,
  };
}
