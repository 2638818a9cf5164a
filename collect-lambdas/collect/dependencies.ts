import * as z from 'zod';
import { createCircuitBreaker } from '../shared/circuit-breaker.ts';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createFormStore, type FormStore } from '../shared/form-store.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { createMessageQueue, type SendMessage } from '../shared/message-queue.ts';
import { createObjectStore, READING } from '../shared/object-store.ts';
import { createPublishTrigger, type TriggerPublish } from '../shared/publish-trigger.ts';
import { createSnapshot } from '../shared/snapshot.ts';

export interface Dependencies {
  dbProxy: DbProxy;
  forms: FormStore;
  logger: Logger;
  /** Puts a message into the write queue. */
  enqueue: SendMessage;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
  triggerPublish: TriggerPublish;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION, PUBLISH_QUEUE_URL, SNAPSHOT_BUCKET, WRITE_QUEUE_URL } = readEnvironment(
    {
      DB_PROXY_FUNCTION: z.string().min(1),
      PUBLISH_QUEUE_URL: z.string().min(1),
      SNAPSHOT_BUCKET: z.string().min(1),
      WRITE_QUEUE_URL: z.string().min(1),
    },
    environment,
  );
  const dbProxy = createCircuitBreaker(createDbProxyClient(DB_PROXY_FUNCTION));
  const snapshot = createSnapshot(createObjectStore(SNAPSHOT_BUCKET, environment, READING));
  const logger = createLogger('collect');
  return {
    dbProxy,
    forms: createFormStore(dbProxy, snapshot, logger),
    logger,
    enqueue: createMessageQueue(WRITE_QUEUE_URL),
    now: Date.now,
    triggerPublish: createPublishTrigger(PUBLISH_QUEUE_URL, SNAPSHOT_BUCKET, logger, environment),
  };
}
