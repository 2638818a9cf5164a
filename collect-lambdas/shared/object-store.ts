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

/** An object's content. */
export interface StoredBytes {
  bytes: Uint8Array<ArrayBuffer>;
  /** Its content type, such as `image/jpeg`. */
  type: string;
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
  put: (key: string, json: string, only?: Condition) => Promise<boolean>;
  /** As `get`, for content of any type. */
  getBytes: (key: string, signal?: AbortSignal) => Promise<StoredBytes | undefined>;
  /**
   * Reads the first bytes of an object.
   *
   * @returns fewer bytes if the object is smaller; undefined as for `get`
   */
  getStart: (key: string, bytes: number) => Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** As `put`, for content of any type. */
  putBytes: (key: string, content: StoredBytes, only?: Condition) => Promise<boolean>;
  /** Copies an object of at most 5 GB, with its content type. @returns false if there is no object `from` */
  copy: (from: string, to: string) => Promise<boolean>;
  remove: (key: string) => Promise<void>;
  /** Lists at most 1,000 objects in ascending order of their keys, starting after the key `after`. */
  list: (prefix: string, options?: { limit?: number; after?: string; signal?: AbortSignal }) => Promise<ListedObject[]>;
}

/** A condition for a write: `absent`, or the ETag that the stored object must have. */
type Condition = 'absent' | { etag: string };

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
/** For files of several megabytes. */
export const FILES: RetryLimits = { tries: 3, tryMs: 6_000 };

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
    const url = `${root}/${encodeKey(key)}${query}`;
    const digest = { 'x-amz-content-sha256': hash('sha256', body ?? '') };
    const signer = new AwsV4Signer({ ...credentials, method, url, headers: { ...headers, ...digest } });
    const signed = await signer.sign();
    return await send(url, { method, headers: signed.headers, body, signal: withTimeLimit(limits.tryMs, signal) });
  }

  /** Retries a request after transient failures. @returns the first reply that is not a transient failure */
  async function ask(method: string, target: Target, signal?: AbortSignal): Promise<Reply> {
    for (let tried = 1; ; tried += 1) {
      const isLast = tried >= limits.tries || signal?.aborted === true;
      try {
        const response = await request(method, target, signal);
        const { status } = response;
        const bytes = new Uint8Array(await response.arrayBuffer());
        if (!isTransientStatus(status)) return { status, bytes, type: response.headers.get('content-type') ?? '' };
        if (isLast) throw new ObjectStoreError(method, status);
      } catch (error) {
        if (error instanceof ObjectStoreError) throw error;
        if (isLast) throw new ObjectStoreError(method, undefined, { cause: error });
      }
    }
  }

  async function read(key: string, signal?: AbortSignal): Promise<StoredBytes | undefined> {
    const { status, bytes, type } = await ask('GET', { key }, signal);
    // Without permission to list the bucket, a missing object is 403.
    if (status === 404 || status === 403) return undefined;
    if (status !== 200) throw new ObjectStoreError('GET', status);
    return { bytes, type };
  }

  async function write(key: string, body: string | Uint8Array, type: string, only?: Condition): Promise<boolean> {
    const condition = only === 'absent' ? { 'if-none-match': '*' } : only && { 'if-match': `"${only.etag}"` };
    const { status } = await ask('PUT', { key, headers: { 'content-type': type, ...condition }, body });
    // 404: the object to be replaced is gone.
    if (only !== undefined && (status === 412 || status === 404)) return false;
    if (status !== 200) throw new ObjectStoreError('PUT', status);
    return true;
  }

  return {
    async get(key, signal) {
      const found = await read(key, signal);
      return found && textOf(found);
    },
    getBytes: read,
    async getStart(key, length) {
      const { status, bytes } = await ask('GET', { key, headers: { range: `bytes=0-${length - 1}` } });
      if (status === 404 || status === 403) return undefined;
      // 416: the object is empty.
      if (status === 416) return new Uint8Array();
      if (status !== 206 && status !== 200) throw new ObjectStoreError('GET', status);
      return bytes.subarray(0, length);
    },
    put: (key, json, only) => write(key, json, 'application/json', only),
    putBytes: (key, { bytes, type }, only) => write(key, bytes, type, only),
    async copy(from, to) {
      const headers = { 'x-amz-copy-source': `/${bucket}/${encodeKey(from)}` };
      const reply = await ask('PUT', { key: to, headers });
      if (reply.status === 404) return false;
      // A copy can fail after S3 has sent the status 200.
      if (reply.status !== 200 || textOf(reply).includes('<Error>')) throw new ObjectStoreError('PUT', reply.status);
      return true;
    },
    async remove(key) {
      const { status } = await ask('DELETE', { key });
      if (status !== 204) throw new ObjectStoreError('DELETE', status);
    },
    async list(prefix, { limit = PAGE, after, signal } = {}) {
      const query = new URLSearchParams({ 'list-type': '2', prefix, 'max-keys': String(limit) });
      if (after !== undefined) query.set('start-after', after);
      const reply = await ask('GET', { query: `?${query.toString()}` }, signal);
      if (reply.status !== 200) throw new ObjectStoreError('GET', reply.status);
      return readListing(textOf(reply));
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

/** Max objects removed at the same time. */
const REMOVED_AT_ONCE = 20;

/** Removes every object of a prefix. After a failure, some are removed; another call removes the others. */
export async function removePrefix(store: Pick<ObjectStore, 'list' | 'remove'>, prefix: string): Promise<void> {
  for (;;) {
    const found = await store.list(prefix, { limit: REMOVED_AT_ONCE });
    if (found.length === 0) return;
    await Promise.all(found.map(({ key }) => store.remove(key)));
  }
}

interface Reply extends StoredBytes {
  status: number;
}

const textOf = ({ bytes }: StoredBytes): string => new TextDecoder().decode(bytes);

const encodeKey = (key: string): string => key.split('/').map(encodeURIComponent).join('/');

interface Target {
  key?: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
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

/** Reads S3's XML. */
function readListing(xml: string): ListedObject[] {
  return [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, content = '']) => ({
    key: unescapeXml(/<Key>(.*?)<\/Key>/.exec(content)?.[1] ?? ''),
    etag: /<ETag>(?:&quot;|&#34;|")?([\da-f-]*)/.exec(content)?.[1] ?? '',
    modified: Date.parse(/<LastModified>(.*?)<\/LastModified>/.exec(content)?.[1] ?? ''),
  }));
}

/** Our keys have no control characters, so only these five characters are escaped. */
const ESCAPED: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&#34;': '"',
  '&#38;': '&',
  '&#39;': "'",
};

const unescapeXml = (text: string): string => text.replace(/&#?\w+;/g, (name) => ESCAPED[name] ?? name);
