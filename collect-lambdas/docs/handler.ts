/** The API's own documentation: the OpenAPI document, and Swagger UI, which reads it. */
import { pathParameter, routeRequests } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import type { Dependencies } from './dependencies.ts';
import { serveFile } from './static-file.ts';

/** Asked for again each time, which is cheap: 304. */
const REVALIDATE = 'no-cache';

/** The names of Swagger UI's files do not change with its version, so not for long. */
const FOR_AN_HOUR = 'public, max-age=3600';

/**
 * The page runs the scripts of this API and no other, and talks to this API alone. Swagger UI writes styles into the
 * page, shows its icons as data: and pictures that an operation answers as blob:.
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

export function createHandler({ logger, openapi, page, files }: Dependencies) {
  const serveOpenapi = serveFile({ content: openapi, contentType: 'application/json', cacheControl: REVALIDATE });
  const servePage = serveFile({
    content: page,
    contentType: 'text/html; charset=utf-8',
    cacheControl: REVALIDATE,
    headers: { 'content-security-policy': CONTENT_SECURITY_POLICY, 'referrer-policy': 'no-referrer' },
  });
  const serveAsset = new Map(
    Object.entries(files).map(([name, file]) => [name, serveFile({ ...file, cacheControl: FOR_AN_HOUR })]),
  );

  return routeRequests(
    {
      'GET /openapi.json': async (event) => serveOpenapi(event),
      'GET /docs': async (event) => servePage(event),
      'GET /docs/{file}': async (event) => {
        const serve = serveAsset.get(pathParameter(event, 'file'));
        if (serve === undefined) throw new Problem('not-found', { detail: 'The documentation has no such file.' });
        return serve(event);
      },
    },
    logger,
  );
}
