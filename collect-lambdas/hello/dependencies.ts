import { dbProxyFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import { timeZone } from './request.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment) {
  return {
    dbProxy: dbProxyFrom(environment),
    /** IANA name of the default time zone. */
    timeZone: environment.optional('TIME_ZONE', timeZone, 'UTC'),
    /** Milliseconds since 1970. */
    now: Date.now,
  };
}
