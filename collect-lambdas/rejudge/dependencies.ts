import { randomUUID } from 'node:crypto';
import { REJUDGE } from '../shared/background-job.ts';
import { jobQueueFrom, publishTriggerFrom, workerDbProxyFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    dbProxy: workerDbProxyFrom(environment),
    enqueue: jobQueueFrom(environment, REJUDGE),
    triggerPublish: publishTriggerFrom(environment, logger),
    /** A unique name for this run of a re-judge. */
    newHolder: (): string => randomUUID(),
    /** Milliseconds, as Date.now gives them. */
    now: Date.now,
  };
}
