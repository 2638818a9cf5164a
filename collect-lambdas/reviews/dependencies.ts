import { guardedDbProxyFrom, publishTriggerFrom, queueFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    dbProxy: guardedDbProxyFrom(environment),
    /** Puts a message into the write queue. */
    enqueue: queueFrom(environment, 'WRITE_QUEUE_URL'),
    triggerPublish: publishTriggerFrom(environment, logger),
    /** Milliseconds since 1970. */
    now: Date.now,
  };
}
