/** Links to objects of a bucket that work without credentials, for a time (presigned URLs, SigV4 in the query). */
import { AwsV4Signer } from 'aws4fetch';
import { credentialsOf, encodeKey, rootOf } from './s3-requests.ts';

export interface FileLinks {
  /**
   * A link that downloads an object.
   *
   * @param as the name and the content type that the reply has
   */
  toDownload: (key: string, as: { name: string; type: string }, seconds: number) => Promise<string>;
  /**
   * A request that uploads an object. The signature covers its headers, so S3 refuses a body of another size or hash.
   *
   * @param content its size, its SHA-256 in hexadecimal digits, and its content type
   */
  toUpload: (
    key: string,
    content: { bytes: number; sha256: string; type: string },
    seconds: number,
  ) => Promise<{ url: string; headers: Record<string, string> }>;
}

/** Types that a browser may show. It saves all others, which could contain scripts. */
const SHOWN = /^(image\/(?!svg)|audio\/|video\/)/;

/** @param environment holds the region and the credentials, as Lambda sets them */
export function createFileLinks(bucket: string, environment: NodeJS.ProcessEnv): FileLinks {
  const root = rootOf(bucket, environment);
  const credentials = credentialsOf(environment);

  async function sign(
    method: string,
    target: { key: string; query: URLSearchParams; headers: Record<string, string> },
  ) {
    const { key, query, headers } = target;
    const url = `${root}/${encodeKey(key)}?${query.toString()}`;
    const aws = { signQuery: true, allHeaders: true };
    const signed = await new AwsV4Signer({ ...credentials, ...aws, method, url, headers }).sign();
    return signed.url.toString();
  }

  return {
    toDownload(key, { name, type }, seconds) {
      const disposition = SHOWN.test(type) ? 'inline' : 'attachment';
      const query = new URLSearchParams({
        'X-Amz-Expires': String(seconds),
        'response-content-disposition': `${disposition}; filename*=UTF-8''${encodeName(name)}`,
        'response-content-type': type,
      });
      return sign('GET', { key, query, headers: {} });
    },
    async toUpload(key, { bytes, sha256, type }, seconds) {
      const headers = {
        'content-length': String(bytes),
        'content-type': type,
        'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
      };
      const query = new URLSearchParams({ 'X-Amz-Expires': String(seconds) });
      return { url: await sign('PUT', { key, query, headers }), headers };
    },
  };
}

/** RFC 8187 allows fewer characters than encodeURIComponent leaves. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.codePointAt(0)?.toString(16).toUpperCase()}`,
  );
}
