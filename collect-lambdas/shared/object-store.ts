/** Text objects in one S3 bucket. */
import {
  ObjectStoreError,
  openBucket,
  readObject,
  textOf,
  writeObject,
  type Ask,
  type Condition,
  type RetryLimits,
  type Send,
} from './s3-requests.ts';

export { FILES, ObjectStoreError, READING } from './s3-requests.ts';

export interface ListedObject {
  key: string;
  /** The MD5 of the content in hexadecimal digits, since S3 encrypts these objects with its own keys. */
  etag: string;
  /** Milliseconds, as Date.now gives them. */
  modified: number;
}

export interface ObjectStore {
  /** @returns undefined if there is no such object. @throws {ObjectStoreError} as `readObject` */
  get: (key: string, signal?: AbortSignal) => Promise<string | undefined>;
  /**
   * Writes JSON.
   *
   * @param only a condition: `absent`, or the ETag that the stored object must have
   * @returns whether the condition held and the object was written
   */
  put: (key: string, json: string, only?: Condition) => Promise<boolean>;
  remove: (key: string) => Promise<void>;
  /** Lists at most 1,000 objects in ascending order of their keys, starting after the key `after`. */
  list: (prefix: string, options?: { limit?: number; after?: string; signal?: AbortSignal }) => Promise<ListedObject[]>;
}

/** S3's largest page. */
const PAGE = 1_000;

/** Opens a bucket; see `openBucket` for the parameters. */
export function createObjectStore(
  bucket: string,
  environment: NodeJS.ProcessEnv,
  limits?: RetryLimits,
  send?: Send,
): ObjectStore {
  return objectsOf(openBucket(bucket, environment, limits, send));
}

export function objectsOf(ask: Ask): ObjectStore {
  return {
    async get(key, signal) {
      const found = await readObject(ask, { key }, signal);
      return found && textOf(found);
    },
    put: (key, json, only) => writeObject(ask, key, { body: json, type: 'application/json' }, only),
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

/** Reads S3's XML. The apostrophe is the only character of Collect's keys that XML escapes. */
function readListing(xml: string): ListedObject[] {
  return [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, content = '']) => ({
    key: (/<Key>(.*?)<\/Key>/.exec(content)?.[1] ?? '').replaceAll(/&apos;|&#39;/g, "'"),
    etag: /<ETag>(?:&quot;|&#34;|")?([\da-f-]*)/.exec(content)?.[1] ?? '',
    modified: Date.parse(/<LastModified>(.*?)<\/LastModified>/.exec(content)?.[1] ?? ''),
  }));
}
