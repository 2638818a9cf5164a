/** Objects of any type in one S3 bucket. */
import { objectsOf, type ObjectStore } from './object-store.ts';
import {
  encodeKey,
  FILES,
  ObjectStoreError,
  openBucket,
  readObject,
  textOf,
  writeObject,
  type Condition,
  type RetryLimits,
} from './s3-requests.ts';

/** An object's content. */
export interface StoredBytes {
  bytes: Uint8Array<ArrayBuffer>;
  /** Its content type, such as `image/jpeg`. */
  type: string;
}

export interface FileStore extends ObjectStore {
  /** @returns undefined if there is no such object. @throws {ObjectStoreError} as `readObject` */
  getBytes: (key: string, signal?: AbortSignal) => Promise<StoredBytes | undefined>;
  /**
   * Reads a part of an object.
   *
   * @param from the position of its first byte
   * @returns fewer bytes at the end of the object; undefined as for `getBytes`
   */
  getPart: (key: string, from: number, bytes: number) => Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** As `put`, for content of any type. */
  putBytes: (key: string, content: StoredBytes, only?: Condition) => Promise<boolean>;
  /** Copies an object of at most 5 GB, with its content type. @returns false if there is no object `from` */
  copy: (from: string, to: string) => Promise<boolean>;
}

/** Opens a bucket; see `openBucket` for the parameters. */
export function createFileStore(
  bucket: string,
  environment: NodeJS.ProcessEnv,
  limits: RetryLimits = FILES,
): FileStore {
  const ask = openBucket(bucket, environment, limits);
  return {
    ...objectsOf(ask),
    async getBytes(key, signal) {
      const found = await readObject(ask, { key }, signal);
      return found && { bytes: found.bytes, type: found.type };
    },
    async getPart(key, from, length) {
      const found = await readObject(ask, { key, headers: { range: `bytes=${from}-${from + length - 1}` } });
      // 416: the object ends before the part, and the reply contains an error.
      return found && (found.status === 416 ? new Uint8Array() : found.bytes.subarray(0, length));
    },
    putBytes: (key, { bytes, type }, only) => writeObject(ask, key, { body: bytes, type }, only),
    async copy(from, to) {
      const headers = { 'x-amz-copy-source': `/${bucket}/${encodeKey(from)}` };
      const reply = await ask('PUT', { key: to, headers });
      if (reply.status === 404) return false;
      // A copy can fail after S3 has sent the status 200.
      if (reply.status !== 200 || textOf(reply).includes('<Error>')) throw new ObjectStoreError('PUT', reply.status);
      return true;
    },
  };
}

/** Max objects removed at the same time. */
const REMOVED_AT_ONCE = 20;

/** Removes every object of a prefix. After a failure, some objects may be left; another call removes them. */
export async function removePrefix(store: Pick<ObjectStore, 'list' | 'remove'>, prefix: string): Promise<void> {
  for (;;) {
    const found = await store.list(prefix, { limit: REMOVED_AT_ONCE });
    if (found.length === 0) return;
    await Promise.all(found.map(({ key }) => store.remove(key)));
  }
}
