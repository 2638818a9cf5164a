/**
 * Declares the routes of a Lambda. The router, the checks of requests and the documentation follow from a declaration.
 */
import * as z from 'zod';
import { authorize, type Allowed, type Caller } from './access.ts';
import { readBody } from './body.ts';
import { handleRequests, type Reply, type HttpEvent, type HttpResponse } from './http.ts';
import type { Logger } from './logger.ts';
import { Problem } from './problem.ts';
import { readQuery } from './query.ts';
import type { RouteDocs } from './route-docs.ts';

type StrictObject = z.ZodObject<z.ZodRawShape, z.core.$strict>;

/** The request that a handler gets, besides its dependencies. */
export interface Request<Query extends z.ZodRawShape = z.ZodRawShape, Body extends StrictObject = StrictObject> {
  event: HttpEvent;
  caller: Caller;
  /** The query parameters, by the route's schemas. */
  query: z.infer<z.ZodObject<Query>>;
  /**
   * Reads the body by the route's schema.
   *
   * @throws {Problem} 415, 413, 400 or 422, as `readBody` of body.ts does
   */
  readBody: () => z.infer<Body>;
}

/** The request of a handler that reads a body and no query. */
export type BodyRequest<Body extends StrictObject> = Request<z.ZodRawShape, Body>;

interface Declaration<Dependencies, Query extends z.ZodRawShape, Body extends StrictObject> {
  /** Who may call the route. */
  roles: Allowed;
  /** One schema per query parameter. A route without schemas ignores query parameters. */
  query?: Query;
  /** The schema of a JSON body. A route with another kind of body describes it in `docs`. */
  body?: Body;
  /** Maximum size of a body in bytes. */
  bodyLimit?: number;
  handle: (dependencies: Dependencies, request: Request<Query, Body>) => HttpResponse | Promise<HttpResponse>;
  /** Written as `!process.env['BUNDLED'] && { ... }`, which removes it from the functions' bundles. */
  docs: false | RouteDocs<keyof Query & string>;
}

/** A declared route. Only its own handler knows the types of its query and body. */
export interface Route<Dependencies> {
  roles: Allowed;
  query?: z.ZodRawShape;
  body?: StrictObject;
  docs: false | RouteDocs;
  /** @throws {Problem} 422 for the query; also the handler's errors */
  reply: (dependencies: Dependencies, event: HttpEvent, caller: Caller) => Promise<HttpResponse>;
}

/** By route key, as template.yaml declares it. Callers may omit a trailing slash: `GET /api/v1/tasks/`. */
export type Routes<Dependencies> = Readonly<Record<string, Route<Dependencies>>>;

const BODY_LIMIT = 64_000;

export function route<Dependencies, Query extends z.ZodRawShape, Body extends StrictObject>(
  declaration: Declaration<Dependencies, Query, Body>,
): Route<Dependencies> {
  const { roles, query, body, bodyLimit = BODY_LIMIT, handle, docs } = declaration;
  return {
    roles,
    ...(query !== undefined && { query }),
    ...(body !== undefined && { body }),
    docs,
    async reply(dependencies, event, caller) {
      const read = (): z.infer<Body> => {
        if (body === undefined) throw new Error(`${event.routeKey} declares no body.`);
        return readBody(event, body, bodyLimit);
      };
      // The handler of a route without a query schema reads no query.
      const parameters = query === undefined ? z.NEVER : readQuery(event, query);
      return await handle(dependencies, { event, caller, query: parameters, readBody: read });
    },
  };
}

/** Makes the handler of a Lambda from its routes. A caller must have a role that the route names. */
export function createRouter<Dependencies extends { logger: Logger }>(
  routes: Routes<Dependencies>,
): (dependencies: Dependencies) => (event: HttpEvent) => Promise<HttpResponse> {
  const known = new Map(
    Object.entries(routes).flatMap(([key, each]): [string, Route<Dependencies>][] => [
      [key, each],
      [key.replace(/(?<=[^ ])\/$/, ''), each],
    ]),
  );
  return (dependencies) => {
    const reply: Reply = async (event) => {
      const found = known.get(event.routeKey);
      if (found === undefined) throw new Problem('not-found');
      const caller = authorize(found.roles, event.requestContext.authorizer?.lambda);
      return await found.reply(dependencies, event, caller);
    };
    return handleRequests(reply, dependencies.logger);
  };
}
