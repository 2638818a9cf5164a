/** How a Lambda declares its routes: each one once, with everything that is derived from it. */
import * as z from 'zod';
import { authorize, type Allowed, type Caller } from './access.ts';
import { readBody } from './body.ts';
import { handleRequests, type Reply, type HttpEvent, type HttpResponse } from './http.ts';
import type { Logger } from './logger.ts';
import { Problem } from './problem.ts';
import { readQuery } from './query.ts';
import type { RouteDocs } from './route-docs.ts';

export type StrictObject = z.ZodObject<z.ZodRawShape, z.core.$strict>;

/** What a handler gets of a request, besides its dependencies. */
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

/** The same for a handler that reads a body and no query. */
export type BodyRequest<Body extends StrictObject> = Request<z.ZodRawShape, Body>;

interface Declaration<Dependencies, Query extends z.ZodRawShape, Body extends StrictObject> {
  /** Who may call it. */
  roles: Allowed;
  /** One schema per query parameter. A route without them ignores what is sent. */
  query?: Query;
  /** A JSON body. A route that reads its body by other means says so in its `docs`. */
  body?: Body;
  /** The most bytes that `body` takes. */
  bodyLimit?: number;
  handle: (dependencies: Dependencies, request: Request<Query, Body>) => HttpResponse | Promise<HttpResponse>;
  /** Written as `!process.env['BUNDLED'] && { ... }`: the bundles of functions leave it out. */
  docs: false | RouteDocs<keyof Query & string>;
}

/** A declared route. The types of its query and body are known to its own handler only. */
export interface Route<Dependencies> {
  roles: Allowed;
  query?: z.ZodRawShape;
  body?: StrictObject;
  docs: false | RouteDocs;
  /** @throws {Problem} 422 for the query, and what the handler throws */
  reply: (dependencies: Dependencies, event: HttpEvent, caller: Caller) => Promise<HttpResponse>;
}

/** By route key, as template.yaml declares it. A last slash may be left out by callers: `GET /api/v1/tasks/`. */
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
      // A route that declares no query has a handler that reads none.
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
