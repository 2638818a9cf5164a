import { dbProxyFrom, queueFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import { createPostponer } from '../shared/message-queue.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment) {
  return {
    dbProxy: dbProxyFrom(environment),
    /** Puts a message that can never be followed up into the dead-letter queue. */
    deadLetter: queueFrom(environment, 'TASK_EVENTS_DEAD_LETTERS_URL'),
    postpone: createPostponer(environment.text('TASK_EVENTS_QUEUE_URL')),
    now: Date.now,
    random: Math.random,
  };
}
