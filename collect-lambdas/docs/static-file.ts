/** A file that never changes while the function lives: compressed once, and not sent to who has it. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { isCached } from '../shared/etag.ts';
import type { HttpEvent, HttpResponse } from '../shared/http.ts';

export interface StaticFile {
  content: string | Uint8Array;
  contentType: string;
  cacheControl: string;
  /** Further headers of the file itself. */
  headers?: Record<string, string>;
}

/** What is smaller travels in one packet anyway, and images are compressed already. */
const MIN_GZIP_BYTES = 1_400;

/**
 * Makes the answer to requests for one file: 200, or 304 for who has it. Sent in gzip to who takes it, which keeps
 * 1.7 MB of Swagger UI at 0.6 MB of Lambda's 6 MB, in base64. Both encodings are made when they are first asked for.
 */
export function serveFile(file: StaticFile): (event: HttpEvent) => HttpResponse {
  const content = Buffer.from(file.content);
  const isText = typeof file.content === 'string';
  const compressible = isText && content.length >= MIN_GZIP_BYTES;
  // Weak: the same for both encodings, which do not differ in what they say.
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
