import * as z from 'zod';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createLogger, type Logger } from '../shared/logger.ts';

export interface Dependencies {
  dbProxy: DbProxy;
  logger: Logger;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION } = readEnvironment({ DB_PROXY_FUNCTION: z.string().min(1) }, environment);
  return { dbProxy: createDbProxyClient(DB_PROXY_FUNCTION), logger: createLogger('authorizer'), now: Date.now };
}
