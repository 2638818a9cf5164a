/** Cross-origin requests, as API Gateway answers them for an HTTP API with a CorsConfiguration. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { CorsModel } from '../template/model.ts';

const ANY = '*';

/** Headers that let the page of the request's origin read the answer; none where it may not. */
export function corsHeaders(cors: CorsModel | undefined, request: IncomingMessage): OutgoingHttpHeaders {
  const { origin } = request.headers;
  if (cors === undefined || origin === undefined) return {};
  if (!cors.origins.includes(ANY) && !cors.origins.includes(origin)) return {};
  return {
    'access-control-allow-origin': cors.origins.includes(ANY) ? ANY : origin,
    ...(cors.exposedHeaders.length > 0 && { 'access-control-expose-headers': cors.exposedHeaders.join(',') }),
  };
}

/** The answer to a preflight request; undefined for every other request. API Gateway answers it whatever the path. */
export function preflightHeaders(
  cors: CorsModel | undefined,
  request: IncomingMessage,
): OutgoingHttpHeaders | undefined {
  const asksFirst = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
  if (cors === undefined || !asksFirst) return undefined;
  const allowed = corsHeaders(cors, request);
  if (Object.keys(allowed).length === 0) return {};
  return {
    ...allowed,
    'access-control-allow-methods': cors.methods.join(','),
    'access-control-allow-headers': cors.headers.join(','),
    'access-control-max-age': String(cors.maxAgeSeconds),
  };
}
