/** Serves the pages for people: the console and the form page. console/ has their code. */
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import type { Logger } from '../shared/logger.ts';
import { Problem } from '../shared/problem.ts';
import type { Request } from '../shared/route.ts';
import { serveFile } from '../shared/static-file.ts';

/** The built files by name, each compressed with gzip and then in base64. console/build.mjs writes them. */
const packedFiles = z.record(z.string(), z.string());

/** Browsers revalidate each time, usually with a cheap 304. */
const REVALIDATE = 'no-cache';

/** For files whose names contain a hash of their content, as Vite writes them. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const HASHED_NAME = /-[\w-]{8}\.\w+$/;

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  json: 'application/json',
  webmanifest: 'application/manifest+json',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
  wasm: 'application/wasm',
};

/** Allows scripts and styles from this API only, and requests to it only. */
const CONSOLE_POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data: blob:",
  'media-src': "'self' blob:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'manifest-src': "'self'",
  'worker-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

/**
 * Further permissions for ODK Web Forms: it parses expressions in WebAssembly, writes style elements that contain its font
 * at run time, and makes photos smaller in workers of its own. Scripts in the page, `eval` and style attributes stay
 * forbidden.
 */
const FORM_PAGE_POLICY = {
  ...CONSOLE_POLICY,
  'script-src': "'self' 'wasm-unsafe-eval'",
  'style-src': "'self' 'unsafe-inline'",
  'style-src-attr': "'none'",
  'font-src': "'self' data:",
  'worker-src': "'self' blob: data:",
};

/** Directives for content that pages also load from the bucket of attachments. */
const FROM_FILES = new Set(['img-src', 'media-src']);

type Serve = (event: HttpEvent) => HttpResponse;

export type Pages = ReturnType<typeof createPages> & { logger: Logger };

/**
 * The built files, decompressed at their first request in an execution environment.
 *
 * @param pack the text that console/build.mjs writes
 * @param filesOrigin the origin of links to attachments: pages may show pictures and play recordings from there
 */
export function createPages(pack: string, filesOrigin: string) {
  const packed = new Map(Object.entries(packedFiles.parse(JSON.parse(pack))));
  const responders = new Map<string, Serve>();

  /** @throws {Problem} 404 when there is no such file */
  function find(name: string, cacheControl: string): Serve {
    const known = responders.get(name);
    if (known !== undefined) return known;
    const compressed = packed.get(name);
    if (compressed === undefined) throw new Problem('not-found', { detail: 'The pages have no such file.' });
    const bytes = gunzipSync(Buffer.from(compressed, 'base64'));
    const contentType = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    const content = /^text|json|svg/.test(contentType) ? bytes.toString() : bytes;
    const serve = serveFile({ content, contentType, cacheControl, headers: headersOf(name, filesOrigin) });
    responders.set(name, serve);
    return serve;
  }
  return { find };
}

function headersOf(name: string, filesOrigin: string): Record<string, string> {
  // The form page's service worker works for all pages below /fill/.
  if (name === 'sw.js') return { 'service-worker-allowed': '/fill/' };
  if (!name.endsWith('.html')) return {};
  const policy: Record<string, string> = { ...(name === 'fill.html' ? FORM_PAGE_POLICY : CONSOLE_POLICY) };
  const directives = Object.entries(policy).map(([directive, sources]) =>
    FROM_FILES.has(directive) ? `${directive} ${sources} ${filesOrigin}` : `${directive} ${sources}`,
  );
  return { 'content-security-policy': directives.join('; '), 'referrer-policy': 'no-referrer' };
}

export function serveConsole({ find }: Pages, { event }: Request): HttpResponse {
  return find('index.html', REVALIDATE)(event);
}

export function serveFormPage({ find }: Pages, { event }: Request): HttpResponse {
  return find('fill.html', REVALIDATE)(event);
}

/** The form page for a form's id; a name with a dot, which no form id has, is a file such as the service worker. */
export function serveForm(pages: Pages, request: Request): HttpResponse {
  const name = pathParameter(request.event, 'form_id');
  return name.includes('.') ? pages.find(name, REVALIDATE)(request.event) : serveFormPage(pages, request);
}

export function serveAsset({ find }: Pages, { event }: Request): HttpResponse {
  const name = pathParameter(event, 'file');
  return find(name, HASHED_NAME.test(name) ? FOR_EVER : REVALIDATE)(event);
}
