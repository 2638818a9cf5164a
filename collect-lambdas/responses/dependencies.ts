import { dbProxyFrom, fileStoreFrom, snapshotStoreFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment) {
  return {
    dbProxy: dbProxyFrom(environment),
    files: fileStoreFrom(environment),
    /** The bucket of markers. */
    store: snapshotStoreFrom(environment),
  };
}
