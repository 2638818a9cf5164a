/** Reads HTTP API events (payload format 2.0) and builds replies, problems among them. */
import { annotate } from '@collect/tracing';
import type {
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2WithRequestContext,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import { isId, type By } from '../../db-proxy-lambda/contract.ts';
import type { Caller } from './access.ts';
import { isTransient } from './db-proxy-client.ts';
import { traceOf, type Logger } from './logger.ts';
import { publishMetrics } from './metrics.ts';
import { Problem, RETRY_AFTER_SECONDS } from './problem.ts';

/** An HTTP API event. On a route with an authorizer, `authorizer.lambda` is the authorizer's result. */
export type HttpEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & { authorizer?: { lambda?: unknown } }
>;
export type HttpResponse = APIGatewayProxyStructuredResultV2;
/** @throws {Problem} for a request that it refuses */
export type Reply = (event: HttpEvent) => Promise<HttpResponse>;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * Makes the handler of a function that serves HTTP routes.
 *
 * Every log line of a request contains its route and its `request_id`, which a 5xx reply also contains. A thrown problem
 * becomes the reply, a transient failure of the proxy becomes 503, and any other error becomes 500. The cause goes to the
 * log only.
 */
export function handleRequests(reply: Reply, logger: Logger): Reply {
  return async (event) => {
    const about = { route: event.routeKey, ...idsInPath(event) };
    logger.appendKeys({ request_id: event.requestContext.requestId, ...about });
    annotate(about);
    try {
      return await reply(event);
    } catch (error) {
      const problem = toProblem(error);
      if (problem.body.status < 500 || problem.kind === 'not-installed') return problemResponse(problem);
      publishMetrics({ ServerErrors: 1 });
      logger.error('request failed', traceOf(error));
      return problemResponse(problem, { request_id: event.requestContext.requestId });
    }
  };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return isTransient(error)
    ? new Problem('unavailable', { headers: { 'retry-after': RETRY_AFTER_SECONDS } })
    : new Problem('internal');
}

/** Ids for finding the log lines of a response or an export; malformed ids are not logged. */
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

/** A reply whose body is already JSON text. */
export function jsonText(statusCode: number, body: string, headers: Record<string, string> = {}): HttpResponse {
  return { statusCode, headers: { 'content-type': 'application/json', ...headers }, body };
}

function problemResponse({ body, headers }: Problem, members: Record<string, unknown> = {}): HttpResponse {
  return jsonResponse(body.status, { ...body, ...members }, { 'content-type': 'application/problem+json', ...headers });
}

/**
 * Reads a text body.
 *
 * @param accepted content types, without parameters
 * @param limit in bytes
 * @throws {Problem} 415 for another content type or a charset other than UTF-8, 413 if too large, 400 if not UTF-8.
 * API Gateway replaces each malformed byte of a text by U+FFFD
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

/** The caller as the audit records it. */
export function askedBy(event: HttpEvent, { tokenId }: Caller): By {
  return { token_id: tokenId ?? null, source_ip: event.requestContext.http.sourceIp };
}

/** The address of the API as the caller sees it: `https://api.example.org`. */
export function addressOf({ headers, requestContext }: HttpEvent): string {
  return `${headers['x-forwarded-proto'] ?? 'https'}://${headers['host'] ?? requestContext.domainName}`;
}

/** The value of a path parameter; an empty text if the route has none of this name. */
export function pathParameter(event: HttpEvent, name: string): string {
  return event.pathParameters?.[name] ?? '';
}
