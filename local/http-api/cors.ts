/** CORS headers, as API Gateway sends them for an HTTP API with a CorsConfiguration. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { CorsModel } from '../template/model.ts';

const ANY = '*';

/** Headers that allow the request's origin to read the reply; none if it may not. */
export function corsHeaders(cors: CorsModel | undefined, request: IncomingMessage): OutgoingHttpHeaders {
  const { origin } = request.headers;
  if (cors === undefined || origin === undefined) return {};
  if (!cors.origins.includes(ANY) && !cors.origins.includes(origin)) return {};
  return {
    'access-control-allow-origin': cors.origins.includes(ANY) ? ANY : origin,
    ...(cors.exposedHeaders.length > 0 && { 'access-control-expose-headers': cors.exposedHeaders.join(',') }),
  };
}

/** The headers of a preflight's reply, which API Gateway sends for any path; undefined for other requests. */
export function preflightHeaders(
  cors: CorsModel | undefined,
  request: IncomingMessage,
): OutgoingHttpHeaders | undefined {
  const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
  if (cors === undefined || !isPreflight) return undefined;
  const allowed = corsHeaders(cors, request);
  if (Object.keys(allowed).length === 0) return {};
  return {
    ...allowed,
    'access-control-allow-methods': cors.methods.join(','),
    'access-control-allow-headers': cors.headers.join(','),
    'access-control-max-age': String(cors.maxAgeSeconds),
  };
}
