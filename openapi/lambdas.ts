/** The Lambdas that serve routes, each with what its routes.ts declares. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { RouteDocs } from '../collect-lambdas/shared/route-docs.ts';
import type { Route } from '../collect-lambdas/shared/route.ts';
import { readApplication } from '../local/read-application.ts';
import { list, text } from '../local/template/values.ts';

/** A route with its documentation, which bundles leave out. */
export interface DocumentedRoute extends Pick<Route<never>, 'roles' | 'query' | 'body'> {
  /** As template.yaml declares it: `POST /collect`. */
  key: string;
  docs: RouteDocs;
}

export interface DocumentedLambda {
  /** The name of its folder. */
  name: string;
  about: string;
  routes: DocumentedRoute[];
}

interface RoutesModule {
  about: string | false;
  routes: Record<string, Route<never>>;
}

/** Every Lambda with a routes.ts, in the order of template.yaml. */
export function readLambdas(): DocumentedLambda[] {
  // Imports synchronously, because tests define one case per route.
  const load = createRequire(path.resolve('package.json'));
  return readApplication('template.yaml', {}).functions.flatMap(({ build }) => {
    const folder = path.dirname(text(list(build?.['EntryPoints'])[0]));
    const file = path.resolve(folder, 'routes.ts');
    if (!existsSync(file)) return [];
    const { about, routes }: RoutesModule = load(file);
    return [{ name: path.basename(folder), about: about || '', routes: Object.entries(routes).map(toDocumented) }];
  });
}

function toDocumented([key, { roles, query, body, docs }]: [string, Route<never>]): DocumentedRoute {
  if (!docs) throw new Error(`${key} has no documentation.`);
  return { key, roles, ...(query && { query }), ...(body && { body }), docs };
}
