/** The client of Collect's API, typed by its OpenAPI document. */
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './openapi.d.ts';
import { NoReplyError, problemOf } from './problem.ts';

export type Api = Client<paths>;

interface Reply<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/**
 * @param token the bearer token; undefined while signed out
 * @param onUnauthorized called when the API refuses the current token
 */
export function createApi(token: () => string | undefined, onUnauthorized: () => void): Api {
  const api = createClient<paths>({ baseUrl: location.origin, fetch: (request) => send(request) });
  api.use({
    onRequest({ request }) {
      const value = token();
      if (value !== undefined) request.headers.set('authorization', `Bearer ${value}`);
      return request;
    },
    onResponse({ request, response }) {
      // A late reply to a request with an earlier token says nothing about the current one.
      const isCurrent = request.headers.get('authorization') === `Bearer ${token()}`;
      if (response.status === 401 && isCurrent) onUnauthorized();
    },
  });
  return api;
}

/** @throws {NoReplyError} without a reply */
async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    throw new NoReplyError({ cause: error });
  }
}

/**
 * The body of a successful reply.
 *
 * @throws {ProblemError} for another reply
 * @throws {NoReplyError} without a reply
 */
export async function read<Data>(reply: Promise<Reply<Data>>): Promise<Data> {
  const { data, error, response } = await reply;
  if (response.ok && data !== undefined) return data;
  throw problemOf(response.status, error);
}

/** For a reply without a body, such as 204. @throws as `read` does */
export async function finish(reply: Promise<Reply<unknown>>): Promise<void> {
  const { error, response } = await reply;
  if (!response.ok) throw problemOf(response.status, error);
}
