import * as z from 'zod';
import type { BackoffDependencies } from '../shared/backoff.ts';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createLogger } from '../shared/logger.ts';
import { createMessageQueue, createPostponer, type SendMessage } from '../shared/message-queue.ts';
import { createPublishTrigger, type TriggerPublish } from '../shared/publish-trigger.ts';

export interface Dependencies extends BackoffDependencies {
  dbProxy: DbProxy;
  /** Puts a message that can never be saved into the dead-letter queue. */
  bury: SendMessage;
  triggerPublish: TriggerPublish;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION, PUBLISH_QUEUE_URL, SNAPSHOT_BUCKET, WRITE_QUEUE_URL, WRITE_DEAD_LETTERS_URL } =
    readEnvironment(
      {
        DB_PROXY_FUNCTION: z.string().min(1),
        PUBLISH_QUEUE_URL: z.string().min(1),
        SNAPSHOT_BUCKET: z.string().min(1),
        WRITE_QUEUE_URL: z.string().min(1),
        WRITE_DEAD_LETTERS_URL: z.string().min(1),
      },
      environment,
    );
  const logger = createLogger('write');
  return {
    dbProxy: createDbProxyClient(DB_PROXY_FUNCTION),
    logger,
    bury: createMessageQueue(WRITE_DEAD_LETTERS_URL),
    triggerPublish: createPublishTrigger(PUBLISH_QUEUE_URL, SNAPSHOT_BUCKET, logger, environment),
    postpone: createPostponer(WRITE_QUEUE_URL),
    now: Date.now,
    random: Math.random,
  };
}
