/** HTTP API events (payload format 2.0) to calls and back: routing, bodies, answers and problems. */
import { annotate } from '@collect/tracing';
import type {
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2WithRequestContext,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import { isId, type By } from '../../db-proxy-lambda/contract.ts';
import { JsonNumber } from '../../forms/json.ts';
import { authorize, type Caller } from './access.ts';
import { isTransient } from './db-proxy-client.ts';
import { traceOf, type Logger } from './logger.ts';
import { publishMetrics } from './metrics.ts';
import { Problem, RETRY_AFTER_SECONDS } from './problem.ts';

/** With what the authorizer found out about the caller, on routes that have one. */
export type HttpEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & { authorizer?: { lambda?: unknown } }
>;
export type HttpResponse = APIGatewayProxyStructuredResultV2;
export type Route = (event: HttpEvent, caller: Caller) => Promise<HttpResponse>;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * Makes the handler of a function that serves HTTP routes. Who may call which is in access.ts.
 *
 * Every line of a request carries its `request_id`, which a 5xx tells the caller, and its route.
 *
 * A thrown problem becomes its answer, an unreachable proxy 503, and anything else 500 with the request id and no word
 * of its cause, which goes to the log.
 *
 * @param routes by route key, as template.yaml declares them: `POST /collect`
 */
export function routeRequests(
  routes: Record<string, Route>,
  logger: Logger,
): (event: HttpEvent) => Promise<HttpResponse> {
  return async (event) => {
    const about = { route: event.routeKey, ...idsInPath(event) };
    logger.appendKeys({ request_id: event.requestContext.requestId, ...about });
    annotate(about);
    try {
      const route = routes[event.routeKey];
      if (route === undefined) throw new Problem('not-found');
      return await route(event, authorize(event.routeKey, event.requestContext.authorizer?.lambda));
    } catch (error) {
      return answerError(error, event, logger);
    }
  };
}

function answerError(error: unknown, event: HttpEvent, logger: Logger): HttpResponse {
  if (error instanceof Problem && error.body.status < 500) return problemResponse(error);
  const { requestId } = event.requestContext;
  publishMetrics({ ServerErrors: 1 });
  logger.error('request failed', traceOf(error));
  const members = { request_id: requestId };
  if (error instanceof Problem) return problemResponse(error, members);
  return isTransient(error)
    ? problemResponse(new Problem('unavailable', { members, headers: { 'retry-after': RETRY_AFTER_SECONDS } }))
    : problemResponse(new Problem('internal', { members }));
}

/** The ids by which log lines of a response or an export are found; malformed ids are not logged. */
function idsInPath({ pathParameters = {} }: HttpEvent): Record<string, string> {
  const { response_id: responseId, export_id: exportId } = pathParameters;
  return {
    ...(responseId !== undefined && isId(responseId) && { response_id: responseId }),
    ...(exportId !== undefined && UUID.test(exportId) && { export_id: exportId }),
  };
}

export function jsonResponse(statusCode: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return jsonText(statusCode, JSON.stringify(body), headers);
}

/** The same for a body that is JSON text already. */
export function jsonText(statusCode: number, body: string, headers: Record<string, string> = {}): HttpResponse {
  return { statusCode, headers: { 'content-type': 'application/json', ...headers }, body };
}

function problemResponse({ body, headers }: Problem, members: Record<string, unknown> = {}): HttpResponse {
  return jsonResponse(body.status, { ...body, ...members }, { 'content-type': 'application/problem+json', ...headers });
}

/**
 * Reads a text body.
 *
 * @param accepted the content types that the caller understands, without parameters
 * @param limit the most bytes that it takes
 * @throws {Problem} 415 other content type or a charset that is not UTF-8, 413 too large, 400 bytes that are not UTF-8:
 * API Gateway has replaced those of a text by U+FFFD before it hands it over
 */
export function readText<Type extends string>(
  event: HttpEvent,
  accepted: readonly Type[],
  limit: number,
): { type: Type; text: string } {
  const [sent = '', ...parameters] = (event.headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const type = accepted.find((each) => each === sent);
  const charset = parameters.find((each) => each.startsWith('charset='))?.replace(/^charset=|"/g, '');
  if (type === undefined || (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8')) {
    throw new Problem('unsupported-media-type', { detail: `Send ${accepted.join(' or ')}, in UTF-8.` });
  }
  const body = event.body ?? '';
  const bytes = event.isBase64Encoded ? Buffer.byteLength(body, 'base64') : Buffer.byteLength(body);
  if (bytes > limit) {
    throw new Problem('too-large', { detail: `The body has ${bytes} bytes; at most ${limit} are taken.` });
  }
  if (event.isBase64Encoded) return { type, text: decodeUtf8(Buffer.from(body, 'base64')) };
  if (body.includes('\uFFFD')) throw new Problem('not-json', { detail: NOT_UTF8 });
  return { type, text: body };
}

const NOT_UTF8 =
  'The body is not UTF-8 text. Send UTF-8; where the character U+FFFD itself is meant, write it as \\ufffd.';

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem('not-json', { detail: NOT_UTF8 });
  }
}

/** Who asks, as the audit keeps it. */
export function askedBy(event: HttpEvent, { tokenId }: Caller): By {
  return { token_id: tokenId ?? null, source_ip: event.requestContext.http.sourceIp };
}

/** The value of a path parameter, which the route guarantees. */
export function pathParameter(event: HttpEvent, name: string): string {
  return event.pathParameters?.[name] ?? '';
}

/** Whether what `parseJson` read is an object, and not an array, null or a number that kept its text. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
}
