import * as z from 'zod';
import { createCircuitBreaker } from '../shared/circuit-breaker.ts';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { createObjectStore, READING } from '../shared/object-store.ts';
import { createSnapshot, type Snapshot } from '../shared/snapshot.ts';

export interface Dependencies {
  dbProxy: DbProxy;
  snapshot: Pick<Snapshot, 'findToken'>;
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
  return {
    dbProxy: createCircuitBreaker(createDbProxyClient(DB_PROXY_FUNCTION)),
    snapshot: createSnapshot(createObjectStore(SNAPSHOT_BUCKET, environment, READING)),
    logger: createLogger('authorizer'),
    now: Date.now,
  };
}
