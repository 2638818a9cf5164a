/** Finds the route of a request. */
import type { RouteModel } from '../template/model.ts';

export interface RouteMatch {
  route: RouteModel;
  /** `POST /forms/{formId}`, `$default` */
  routeKey: string;
  /** Decoded; absent when the path has no variables. */
  pathParameters?: Record<string, string>;
}

interface CompiledRoute {
  route: RouteModel;
  routeKey: string;
  segments: string[];
}

const isGreedy = (segment: string): boolean => segment.endsWith('+}');
const isVariable = (segment: string): boolean => segment.startsWith('{');

/** Literal text ranks before a variable, and a variable before a greedy variable. */
function rank(segment: string): number {
  if (isGreedy(segment)) return 2;
  return isVariable(segment) ? 1 : 0;
}

/** Orders specific paths first, and for the same path a method before `ANY`. */
function compare(a: CompiledRoute, b: CompiledRoute): number {
  for (let index = 0; index < Math.min(a.segments.length, b.segments.length); index += 1) {
    const difference = rank(a.segments[index] ?? '') - rank(b.segments[index] ?? '');
    if (difference !== 0) return difference;
  }
  return Number(a.route.method === 'ANY') - Number(b.route.method === 'ANY');
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function matchSegments(pattern: string[], path: string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    if (isGreedy(segment)) {
      if (path.length <= index) return undefined;
      parameters[segment.slice(1, -2)] = decode(path.slice(index).join('/'));
      return parameters;
    }
    const value = path[index];
    if (value === undefined) return undefined;
    if (isVariable(segment)) {
      if (value === '') return undefined;
      parameters[segment.slice(1, -1)] = decode(value);
    } else if (segment !== value) {
      return undefined;
    }
  }
  return pattern.length === path.length ? parameters : undefined;
}

/** Finds the route for a method and a path (without the query). */
export type Router = (method: string, path: string) => RouteMatch | undefined;

/** API Gateway's order: a full match, then a greedy variable (`{proxy+}`), then `$default`. HEAD needs its own route. */
export function createRouter(routes: RouteModel[]): Router {
  const fixed = new Map<string, RouteMatch>();
  const patterns: CompiledRoute[] = [];
  for (const route of routes) {
    const routeKey = route.path === '$default' ? '$default' : `${route.method} ${route.path}`;
    if (route.path.includes('{')) patterns.push({ route, routeKey, segments: route.path.split('/') });
    else fixed.set(routeKey, { route, routeKey });
  }
  patterns.sort(compare);

  const matchPattern = (method: string, path: string): RouteMatch | undefined => {
    const segments = path.split('/');
    for (const { route, routeKey, segments: pattern } of patterns) {
      if (route.method !== method && route.method !== 'ANY') continue;
      const pathParameters = matchSegments(pattern, segments);
      if (pathParameters !== undefined) return { route, routeKey, pathParameters };
    }
    return undefined;
  };
  return (method, path) =>
    fixed.get(`${method} ${path}`) ?? fixed.get(`ANY ${path}`) ?? matchPattern(method, path) ?? fixed.get('$default');
}
