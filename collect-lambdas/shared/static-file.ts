/** Serves a file that never changes while the function runs: compressed once, and revalidated by its ETag. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { isCached } from './etag.ts';
import type { HttpEvent, HttpResponse } from './http.ts';

export interface StaticFile {
  content: string | Uint8Array;
  contentType: string;
  cacheControl: string;
  /** Additional headers. */
  headers?: Record<string, string>;
}

/** A smaller file fits into one packet uncompressed. */
const MIN_GZIP_BYTES = 1_400;

/**
 * Replies with a file: 200, or 304 if the caller has it. Clients that accept gzip get gzip, which is made at the first
 * such request. It reduces Swagger UI from 1.7 MB to 0.6 MB (in base64); Lambda's limit is 6 MB. Images are compressed
 * already.
 */
export function serveFile(file: StaticFile): (event: HttpEvent) => HttpResponse {
  const content = Buffer.from(file.content);
  const isText = typeof file.content === 'string';
  const compressible = isText && content.length >= MIN_GZIP_BYTES;
  // Weak: both encodings of the same content share it.
  const etag = `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`;
  const headers = {
    'content-type': file.contentType,
    'cache-control': file.cacheControl,
    etag,
    'x-content-type-options': 'nosniff',
    ...(compressible && { vary: 'accept-encoding' }),
    ...file.headers,
  };
  let compressed: string | undefined;

  return (event) => {
    if (isCached(event.headers['if-none-match'], etag)) return { statusCode: 304, headers };
    if (compressible && acceptsGzip(event.headers['accept-encoding'])) {
      compressed ??= gzipSync(content).toString('base64');
      const gzipHeaders = { ...headers, 'content-encoding': 'gzip' };
      return { statusCode: 200, headers: gzipHeaders, body: compressed, isBase64Encoded: true };
    }
    return {
      statusCode: 200,
      headers,
      body: content.toString(isText ? 'utf8' : 'base64'),
      isBase64Encoded: !isText,
    };
  };
}

/** RFC 9110, 12.5.3: `gzip` in the list, and not with a weight of 0. */
function acceptsGzip(acceptEncoding = ''): boolean {
  return acceptEncoding
    .toLowerCase()
    .split(',')
    .some((each) => {
      const [coding, weight = ''] = each.split(';').map((part) => part.trim());
      return coding === 'gzip' && !/^q=0(\.0*)?$/.test(weight);
    });
}
