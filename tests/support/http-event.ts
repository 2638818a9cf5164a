/** HTTP API events, payload format 2.0, as API Gateway passes them to a function. */
import type { CallerContext } from '../../collect-lambdas/shared/access.ts';
import type { HttpEvent, HttpResponse } from '../../collect-lambdas/shared/http.ts';

export interface HttpRequest {
  /** Sent as JSON, unless it is text already. */
  body?: unknown;
  contentType?: string;
  /** Whether the body is in base64, as for types that API Gateway does not treat as text. */
  base64?: boolean;
  path?: Record<string, string>;
  query?: Record<string, string>;
  /** Headers besides the content type, with lowercase names as in API Gateway. */
  headers?: Record<string, string>;
  /** The authorizer's context; by default a manager's. */
  caller?: CallerContext | null;
}

const MANAGER: CallerContext = { role: 'manager' };

/** @param routeKey as template.yaml declares it: `POST /collect` */
export function httpEvent(routeKey: string, request: HttpRequest = {}): HttpEvent {
  const { body, contentType = 'application/json', base64 = false, path, query, headers, caller = MANAGER } = request;
  const [method = '', rawPath = ''] = routeKey.split(' ');
  const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
  const sent = base64 && text !== undefined ? Buffer.from(text).toString('base64') : text;
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: { ...(body !== undefined && { 'content-type': contentType }), ...headers },
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      ...(caller !== null && { authorizer: { lambda: caller } }),
      domainName: 'api.example.org',
      domainPrefix: 'api',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request-1',
      routeKey,
      stage: '$default',
      time: '01/Sep/2026:06:00:00 +0000',
      timeEpoch: 1788242400000,
    },
    isBase64Encoded: base64,
    ...(sent !== undefined && { body: sent }),
    ...(path !== undefined && { pathParameters: path }),
    ...(query !== undefined && { queryStringParameters: query }),
  };
}

/** A reply with its JSON body parsed. */
export function readReply({ statusCode, headers, body }: HttpResponse) {
  return { status: statusCode, headers: headers ?? {}, body: JSON.parse(body ?? 'null') as unknown };
}
