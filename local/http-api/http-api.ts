/** API Gateway's HTTP API for the routes of the template. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionHost } from '../functions/function-host.ts';
import { REQUEST_LIMIT } from '../functions/invocation.ts';
import { readBody, serve } from '../../emulators/http-server.ts';
import type { RunningServer } from '../../emulators/http-server.ts';
import type { CorsModel, RouteModel } from '../template/model.ts';
import { Authorizers, withinSeconds } from './authorizers.ts';
import type { Decision } from './authorizers.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { createEvent } from './event.ts';
import type { RequestParts } from './event.ts';
import {
  ENTITY_TOO_LARGE,
  FORBIDDEN,
  INTERNAL_SERVER_ERROR,
  NOT_FOUND,
  SERVICE_UNAVAILABLE,
  UNAUTHORIZED,
  mapResponse,
} from './response.ts';
import type { HttpResponse } from './response.ts';
import { createRouter } from './router.ts';
import type { Router } from './router.ts';

/** API Gateway's limits. */
const BODY_LIMIT = 10 * 1024 * 1024;
const INTEGRATION_SECONDS = 30;

/** The replies to requests that the authorizer does not allow. */
const REFUSALS: Record<Exclude<Decision['outcome'], 'allowed'>, HttpResponse> = {
  unidentified: UNAUTHORIZED,
  denied: FORBIDDEN,
  failed: INTERNAL_SERVER_ERROR,
};

export class HttpApi {
  readonly #port: number;
  readonly #functions: FunctionHost;
  readonly #authorizers: Authorizers;
  #router: Router | undefined;
  #cors: CorsModel | undefined;
  #server: RunningServer | undefined;

  constructor(port: number, functions: FunctionHost) {
    this.#port = port;
    this.#functions = functions;
    this.#authorizers = new Authorizers(functions);
  }

  /**
   * Listens. Replies 503 to every request until `open` is called.
   * @throws the system's error (EADDRINUSE, EACCES) when the port is unavailable
   */
  async start(): Promise<void> {
    this.#server = await serve(this.#port, (request, response) => void this.#handle(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server?.port}`;
  }

  /** Begins to serve these routes. */
  open({ routes, cors }: { routes: RouteModel[]; cors?: CorsModel }): void {
    this.#cors = cors;
    this.#router = createRouter(routes);
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, headers: own, body } = await this.#replyTo(request).catch(() => INTERNAL_SERVER_ERROR);
    const headers = { ...own, ...corsHeaders(this.#cors, request) };
    response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': body.length });
    response.end(body);
  }

  async #replyTo(request: IncomingMessage): Promise<HttpResponse> {
    const body = await readBody(request, BODY_LIMIT);
    if (this.#router === undefined) return SERVICE_UNAVAILABLE;
    const preflight = preflightHeaders(this.#cors, request);
    if (preflight !== undefined) return { status: 204, headers: preflight, body: Buffer.alloc(0) };
    const [path = '', ...query] = (request.url ?? '').split('?');
    const match = this.#router(request.method ?? '', path);
    if (match === undefined) return NOT_FOUND;
    if (body === undefined) return ENTITY_TOO_LARGE;
    return this.#integrate({ request, match, path, query: query.join('?'), body });
  }

  async #integrate(parts: RequestParts): Promise<HttpResponse> {
    const { functionName, authorizer } = parts.match.route;
    const event = createEvent(parts);
    if (authorizer !== undefined) {
      const decision = await this.#authorizers.decide(authorizer, event);
      if (decision.outcome !== 'allowed') return REFUSALS[decision.outcome];
      Object.assign(event.requestContext, { authorizer: { lambda: decision.context } });
    }
    const payload = Buffer.from(JSON.stringify(event));
    if (payload.length > REQUEST_LIMIT) return ENTITY_TOO_LARGE;
    if (this.#functions.isThrottled(functionName)) return SERVICE_UNAVAILABLE;
    const result = await withinSeconds(INTEGRATION_SECONDS, this.#functions.invoke(functionName, payload));
    if (result === undefined) return SERVICE_UNAVAILABLE;
    return result.isFunctionError ? INTERNAL_SERVER_ERROR : mapResponse(result.payload.toString());
  }
}
