/** The parameters of a route, from its documentation and the zod schemas that parse them. */
import * as z from 'zod';
import type { ParameterDocs } from '../collect-lambdas/shared/route-docs.ts';
import { toJsonSchema } from './json-schema.ts';
import type { DocumentedRoute } from './lambdas.ts';
import type { Parameter } from './openapi.ts';

/** @throws {Error} if a parameter of the path or the query is not documented, or a documented one does not exist */
export function parametersOf({ key, query = {}, docs }: DocumentedRoute): Parameter[] {
  const variables = [...key.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  requireSame(key, variables, Object.keys(docs.path ?? {}));
  requireSame(key, Object.keys(query), Object.keys(docs.query ?? {}));
  return [
    ...toParameters('path', docs.path),
    ...toParameters('query', docs.query, query),
    ...toParameters('header', docs.headers),
  ];
}

function requireSame(key: string, declared: readonly string[], documented: readonly string[]): void {
  if (declared.toSorted().join() === documented.toSorted().join()) return;
  throw new Error(`${key} has the parameters ${declared.join(', ')}, but documents ${documented.join(', ')}.`);
}

function toParameters(
  place: Parameter['in'],
  documented: Record<string, ParameterDocs> = {},
  shape: z.ZodRawShape = {},
): Parameter[] {
  return Object.entries(documented).map(([name, docs]) => {
    const source = docs.source ?? shape[name];
    const required = place === 'path' || (source !== undefined && !z.safeParse(source, undefined).success);
    const schema = { ...(docs.schema ?? toJsonSchema(source ?? z.string(), 'input')) };
    return { ...docs, ...(source !== undefined && { source }), in: place, name, required, schema };
  });
}
