/** Serves the API documentation: the OpenAPI document, and Swagger UI, which displays it. */
import { pathParameter, type HttpResponse } from '../shared/http.ts';
import type { Logger } from '../shared/logger.ts';
import { Problem } from '../shared/problem.ts';
import type { Request } from '../shared/route.ts';
import { serveFile, type StaticFile } from '../shared/static-file.ts';

/** Clients revalidate each time, usually with a cheap 304. */
const REVALIDATE = 'no-cache';

/** Short, because the files of a new version of Swagger UI have the same names. */
const FOR_AN_HOUR = 'public, max-age=3600';

/**
 * The page may load scripts from this API only, and send requests to it only. Swagger UI needs inline styles, data: for its
 * icons, and blob: for pictures in replies.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export type Site = ReturnType<typeof createSite> & { logger: Logger };

/**
 * The responders of all routes, created once per execution environment.
 *
 * @param files that the page loads from /docs/{file}, by name
 */
export function createSite(
  openapi: string,
  page: string,
  files: Record<string, Pick<StaticFile, 'contentType' | 'content'>>,
) {
  return {
    serveOpenapi: serveFile({ content: openapi, contentType: 'application/json', cacheControl: REVALIDATE }),
    servePage: serveFile({
      content: page,
      contentType: 'text/html; charset=utf-8',
      cacheControl: REVALIDATE,
      headers: { 'content-security-policy': CONTENT_SECURITY_POLICY, 'referrer-policy': 'no-referrer' },
    }),
    assets: new Map(
      Object.entries(files).map(([name, file]) => [name, serveFile({ ...file, cacheControl: FOR_AN_HOUR })]),
    ),
  };
}

export function findFile({ assets }: Site, { event }: Request): HttpResponse {
  const serve = assets.get(pathParameter(event, 'file'));
  if (serve === undefined) throw new Problem('not-found', { detail: 'The documentation has no such file.' });
  return serve(event);
}
