/** Converts an HTTP request to API Gateway's event, payload format 2.0. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ACCOUNT_ID } from '../template/references.ts';
import { decode } from './router.ts';
import type { RouteMatch } from './router.ts';

/** API Gateway passes on bodies of these types as text, others in base64. */
const TEXT_TYPE = /^(?:text\/.*|application\/(?:json|javascript|xml))$/;

/** `12/Mar/2020:19:03:58 +0000` */
function logTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

function isText(contentType: string | undefined): boolean {
  const [type = ''] = (contentType ?? '').split(';');
  return TEXT_TYPE.test(type.trim().toLowerCase());
}

/** Lowercase names; values of the same name joined with commas. The event has cookies in a separate field. */
function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  const { rawHeaders } = request;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'cookie') continue;
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  headers['x-forwarded-for'] ??= request.socket.remoteAddress ?? '';
  headers['x-forwarded-port'] ??= String(request.socket.localPort);
  headers['x-forwarded-proto'] ??= 'http';
  return headers;
}

function queryParameters(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = parameters[name] === undefined ? value : `${parameters[name]},${value}`;
  }
  return parameters;
}

export interface RequestParts {
  request: IncomingMessage;
  match: RouteMatch;
  path: string;
  /** Without the question mark. */
  query: string;
  body: Buffer;
}

/** The event for a request whose body has been read. */
export function createEvent({ request, match, path, query, body }: RequestParts): APIGatewayProxyEventV2 {
  const headers = headersOf(request);
  const { cookie } = request.headers;
  const isBase64Encoded = body.length > 0 && !isText(headers['content-type']);
  const now = new Date();
  // API Gateway decodes this path, despite the name `rawPath`.
  const rawPath = decode(path);
  return {
    version: '2.0',
    routeKey: match.routeKey,
    rawPath,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/; */) }),
    headers,
    ...(query !== '' && { queryStringParameters: queryParameters(query) }),
    ...(match.pathParameters !== undefined && { pathParameters: match.pathParameters }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: 'local',
      domainName: headers['host'] ?? '',
      domainPrefix: 'local',
      http: {
        method: request.method ?? '',
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: match.routeKey,
      stage: '$default',
      time: logTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}
