import { backOffFrom, dbProxyFrom, deadLetterFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    dbProxy: dbProxyFrom(environment),
    deadLetter: deadLetterFrom(environment, 'TASK_EVENTS_DEAD_LETTERS_URL', logger),
    backOff: backOffFrom(environment, 'TASK_EVENTS_QUEUE_URL', logger),
  };
}
