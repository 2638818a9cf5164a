import { guardedDbProxyFrom, snapshotFrom } from '../shared/dependencies.ts';
import type { DbProxy } from '../shared/db-proxy-client.ts';
import type { Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';
import type { Snapshot } from '../shared/snapshot.ts';

export interface Dependencies {
  dbProxy: DbProxy;
  snapshot: Pick<Snapshot, 'findToken'>;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
}

export function createDependencies(environment: Environment) {
  return { dbProxy: guardedDbProxyFrom(environment), snapshot: snapshotFrom(environment), now: Date.now };
}
