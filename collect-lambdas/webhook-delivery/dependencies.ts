import { queueFrom, snapshotStoreFrom, workerDbProxyFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import { sealFrom, senderFrom } from '../shared/webhooks/dependencies.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment) {
  return {
    dbProxy: workerDbProxyFrom(environment),
    seal: sealFrom(environment),
    /** A sender of its own for each run: connections do not outlive a run. */
    createSender: senderFrom(environment),
    store: snapshotStoreFrom(environment),
    send: queueFrom(environment, 'WEBHOOK_QUEUE_URL'),
    /** Milliseconds, as Date.now gives them. */
    now: Date.now,
    /** From 0 to below 1. */
    random: Math.random,
  };
}
