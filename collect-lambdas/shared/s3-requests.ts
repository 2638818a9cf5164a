/**
 * Requests to one S3 bucket. The SDK's S3 client would add 195 KB to each bundle, more than CollectFunction's limit allows
 * (tests/bundle-size.test.ts).
 */
import { hash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { withTimeLimit } from './time-limit.ts';

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

export interface RetryLimits {
  tries: number;
  tryMs: number;
}

/** For reads while a field app waits. A reply takes 20 to 100 ms. */
export const READING: RetryLimits = { tries: 2, tryMs: 350 };
export const WRITING: RetryLimits = { tries: 3, tryMs: 2_000 };
/** For files of several megabytes. */
export const FILES: RetryLimits = { tries: 3, tryMs: 6_000 };

export type Send = (url: string, init: RequestInit) => Promise<Response>;

/** The object that a request is about, and what it sends. */
export interface Target {
  key?: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

export interface S3Reply {
  status: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** The content type. */
  type: string;
}

/** Sends a request, and repeats it after transient failures. @throws {ObjectStoreError} if no try gets a reply */
export type Ask = (method: string, target: Target, signal?: AbortSignal) => Promise<S3Reply>;

/**
 * Opens a bucket in S3, or on the server named by `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, as in the SDK.
 *
 * @param environment holds the region and the credentials, as Lambda sets them
 * @param send the default is the global fetch, which traces requests
 */
export function openBucket(
  bucket: string,
  environment: NodeJS.ProcessEnv,
  limits: RetryLimits = WRITING,
  send: Send = (url, init) => fetch(url, init),
): Ask {
  const root = rootOf(bucket, environment);
  /** The signer derives a key for each day, with four rounds of HMAC. */
  const cache = new Map<string, ArrayBuffer>();
  const credentials = { ...credentialsOf(environment), cache };

  async function request(method: string, target: Target, signal?: AbortSignal): Promise<Response> {
    const { key = '', query = '', headers, body = null } = target;
    const url = `${root}/${encodeKey(key)}${query}`;
    const digest = { 'x-amz-content-sha256': hash('sha256', body ?? '') };
    const signer = new AwsV4Signer({ ...credentials, method, url, headers: { ...headers, ...digest } });
    const signed = await signer.sign();
    return await send(url, { method, headers: signed.headers, body, signal: withTimeLimit(limits.tryMs, signal) });
  }

  return async (method, target, signal) => {
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
  };
}

/** The content of a reply that is text. */
export const textOf = ({ bytes }: Pick<S3Reply, 'bytes'>): string => new TextDecoder().decode(bytes);

export const encodeKey = (key: string): string => key.split('/').map(encodeURIComponent).join('/');

function conditionOf(only: Condition | undefined): Record<string, string> {
  if (only === undefined) return {};
  return only === 'absent' ? { 'if-none-match': '*' } : { 'if-match': `"${only.etag}"` };
}

/** A condition for a write: `absent`, or the ETag that the stored object must have. */
export type Condition = 'absent' | { etag: string };

/** Writes an object. @returns whether the condition held and the object was written */
export async function writeObject(
  ask: Ask,
  key: string,
  { body, type }: { body: string | Uint8Array; type: string },
  only?: Condition,
): Promise<boolean> {
  const { status } = await ask('PUT', { key, headers: { 'content-type': type, ...conditionOf(only) }, body });
  // 404: the object to be replaced is gone.
  if (only !== undefined && (status === 412 || status === 404)) return false;
  if (status !== 200) throw new ObjectStoreError('PUT', status);
  return true;
}

/**
 * @returns undefined if there is no such object
 * @throws {ObjectStoreError} also for 403: S3 replies so for a missing object if the role cannot list the bucket, and
 * otherwise if a policy or a key is wrong
 */
export async function readObject(ask: Ask, target: Target, signal?: AbortSignal): Promise<S3Reply | undefined> {
  const reply = await ask('GET', target, signal);
  if (reply.status === 404) return undefined;
  // 206: the part that the request asked for. 416: the object has no such part.
  if (reply.status !== 200 && reply.status !== 206 && reply.status !== 416) {
    throw new ObjectStoreError('GET', reply.status);
  }
  return reply;
}

export function rootOf(bucket: string, environment: NodeJS.ProcessEnv): string {
  const { AWS_REGION: region = '', AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = environment;
  const endpoint = AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
  if (endpoint !== undefined) return `${endpoint.replace(/\/$/, '')}/${bucket}`;
  return `https://${bucket}.s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

export function credentialsOf({
  AWS_REGION,
  AWS_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY,
  AWS_SESSION_TOKEN,
}: NodeJS.ProcessEnv) {
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
