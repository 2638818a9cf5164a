/** The replies of the OpenRosa API: https://docs.getodk.org/openrosa/ */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { escapeXml } from '../../forms/xforms/xml.ts';
import { isCached } from '../shared/etag.ts';
import type { HttpEvent, HttpResponse } from '../shared/http.ts';

const XML_TYPE = 'text/xml; charset=utf-8';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** An OpenRosaResponse, whose message apps show. */
export function openRosaMessage(
  statusCode: number,
  message: string,
  headers: Record<string, string> = {},
): HttpResponse {
  const body = `${DECLARATION}<OpenRosaResponse xmlns="http://openrosa.org/http/response"><message nature="${statusCode < 300 ? 'submit_success' : 'error'}">${escapeXml(message)}</message></OpenRosaResponse>\n`;
  return { statusCode, headers: { ...headers, 'content-type': XML_TYPE }, body };
}

/** A document that apps ask for again: with an ETag, so that the reply is 304 if it is unchanged. */
export function cacheable(event: HttpEvent, content: string | Uint8Array, type: string = XML_TYPE): HttpResponse {
  const etag = `"${createHash('md5').update(content).digest('hex')}"`;
  const headers = { etag, 'cache-control': 'no-cache', 'content-type': type };
  if (isCached(event.headers['if-none-match'], etag)) return { statusCode: 304, headers };
  if (event.requestContext.http.method === 'HEAD') return { statusCode: 200, headers };
  return typeof content === 'string'
    ? { statusCode: 200, headers, body: content }
    : { statusCode: 200, headers, body: Buffer.from(content).toString('base64'), isBase64Encoded: true };
}

/** An XML document of elements with texts: `document('xforms', NAMESPACE, [element('xform', ...)])`. */
export function document(name: string, namespace: string, inside: readonly string[]): string {
  return `${DECLARATION}<${name} xmlns="${namespace}">${inside.join('')}</${name}>\n`;
}

/** @param texts of its elements, by their names; those without a text are left out */
export function element(name: string, texts: Readonly<Record<string, string | undefined>>): string {
  const inside = Object.entries(texts).map(([each, text]) =>
    text === undefined ? '' : `<${each}>${escapeXml(text)}</${each}>`,
  );
  return `<${name}>${inside.join('')}</${name}>`;
}

const problem = z.object({ title: z.string(), detail: z.string().optional(), request_id: z.string().optional() });

/**
 * Makes every reply one of OpenRosa: adds its headers, and turns a problem into an OpenRosaResponse.
 *
 * @param now milliseconds since 1970
 */
export function toOpenRosa(reply: HttpResponse, now: number): HttpResponse {
  const { statusCode = 200, headers = {}, body = '' } = reply;
  const own = { 'x-openrosa-version': '1.0', date: new Date(now).toUTCString() };
  if (headers['content-type'] !== 'application/problem+json') return { ...reply, headers: { ...headers, ...own } };
  const { title, detail = title, request_id: requestId } = problem.parse(JSON.parse(body));
  const message = requestId === undefined ? detail : `${detail} (request ${requestId})`;
  const { 'content-type': _type, ...rest } = headers;
  const { statusCode: status, headers: xml, body: text } = openRosaMessage(statusCode, message);
  return { statusCode: status, headers: { ...stringsOf(rest), ...xml, ...own }, body: text };
}

function stringsOf(headers: NonNullable<HttpResponse['headers']>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
