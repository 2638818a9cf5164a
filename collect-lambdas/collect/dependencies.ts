import { guardedDbProxyFrom, publishTriggerFrom, queueFrom, snapshotFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import { createFormStore } from '../shared/form-store.ts';
import type { Logger } from '../shared/logger.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  const dbProxy = guardedDbProxyFrom(environment);
  return {
    dbProxy,
    forms: createFormStore(dbProxy, snapshotFrom(environment), logger),
    /** Puts a message into the write queue. */
    enqueue: queueFrom(environment, 'WRITE_QUEUE_URL'),
    /** Milliseconds since 1970. */
    now: Date.now,
    triggerPublish: publishTriggerFrom(environment, logger),
  };
}
