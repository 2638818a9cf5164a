/** Replies to the emulator's HTTP requests: sign-in, API and pages. */
import type { IncomingMessage, RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { readBody } from '../http-server.ts';
import { callApi, findMethod } from './api.ts';
import { ApiError, invalid, quotaExceeded } from './api-error.ts';
import type { Failure, Faults, RequestKind } from './faults.ts';
import { PAGE_HEADERS, renderNotFound, renderPage } from './pages.ts';
import type { Quota } from './quota.ts';
import type { ServiceAccount } from './service-account.ts';
import type { SpreadsheetStore } from './spreadsheet-store.ts';

/** 10 MiB: the maximum that Google's front end accepts. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const LOG_LENGTH = 10_000;

export interface LoggedRequest {
  method: string;
  /** The path with the query. */
  path: string;
  /** Size of the request's body. */
  bytes: number;
  /** 0: the connection was dropped. */
  status: number;
  /** Time of the reply, in milliseconds since 1970. */
  time: number;
}

export interface ListenerDependencies {
  store: SpreadsheetStore;
  account: ServiceAccount;
  faults: Faults;
  quota: Quota;
  /** The latest requests, newest last. */
  requests: LoggedRequest[];
  address: { readonly url: string };
  now: () => number;
  /** Runs before each request to the API. Simulates a person who works in a spreadsheet meanwhile. */
  person: { act?: (() => void) | undefined };
}

interface Request {
  method: string;
  url: URL;
  /** undefined when it is too large. */
  body: Buffer | undefined;
  authorization: string | undefined;
}

interface Reply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Closes the connection without a reply. */
class Dropped extends Error {}

export function createListener(dependencies: ListenerDependencies): RequestListener {
  const { requests, now } = dependencies;
  return (incoming, response) => {
    async function respond(): Promise<void> {
      const request = await readRequest(incoming);
      const reply = await replyTo(request, dependencies).catch(toReply);
      const { method, url, body } = request;
      const bytes = body?.length ?? Number(incoming.headers['content-length']);
      requests.push({ method, path: url.pathname + url.search, bytes, status: reply?.status ?? 0, time: now() });
      if (requests.length > LOG_LENGTH) requests.shift();
      if (reply === undefined) response.socket?.destroy();
      else response.writeHead(reply.status, reply.headers).end(reply.body);
    }
    // An error here means that the caller has closed the connection.
    respond().catch(() => response.destroy());
  };
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const { method = 'GET', url = '/', headers } = incoming;
  const body = await readBody(incoming, MAX_BODY_BYTES);
  return { method, url: new URL(url, 'http://127.0.0.1'), body, authorization: headers.authorization };
}

async function replyTo(request: Request, dependencies: ListenerDependencies): Promise<Reply> {
  const { method, url } = request;
  if (url.pathname.startsWith('/v4/')) return replyToApi(request, dependencies);
  if (method === 'POST' && url.pathname === '/token') return signIn(request, dependencies);
  const page = method === 'GET' ? renderPage(url.pathname, dependencies.store) : undefined;
  return { status: page === undefined ? 404 : 200, headers: PAGE_HEADERS, body: page ?? renderNotFound() };
}

async function replyToApi(request: Request, dependencies: ListenerDependencies): Promise<Reply> {
  const { account, faults, quota, store, address, person } = dependencies;
  person.act?.();
  const { method, url, body, authorization } = request;
  const found = findMethod(method, decodeURIComponent(url.pathname));
  if (found === undefined) return { status: 404, headers: PAGE_HEADERS, body: renderNotFound() };
  if (body === undefined) throw new ApiError(413, `Request payload size exceeds the limit: ${MAX_BODY_BYTES} bytes.`);
  return withFault(faults.take(found.method.kind), found.method.kind, () => {
    account.checkAuthorization(authorization);
    quota.spend(found.method.kind);
    const call = { query: url.searchParams, body: parseJson(body), store, baseUrl: address.url };
    return json(200, callApi(found, call));
  });
}

function signIn({ body }: Request, { account, address, faults }: ListenerDependencies): Promise<Reply> {
  return withFault(faults.take('token'), 'token', () => {
    const { status, body: reply } = account.exchange(new URLSearchParams(body?.toString()), `${address.url}/token`);
    return json(status, reply);
  });
}

/** Carries out a request, with a failure if one is due. */
async function withFault(failure: Failure = {}, kind: RequestKind, action: () => Reply): Promise<Reply> {
  const { delayMilliseconds, drop, status, retryAfter } = failure;
  if (delayMilliseconds !== undefined) await wait(delayMilliseconds);
  if (drop === 'before') throw new Dropped();
  if (status !== undefined) {
    const headers = retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) };
    if (status === 429) throw quotaExceeded(kind, headers);
    throw new ApiError(status, 'The service is currently unavailable.', headers);
  }
  const reply = action();
  if (drop === 'after') throw new Dropped();
  return reply;
}

function parseJson(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString());
  } catch {
    throw invalid('Invalid JSON payload received.');
  }
}

/** @returns undefined when the connection is to be closed without a reply */
function toReply(error: unknown): Reply | undefined {
  if (error instanceof Dropped) return undefined;
  if (error instanceof ApiError) return json(error.code, error.toBody(), error.headers);
  console.error('The Sheets emulator failed:', error);
  return json(500, new ApiError(500, 'Internal error encountered.').toBody());
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    body: JSON.stringify(body),
  };
}
