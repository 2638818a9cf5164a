import { dbProxyFrom, fileStoreFrom, publishTriggerFrom, snapshotStoreFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    dbProxy: dbProxyFrom(environment),
    files: fileStoreFrom(environment),
    /** The bucket of markers. */
    store: snapshotStoreFrom(environment),
    /** An erasure is an event too. */
    triggerPublish: publishTriggerFrom(environment, logger),
  };
}
