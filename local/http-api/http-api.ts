/** API Gateway's HTTP API for the routes of the template. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionHost } from '../functions/function-host.ts';
import { REQUEST_LIMIT } from '../functions/invocation.ts';
import { readBody, serve } from '../http-server.ts';
import type { RunningServer } from '../http-server.ts';
import type { RouteModel } from '../template/model.ts';
import { createEvent } from './event.ts';
import type { RequestParts } from './event.ts';
import { ENTITY_TOO_LARGE, INTERNAL_SERVER_ERROR, NOT_FOUND, SERVICE_UNAVAILABLE, mapResponse } from './response.ts';
import type { HttpResponse } from './response.ts';
import { createRouter } from './router.ts';
import type { Router } from './router.ts';

/** API Gateway's quotas. */
const BODY_LIMIT = 10 * 1024 * 1024;
const INTEGRATION_SECONDS = 30;

export interface HttpApiOptions {
  port: number;
  functions: FunctionHost;
}

export class HttpApi {
  readonly #options: HttpApiOptions;
  #router: Router | undefined;
  #server: RunningServer | undefined;

  constructor(options: HttpApiOptions) {
    this.#options = options;
  }

  /**
   * Takes the port; every request is answered with 503 until `open`.
   * @throws the system's error (EADDRINUSE, EACCES) when the port cannot be had.
   */
  async start(): Promise<void> {
    this.#server = await serve(this.#options.port, (request, response) => void this.#handle(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server?.port}`;
  }

  /** Serves these routes from now on. */
  open(routes: RouteModel[]): void {
    this.#router = createRouter(routes);
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, headers, body } = await this.#answer(request).catch(() => INTERNAL_SERVER_ERROR);
    response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': body.length });
    response.end(body);
  }

  async #answer(request: IncomingMessage): Promise<HttpResponse> {
    const body = await readBody(request, BODY_LIMIT);
    if (this.#router === undefined) return SERVICE_UNAVAILABLE;
    const [path = '', ...query] = (request.url ?? '').split('?');
    const match = this.#router(request.method ?? '', path);
    if (match === undefined) return NOT_FOUND;
    if (body === undefined) return ENTITY_TOO_LARGE;
    return this.#integrate({ request, match, path, query: query.join('?'), body });
  }

  async #integrate(parts: RequestParts): Promise<HttpResponse> {
    const payload = Buffer.from(JSON.stringify(createEvent(parts)));
    if (payload.length > REQUEST_LIMIT) return ENTITY_TOO_LARGE;
    const { functionName } = parts.match.route;
    if (this.#options.functions.isThrottled(functionName)) return SERVICE_UNAVAILABLE;
    const result = await withDeadline(this.#options.functions.invoke(functionName, payload));
    if (result === undefined) return SERVICE_UNAVAILABLE;
    return result.isFunctionError ? INTERNAL_SERVER_ERROR : mapResponse(result.payload.toString());
  }
}

/** Undefined when the function takes longer than API Gateway waits. */
function withDeadline<T>(result: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), INTEGRATION_SECONDS * 1000);
    const settled = (): void => clearTimeout(timer);
    result.finally(settled).then(resolve, reject);
  });
}
