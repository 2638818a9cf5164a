import * as z from 'zod';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import {
  createMessageQueue,
  createPostponer,
  type PostponeMessages,
  type SendMessage,
} from '../shared/message-queue.ts';

export interface Dependencies {
  dbProxy: DbProxy;
  logger: Logger;
  /** Puts a message that can never be saved into the dead-letter queue. */
  bury: SendMessage;
  /** Says when messages of the write queue come again. */
  postpone: PostponeMessages;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
  /** From 0 to below 1, as Math.random gives them. */
  random: () => number;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION, WRITE_QUEUE_URL, WRITE_DEAD_LETTERS_URL } = readEnvironment(
    {
      DB_PROXY_FUNCTION: z.string().min(1),
      WRITE_QUEUE_URL: z.string().min(1),
      WRITE_DEAD_LETTERS_URL: z.string().min(1),
    },
    environment,
  );
  return {
    dbProxy: createDbProxyClient(DB_PROXY_FUNCTION),
    logger: createLogger('write'),
    bury: createMessageQueue(WRITE_DEAD_LETTERS_URL),
    postpone: createPostponer(WRITE_QUEUE_URL),
    now: Date.now,
    random: Math.random,
  };
}
