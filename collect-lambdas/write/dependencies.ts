import { dbProxyFrom, publishTriggerFrom, queueFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';
import { createPostponer } from '../shared/message-queue.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    dbProxy: dbProxyFrom(environment),
    /** Puts a message that can never be saved into the dead-letter queue. */
    bury: queueFrom(environment, 'WRITE_DEAD_LETTERS_URL'),
    triggerPublish: publishTriggerFrom(environment, logger),
    postpone: createPostponer(environment.text('WRITE_QUEUE_URL')),
    now: Date.now,
    random: Math.random,
  };
}
