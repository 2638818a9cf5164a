import * as z from 'zod';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createFormStore, type FormStore } from '../shared/form-store.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { createMessageQueue, type SendMessage } from '../shared/message-queue.ts';

export interface Dependencies {
  dbProxy: DbProxy;
  forms: FormStore;
  logger: Logger;
  /** Puts a message into the write queue. */
  enqueue: SendMessage;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION, WRITE_QUEUE_URL } = readEnvironment(
    { DB_PROXY_FUNCTION: z.string().min(1), WRITE_QUEUE_URL: z.string().min(1) },
    environment,
  );
  const dbProxy = createDbProxyClient(DB_PROXY_FUNCTION);
  const logger = createLogger('collect');
  return {
    dbProxy,
    forms: createFormStore(dbProxy, logger),
    logger,
    enqueue: createMessageQueue(WRITE_QUEUE_URL),
    now: Date.now,
  };
}
