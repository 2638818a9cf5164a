/** Finds the route of a request. */
import type { RouteModel } from '../template/model.ts';

export interface RouteMatch {
  route: RouteModel;
  /** `POST /forms/{formId}` */
  routeKey: string;
  /** Decoded; absent when the path has no variables. */
  pathParameters?: Record<string, string>;
}

/** Decodes `%20`. A malformed text is returned unchanged. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The values of the pattern's variables; undefined if the path does not match. */
function matchSegments(pattern: string[], path: string[]): Record<string, string> | undefined {
  if (pattern.length !== path.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const value = path[index] ?? '';
    const isVariable = segment.startsWith('{');
    if (isVariable ? value === '' : value !== segment) return undefined;
    if (isVariable) parameters[segment.slice(1, -1)] = decode(value);
  }
  return parameters;
}

/** Finds the route for a method and a path (without the query). */
export type Router = (method: string, path: string) => RouteMatch | undefined;

/** API Gateway's order: literal text before a variable. HEAD needs its own route. */
export function createRouter(routes: RouteModel[]): Router {
  const fixed = new Map<string, RouteMatch>();
  const patterns: { route: RouteModel; routeKey: string; segments: string[] }[] = [];
  // `{` sorts after letters.
  for (const route of routes.toSorted((one, other) => (one.path < other.path ? -1 : 1))) {
    const routeKey = `${route.method} ${route.path}`;
    if (route.path.includes('{')) patterns.push({ route, routeKey, segments: route.path.split('/') });
    else fixed.set(routeKey, { route, routeKey });
  }
  return (method, path) => {
    const found = fixed.get(`${method} ${path}`);
    if (found !== undefined) return found;
    const asked = path.split('/');
    for (const { route, routeKey, segments } of patterns) {
      const pathParameters = route.method === method ? matchSegments(segments, asked) : undefined;
      if (pathParameters !== undefined) return { route, routeKey, pathParameters };
    }
    return undefined;
  };
}
