import * as z from 'zod';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import type { ExportMessage } from '../shared/export-message.ts';
import { createExportQueue } from '../shared/export-queue.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { createMessageQueue } from '../shared/message-queue.ts';
import { createObjectStore, type ObjectStore } from '../shared/object-store.ts';

export interface Dependencies {
  dbProxy: DbProxy;
  store: ObjectStore;
  logger: Logger;
  /** Hands an export to the workers. */
  enqueue: (message: ExportMessage) => Promise<void>;
  /** Sends the publisher its trigger, which starts it a second later. */
  triggerPublish: () => Promise<void>;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION, SNAPSHOT_BUCKET, EXPORT_QUEUE_URL, PUBLISH_QUEUE_URL } = readEnvironment(
    {
      DB_PROXY_FUNCTION: z.string().min(1),
      SNAPSHOT_BUCKET: z.string().min(1),
      EXPORT_QUEUE_URL: z.string().min(1),
      PUBLISH_QUEUE_URL: z.string().min(1),
    },
    environment,
  );
  const sendTrigger = createMessageQueue(PUBLISH_QUEUE_URL);
  return {
    dbProxy: createDbProxyClient(DB_PROXY_FUNCTION),
    store: createObjectStore(SNAPSHOT_BUCKET, environment),
    logger: createLogger('sweep'),
    enqueue: createExportQueue(EXPORT_QUEUE_URL),
    triggerPublish: () => sendTrigger('{}'),
    now: Date.now,
  };
}
