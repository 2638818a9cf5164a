import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { createObjectStore } from '../shared/object-store.ts';
import { createSnapshotWriter, type SnapshotWriter } from '../shared/snapshot-changes.ts';

export interface Dependencies {
  dbProxy: DbProxy;
  snapshot: SnapshotWriter;
  logger: Logger;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION, SNAPSHOT_BUCKET } = readEnvironment(
    { DB_PROXY_FUNCTION: z.string().min(1), SNAPSHOT_BUCKET: z.string().min(1) },
    environment,
  );
  const logger = createLogger('forms');
  const store = createObjectStore(SNAPSHOT_BUCKET, environment);
  return {
    dbProxy: createDbProxyClient(DB_PROXY_FUNCTION),
    snapshot: createSnapshotWriter(store, logger, randomUUID),
    logger,
    now: Date.now,
  };
}
