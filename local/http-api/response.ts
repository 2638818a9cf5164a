/** Converts a function's result to API Gateway's HTTP response, payload format 2.0. */
import type { OutgoingHttpHeaders } from 'node:http';
import { isRecord, list, text } from '../template/values.ts';

export interface HttpResponse {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

/** Headers of the connection, which a function cannot set. */
const CONNECTION_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** API Gateway's own reply: `{"message":"Not Found"}`. */
function gatewayMessage(status: number, message: string): HttpResponse {
  const body = Buffer.from(JSON.stringify({ message }));
  return { status, headers: { 'content-type': 'application/json' }, body };
}

/**
 * The reply to a request without the authorizer's identity header. API Gateway sends only `message`. Here the body is
 * also a problem, as in the functions' replies.
 */
export const UNAUTHORIZED: HttpResponse = {
  status: 401,
  headers: { 'content-type': 'application/problem+json', 'www-authenticate': 'Bearer' },
  body: Buffer.from(
    JSON.stringify({
      type: 'urn:collect:problem:unauthorized',
      title: 'A valid token is required.',
      status: 401,
      detail: 'No token was sent. Send "Authorization: Bearer" and a token that a manager made for you.',
      message: 'Unauthorized',
    }),
  ),
};
export const FORBIDDEN = gatewayMessage(403, 'Forbidden');
export const NOT_FOUND = gatewayMessage(404, 'Not Found');
export const ENTITY_TOO_LARGE = gatewayMessage(413, 'Request Entity Too Large');
export const INTERNAL_SERVER_ERROR = gatewayMessage(500, 'Internal Server Error');
export const SERVICE_UNAVAILABLE = gatewayMessage(503, 'Service Unavailable');

/** A result without a `statusCode` is the body of a 200. */
function inferred(result: unknown): HttpResponse {
  const body = Buffer.from(typeof result === 'string' ? result : JSON.stringify(result));
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

function bodyOf(body: unknown, isBase64Encoded: unknown): Buffer | undefined {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body !== 'string') return undefined;
  return Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8');
}

/** The response for a function's result. An invalid result becomes a 500, as in API Gateway. */
export function mapResponse(payload: string): HttpResponse {
  const result: unknown = JSON.parse(payload);
  if (!isRecord(result) || result['statusCode'] === undefined) return inferred(result);
  const status = Number(result['statusCode']);
  const body = bodyOf(result['body'], result['isBase64Encoded']);
  if (!Number.isInteger(status) || status < 100 || status > 599 || body === undefined) return INTERNAL_SERVER_ERROR;
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(isRecord(result['headers']) ? result['headers'] : {})) {
    const lowerCase = name.toLowerCase();
    if (!CONNECTION_HEADERS.has(lowerCase)) headers[lowerCase] = text(value);
  }
  if (body.length > 0) headers['content-type'] ??= 'text/plain; charset=utf-8';
  const cookies = list(result['cookies']);
  if (cookies.length > 0) headers['set-cookie'] = cookies.map(text);
  return { status, headers, body };
}
