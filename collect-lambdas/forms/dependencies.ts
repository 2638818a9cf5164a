import { dbProxyFrom, changeRecorderFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    dbProxy: dbProxyFrom(environment),
    recordChange: changeRecorderFrom(environment, logger),
    /** Milliseconds since 1970. */
    now: Date.now,
  };
}
