import * as z from 'zod';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { timeZone } from './request.ts';

export interface Dependencies {
  dbProxy: DbProxy;
  logger: Logger;
  /** IANA name of the zone whose day it is for callers that do not name theirs. */
  timeZone: string;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
}

/** The real ones. @throws {Error} that names every environment variable that is missing or malformed. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION, TIME_ZONE } = readEnvironment(
    { DB_PROXY_FUNCTION: z.string().min(1), TIME_ZONE: timeZone.default('UTC') },
    environment,
  );
  return {
    dbProxy: createDbProxyClient(DB_PROXY_FUNCTION),
    logger: createLogger('hello'),
    timeZone: TIME_ZONE,
    now: Date.now,
  };
}
