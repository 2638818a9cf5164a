/** Lambda's Invoke API, for the SDK's clients: `POST /2015-03-31/functions/{name or ARN}/invocations`. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Faults } from './faults.ts';
import type { FunctionHost } from './functions/function-host.ts';
import { EVENT_LIMIT, REQUEST_LIMIT } from './functions/invocation.ts';
import type { InvokeResult } from './functions/invocation.ts';
import { readBody, serve, refuseWebPages } from '../emulators/http-server.ts';
import type { RunningServer } from '../emulators/http-server.ts';
import { functionArn } from './template/references.ts';

const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations(?:\?.*)?$/;
/** `name`, `name:alias`, `account:function:name[:alias]`, or a whole ARN. */
const FUNCTION = /^(?:arn:[^:]+:lambda:[^:]*:)?(?:\d{12}:function:)?([\w-]+)(?::[\w$-]+)?$/;

interface ApiError {
  status: number;
  code: string;
  type: 'User' | 'Service';
  message: string;
}

const ERRORS = {
  noFunction: (name: string): ApiError => ({
    status: 404,
    code: 'ResourceNotFoundException',
    type: 'User',
    message: `Function not found: ${functionArn(name)}`,
  }),
  tooLarge: (limit: number): ApiError => ({
    status: 413,
    code: 'RequestTooLargeException',
    type: 'User',
    message: `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
  }),
  notJson: {
    status: 400,
    code: 'InvalidRequestContentException',
    type: 'User',
    message: 'Could not parse request body into json',
  },
  throttled: { status: 429, code: 'TooManyRequestsException', type: 'User', message: 'Rate Exceeded.' },
  unavailable: { status: 500, code: 'ServiceException', type: 'Service', message: 'Service unavailable' },
} satisfies Record<string, ApiError | ((value: never) => ApiError)>;

function sendError(response: ServerResponse, error: ApiError): void {
  const body = JSON.stringify({ Type: error.type, Message: error.message, message: error.message });
  response.writeHead(error.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-amzn-errortype': error.code,
    'x-amzn-requestid': randomUUID(),
  });
  response.end(body);
}

function sendResult(response: ServerResponse, result: InvokeResult, endsEarly: boolean): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': result.payload.length,
    'x-amz-executed-version': '$LATEST',
    'x-amzn-requestid': randomUUID(),
    ...(result.isFunctionError && { 'x-amz-function-error': 'Unhandled' }),
  });
  if (!endsEarly) {
    response.end(result.payload);
    return;
  }
  response.write(result.payload.subarray(0, result.payload.length / 2), () => response.destroy());
}

function isJson(payload: Buffer): boolean {
  try {
    JSON.parse(payload.toString());
    return true;
  } catch {
    return false;
  }
}

function traceOf({ headers }: IncomingMessage): string | undefined {
  return [headers['x-amzn-trace-id']].flat()[0];
}

export class LambdaApi {
  readonly #functions: FunctionHost;
  readonly #faults: Faults;
  #server: RunningServer | undefined;

  constructor(functions: FunctionHost, faults: Faults) {
    this.#functions = functions;
    this.#faults = faults;
  }

  async start(): Promise<void> {
    const listener = refuseWebPages((request, response) => {
      // A malformed URL, or a caller that closed the connection.
      this.#handle(request, response).catch(() => sendError(response, ERRORS.unavailable));
    });
    this.#server = await serve(0, listener);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server?.port}`;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requested = decodeURIComponent(INVOCATIONS.exec(request.url ?? '')?.[1] ?? '');
    const functionName = FUNCTION.exec(requested)?.[1] ?? requested;
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    const limit = type === 'Event' ? EVENT_LIMIT : REQUEST_LIMIT;
    const body = await readBody(request, limit);
    if (!this.#functions.has(functionName)) return sendError(response, ERRORS.noFunction(functionName));
    if (body === undefined) return sendError(response, ERRORS.tooLarge(limit));
    const payload = body.length === 0 ? Buffer.from('{}') : body;

    const fault = this.#faults.take(functionName);
    if (fault?.kind === 'delay') await wait(fault.milliseconds);
    if (fault?.kind === 'unavailable') return sendError(response, ERRORS.unavailable);
    if (fault?.kind === 'throttle' || this.#functions.isThrottled(functionName)) {
      return sendError(response, ERRORS.throttled);
    }
    if (fault?.kind === 'drop-request') {
      response.destroy();
      return;
    }
    if (!isJson(payload)) return sendError(response, ERRORS.notJson);
    if (type === 'RequestResponse') {
      const result = await this.#functions.invoke(functionName, payload, traceOf(request));
      return sendResult(response, result, fault?.kind === 'drop-reply');
    }
    if (type === 'Event') this.#functions.invokeAsynchronously(functionName, payload);
    response.writeHead(type === 'Event' ? 202 : 204, { 'content-length': 0 }).end();
  }
}
