import { guardedDbProxyFrom, snapshotFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment) {
  return {
    dbProxy: guardedDbProxyFrom(environment),
    findToken: snapshotFrom(environment).findToken,
    /** Milliseconds since 1970. */
    now: Date.now,
  };
}
