/**
 * Objects in one S3 bucket. The SDK's S3 client would add 195 KB to each bundle, more than CollectFunction's limit allows
 * (tests/bundle-size.test.ts).
 */
import { hash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { withTimeLimit } from './time-limit.ts';

export interface ListedObject {
  key: string;
  /** The MD5 of the content in hexadecimal digits, since S3 encrypts these objects with its own keys. */
  etag: string;
  /** Milliseconds, as Date.now gives them. */
  modified: number;
}

export interface ObjectStore {
  /** @returns undefined if there is no such object, or if the function may not read it */
  get: (key: string, signal?: AbortSignal) => Promise<string | undefined>;
  /**
   * Writes JSON.
   *
   * @param only a condition: `absent`, or the ETag that the stored object must have
   * @returns whether the condition held and the object was written
   */
  put: (key: string, json: string, only?: 'absent' | { etag: string }) => Promise<boolean>;
  remove: (key: string) => Promise<void>;
  /** Lists at most 1,000 objects in ascending order of their keys, starting after the key `after`. */
  list: (prefix: string, options?: { limit?: number; after?: string; signal?: AbortSignal }) => Promise<ListedObject[]>;
}

/** S3 refused a request or did not reply in time. */
export class ObjectStoreError extends Error {
  /** The HTTP status; undefined without a reply. */
  readonly status: number | undefined;
  constructor(method: string, status: number | undefined, options?: ErrorOptions) {
    super(`S3 answered ${status ?? 'nothing'} to ${method}.`, options);
    this.name = 'ObjectStoreError';
    this.status = status;
  }
}

interface RetryLimits {
  tries: number;
  tryMs: number;
}

/** For reads while a field app waits. A reply takes 20 to 100 ms. */
export const READING: RetryLimits = { tries: 2, tryMs: 350 };
const WRITING: RetryLimits = { tries: 3, tryMs: 2_000 };

/** S3's largest page. */
const PAGE = 1_000;

type Send = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Opens a bucket in S3, or on the server named by `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, as in the SDK.
 *
 * @param environment holds the region and the credentials, as Lambda sets them
 * @param send is the global fetch, which traces requests
 */
export function createObjectStore(
  bucket: string,
  environment: NodeJS.ProcessEnv,
  limits: RetryLimits = WRITING,
  send: Send = (url, init) => fetch(url, init),
): ObjectStore {
  const root = rootOf(bucket, environment);
  const credentials = credentialsOf(environment);

  async function request(method: string, target: Target, signal?: AbortSignal): Promise<Response> {
    const { key = '', query = '', headers, body = null } = target;
    const url = `${root}/${key.split('/').map(encodeURIComponent).join('/')}${query}`;
    const digest = { 'x-amz-content-sha256': hash('sha256', body ?? '') };
    const signer = new AwsV4Signer({ ...credentials, method, url, headers: { ...headers, ...digest } });
    const signed = await signer.sign();
    return await send(url, { method, headers: signed.headers, body, signal: withTimeLimit(limits.tryMs, signal) });
  }

  /** Retries a request after transient failures. @returns the first reply that is not a transient failure */
  async function ask(method: string, target: Target, signal?: AbortSignal): Promise<{ status: number; text: string }> {
    for (let tried = 1; ; tried += 1) {
      const isLast = tried >= limits.tries || signal?.aborted === true;
      try {
        const response = await request(method, target, signal);
        const reply = { status: response.status, text: await response.text() };
        if (!isTransientStatus(reply.status)) return reply;
        if (isLast) throw new ObjectStoreError(method, reply.status);
      } catch (error) {
        if (error instanceof ObjectStoreError) throw error;
        if (isLast) throw new ObjectStoreError(method, undefined, { cause: error });
      }
    }
  }

  return {
    async get(key, signal) {
      const { status, text } = await ask('GET', { key }, signal);
      // Without permission to list the bucket, a missing object is 403.
      if (status === 404 || status === 403) return undefined;
      if (status !== 200) throw new ObjectStoreError('GET', status);
      return text;
    },
    async put(key, json, only) {
      const condition = only === 'absent' ? { 'if-none-match': '*' } : only && { 'if-match': `"${only.etag}"` };
      const headers = { 'content-type': 'application/json', ...condition };
      const { status } = await ask('PUT', { key, headers, body: json });
      // 404: the object to be replaced is gone.
      if (only !== undefined && (status === 412 || status === 404)) return false;
      if (status !== 200) throw new ObjectStoreError('PUT', status);
      return true;
    },
    async remove(key) {
      const { status } = await ask('DELETE', { key });
      if (status !== 204) throw new ObjectStoreError('DELETE', status);
    },
    async list(prefix, { limit = PAGE, after, signal } = {}) {
      const query = new URLSearchParams({ 'list-type': '2', prefix, 'max-keys': String(limit) });
      if (after !== undefined) query.set('start-after', after);
      const { status, text } = await ask('GET', { query: `?${query.toString()}` }, signal);
      if (status !== 200) throw new ObjectStoreError('GET', status);
      return readListing(text);
    },
  };
}

/** Lists every object of a prefix, page by page. */
export async function listAll(store: ObjectStore, prefix: string): Promise<ListedObject[]> {
  const listed: ListedObject[] = [];
  for (;;) {
    const after = listed.at(-1)?.key;
    const page = await store.list(prefix, after === undefined ? {} : { after });
    listed.push(...page);
    if (page.length < PAGE) return listed;
  }
}

interface Target {
  key?: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string;
}

function rootOf(bucket: string, environment: NodeJS.ProcessEnv): string {
  const { AWS_REGION: region = '', AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = environment;
  const endpoint = AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
  if (endpoint !== undefined) return `${endpoint.replace(/\/$/, '')}/${bucket}`;
  return `https://${bucket}.s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function credentialsOf({ AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }: NodeJS.ProcessEnv) {
  return {
    service: 's3',
    region: AWS_REGION ?? '',
    accessKeyId: AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
    sessionToken: AWS_SESSION_TOKEN ?? '',
  };
}

/** Whether a retry may succeed: after a conflict of writers (409), throttling, or a failure of S3. */
function isTransientStatus(status: number): boolean {
  return status === 409 || status === 429 || status >= 500;
}

/** Reads S3's XML. Keys are not unescaped, because ours contain no character that XML escapes. */
function readListing(xml: string): ListedObject[] {
  return [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, content = '']) => ({
    key: /<Key>(.*?)<\/Key>/.exec(content)?.[1] ?? '',
    etag: /<ETag>(?:&quot;|&#34;|")?([\da-f-]*)/.exec(content)?.[1] ?? '',
    modified: Date.parse(/<LastModified>(.*?)<\/LastModified>/.exec(content)?.[1] ?? ''),
  }));
}
