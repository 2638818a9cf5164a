import { dbProxyFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import { createFileLinks } from '../shared/presigned-links.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment) {
  return {
    dbProxy: dbProxyFrom(environment),
    links: createFileLinks(environment.text('FILES_BUCKET'), environment.variables),
    /** Milliseconds since 1970. */
    now: Date.now,
  };
}
