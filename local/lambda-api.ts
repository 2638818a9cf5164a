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
  message: string;
}

const NOT_JSON = {
  status: 400,
  code: 'InvalidRequestContentException',
  message: 'Could not parse request body into json',
};
const THROTTLED = { status: 429, code: 'TooManyRequestsException', message: 'Rate Exceeded.' };
const UNAVAILABLE = { status: 500, code: 'ServiceException', message: 'Service unavailable' };

function noFunction(name: string): ApiError {
  return { status: 404, code: 'ResourceNotFoundException', message: `Function not found: ${functionArn(name)}` };
}

function tooLarge(limit: number): ApiError {
  const message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation`;
  return { status: 413, code: 'RequestTooLargeException', message };
}

function sendError(response: ServerResponse, { status, code, message }: ApiError): void {
  const body = JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message, message });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-amzn-errortype': code,
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
      this.#handle(request, response).catch(() => sendError(response, UNAVAILABLE));
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
    if (!this.#functions.has(functionName)) return sendError(response, noFunction(functionName));
    if (body === undefined) return sendError(response, tooLarge(limit));
    const payload = body.length === 0 ? Buffer.from('{}') : body;

    const fault = this.#faults.take(functionName);
    if (fault?.kind === 'delay') await wait(fault.milliseconds);
    if (fault?.kind === 'unavailable') return sendError(response, UNAVAILABLE);
    const isThrottled = fault?.kind === 'throttle' || this.#functions.isThrottled(functionName);
    if (isThrottled) return sendError(response, THROTTLED);
    if (fault?.kind === 'drop-request') return void response.destroy();
    if (!isJson(payload)) return sendError(response, NOT_JSON);
    if (type === 'RequestResponse') {
      const result = await this.#functions.invoke(functionName, payload, traceOf(request));
      return sendResult(response, result, fault?.kind === 'drop-reply');
    }
    if (type === 'Event') this.#functions.invokeAsynchronously(functionName, payload);
    response.writeHead(type === 'Event' ? 202 : 204, { 'content-length': 0 }).end();
  }
}
