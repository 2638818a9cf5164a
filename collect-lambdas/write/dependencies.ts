import { backOffFrom, dbProxyFrom, deadLetterFrom, publishTriggerFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    dbProxy: dbProxyFrom(environment),
    deadLetter: deadLetterFrom(environment, 'WRITE_DEAD_LETTERS_URL', logger),
    triggerPublish: publishTriggerFrom(environment, logger),
    backOff: backOffFrom(environment, 'WRITE_QUEUE_URL', logger),
  };
}
