import { dbProxyFrom, exportQueueFrom, queueFrom, snapshotStoreFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment) {
  const sendTrigger = queueFrom(environment, 'PUBLISH_QUEUE_URL');
  return {
    dbProxy: dbProxyFrom(environment),
    store: snapshotStoreFrom(environment),
    enqueue: exportQueueFrom(environment),
    /** Sends the message that starts the publisher a second later. */
    triggerPublish: () => sendTrigger('{}'),
    /** Milliseconds, as Date.now gives them. */
    now: Date.now,
  };
}
