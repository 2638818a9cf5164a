/** Answers the server's HTTP requests: sign-in, API, pages and control. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { ZodError, prettifyError } from 'zod';
import { readBody } from '../../local/http-server.ts';
import { ApiError, invalid, notFound, outage, permissionDenied, quotaExceeded } from './api-error.ts';
import { control } from './control.ts';
import type { Failure, Faults } from './faults.ts';
import { PAGE_HEADERS, renderIndex, renderNotFound, renderSpreadsheet } from './html.ts';
import { runOperation } from './operations.ts';
import type { Quota } from './quota.ts';
import { findRoute } from './routes.ts';
import type { Route } from './routes.ts';
import type { ServiceAccount } from './service-account.ts';
import { copySpreadsheet } from './spreadsheet.ts';
import type { SpreadsheetStore } from './store.ts';

/** 10 MiB: what Google's front end takes at most. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const LOG_LENGTH = 10_000;
const JSON_HEADERS = { 'content-type': 'application/json; charset=UTF-8', 'x-content-type-options': 'nosniff' };

export interface LoggedRequest {
  method: string;
  /** With the query, as it came. */
  path: string;
  /** Of the request's body. */
  bytes: number;
  /** 0: the connection was dropped. */
  status: number;
  /** When it was answered, in milliseconds since 1970. */
  time: number;
}

export interface ListenerDependencies {
  store: SpreadsheetStore;
  account: ServiceAccount;
  faults: Faults;
  quota: Quota;
  requests: LoggedRequest[];
  address: { readonly url: string };
  now: () => number;
}

interface Exchange {
  method: string;
  rawPath: string;
  query: URLSearchParams;
  /** undefined when it is too large. */
  body: Buffer | undefined;
  request: IncomingMessage;
}

interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Ends the connection without an answer. */
class Dropped extends Error {}

/** The server's request listener. */
export function createListener(dependencies: ListenerDependencies): RequestListener {
  const { requests, now } = dependencies;
  return (request, response) => {
    const { method = 'GET', url = '/' } = request;
    const [rawPath = '/'] = url.split('?', 1);
    async function respond(): Promise<void> {
      const body = await readBody(request, MAX_BODY_BYTES);
      const exchange = { method, rawPath, query: new URLSearchParams(url.slice(rawPath.length + 1)), body, request };
      const answer = await answerTo(exchange, dependencies).catch(toAnswer);
      const bytes = body?.length ?? Number(request.headers['content-length'] ?? MAX_BODY_BYTES + 1);
      requests.push({ method, path: url, bytes, status: answer?.status ?? 0, time: now() });
      if (requests.length > LOG_LENGTH) requests.shift();
      send(response, answer);
    }
    // What fails here is the connection itself: the caller is gone.
    respond().catch(() => response.destroy());
  };
}

async function answerTo(exchange: Exchange, dependencies: ListenerDependencies): Promise<Answer> {
  const { method, rawPath } = exchange;
  if (rawPath.startsWith('/v4/')) return callApi(exchange, dependencies);
  if (method === 'POST' && rawPath === '/token') return signIn(exchange, dependencies);
  if (rawPath === '/_control') return answerControl(exchange, dependencies);
  return method === 'GET' ? showPage(exchange, dependencies) : html(404, renderNotFound());
}

async function callApi(exchange: Exchange, dependencies: ListenerDependencies): Promise<Answer> {
  const { account, faults, quota } = dependencies;
  const { method, rawPath, request, body } = exchange;
  const route = findRoute(method, rawPath);
  if (route === undefined) return html(404, renderNotFound());
  if (body === undefined) throw new ApiError(413, `Request payload size exceeds the limit: ${MAX_BODY_BYTES} bytes.`);
  const failure = await befall(faults.take(route.kind), route.kind);
  account.checkAuthorization(request.headers.authorization);
  quota.spend(route.kind);
  const answer = runRoute(route, exchange, parseJson(body), dependencies);
  if (failure?.drop === 'after') throw new Dropped();
  return json(200, answer);
}

/** A change is made on a copy, which takes the place of the spreadsheet when all of it succeeded. */
function runRoute(route: Route, { query }: Exchange, body: unknown, { store, address }: ListenerDependencies): object {
  if (route.operation === 'createSpreadsheet') throw permissionDenied();
  const current = store.get(route.spreadsheetId);
  if (current === undefined) throw notFound();
  if (!current.shared) throw permissionDenied();
  const spreadsheet = route.kind === 'write' ? copySpreadsheet(current) : current;
  const { range } = route;
  const answer = runOperation(route.operation, { spreadsheet, range, query, body, baseUrl: address.url });
  if (route.kind === 'write') store.put(spreadsheet);
  return answer;
}

async function signIn({ body, request }: Exchange, dependencies: ListenerDependencies): Promise<Answer> {
  const { account, address, faults } = dependencies;
  const failure = await befall(faults.take('token'), 'read');
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '');
  const form = new URLSearchParams(isForm ? body?.toString() : '');
  const answer = account.exchange(form, `${address.url}/token`);
  if (failure?.drop === 'after') throw new Dropped();
  return json(answer.status, answer.body);
}

/** Waits, drops or fails as a fault says; what is to happen after the request is left to the caller. */
async function befall(failure: Failure | undefined, kind: 'read' | 'write'): Promise<Failure | undefined> {
  if (failure === undefined) return undefined;
  if (failure.delayMilliseconds !== undefined) await wait(failure.delayMilliseconds);
  if (failure.drop === 'before') throw new Dropped();
  if (failure.status !== undefined) {
    const headers: Record<string, string> = {};
    if (failure.retryAfter !== undefined) headers['retry-after'] = String(failure.retryAfter);
    throw failure.status === 429 ? quotaExceeded(kind, headers) : outage(failure.status, headers);
  }
  return failure;
}

function answerControl({ method, body }: Exchange, dependencies: ListenerDependencies): Answer {
  const { faults, quota, requests } = dependencies;
  if (method === 'GET') return json(200, { faults: faults.active, quota: quota.isEnforced, requests });
  if (method !== 'POST') return json(405, { error: 'GET and POST are allowed.' });
  try {
    return json(200, control(body?.toString() ?? '', faults, quota));
  } catch (error) {
    if (error instanceof ZodError) return json(400, { error: prettifyError(error) });
    if (error instanceof SyntaxError) return json(400, { error: `The body is no JSON: ${error.message}` });
    throw error;
  }
}

function showPage({ rawPath, query }: Exchange, { store }: ListenerDependencies): Answer {
  if (rawPath === '/') return html(200, renderIndex(store.list()));
  const id = /^\/spreadsheets\/d\/([\w-]+)(?:\/edit)?$/.exec(rawPath)?.[1];
  const spreadsheet = id === undefined ? undefined : store.get(id);
  if (spreadsheet === undefined) return html(404, renderNotFound());
  return html(200, renderSpreadsheet(spreadsheet, query.get('gid') ?? undefined));
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    throw invalid(`Invalid JSON payload received. ${reason}`);
  }
}

/** @returns undefined where there is no answer. */
function toAnswer(error: unknown): Answer | undefined {
  if (error instanceof Dropped) return undefined;
  if (error instanceof ApiError) {
    const { status, headers, body } = json(error.code, error.toBody());
    return { status, headers: { ...headers, ...error.headers }, body };
  }
  console.error('The local Sheets server failed:', error);
  return json(500, new ApiError(500, 'Internal error encountered.').toBody());
}

function json(status: number, body: object): Answer {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(body) };
}

function html(status: number, body: string): Answer {
  return { status, headers: PAGE_HEADERS, body };
}

function send(response: ServerResponse, answer: Answer | undefined): void {
  if (answer === undefined) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(answer.status, answer.headers).end(answer.body);
}
