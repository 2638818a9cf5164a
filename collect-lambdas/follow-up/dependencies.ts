import * as z from 'zod';
import type { BackoffDependencies } from '../shared/backoff.ts';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createLogger } from '../shared/logger.ts';
import { createMessageQueue, createPostponer, type SendMessage } from '../shared/message-queue.ts';

export interface Dependencies extends BackoffDependencies {
  dbProxy: DbProxy;
  /** Puts a message that can never be followed up into the dead-letter queue. */
  deadLetter: SendMessage;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION, TASK_EVENTS_QUEUE_URL, TASK_EVENTS_DEAD_LETTERS_URL } = readEnvironment(
    {
      DB_PROXY_FUNCTION: z.string().min(1),
      TASK_EVENTS_QUEUE_URL: z.string().min(1),
      TASK_EVENTS_DEAD_LETTERS_URL: z.string().min(1),
    },
    environment,
  );
  return {
    dbProxy: createDbProxyClient(DB_PROXY_FUNCTION),
    logger: createLogger('tasks'),
    deadLetter: createMessageQueue(TASK_EVENTS_DEAD_LETTERS_URL),
    postpone: createPostponer(TASK_EVENTS_QUEUE_URL),
    now: Date.now,
    random: Math.random,
  };
}
