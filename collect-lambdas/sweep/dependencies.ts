import { queueFrom, snapshotStoreFrom, dbProxyFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import { createExportQueue } from '../shared/export-queue.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment) {
  const sendTrigger = queueFrom(environment, 'PUBLISH_QUEUE_URL');
  return {
    dbProxy: dbProxyFrom(environment),
    store: snapshotStoreFrom(environment),
    /** Hands an export to the workers. */
    enqueue: createExportQueue(environment.text('EXPORT_QUEUE_URL')),
    /** Sends the publisher its trigger, which starts it a second later. */
    triggerPublish: () => sendTrigger('{}'),
    /** Milliseconds, as Date.now gives them. */
    now: Date.now,
  };
}
