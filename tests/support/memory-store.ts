import { createHash } from 'node:crypto';
import type { Logger } from '../../collect-lambdas/shared/logger.ts';
import type { FileStore, StoredBytes } from '../../collect-lambdas/shared/file-store.ts';
import { ObjectStoreError, type ObjectStore } from '../../collect-lambdas/shared/object-store.ts';
import { createChangeRecorder, type RecordChange } from '../../collect-lambdas/shared/snapshot-changes.ts';
import { createSnapshot, type Snapshot, type SnapshotObject } from '../../collect-lambdas/shared/snapshot.ts';

/** An object store in memory that behaves like S3 and can fail. */
export class MemoryStore implements FileStore {
  readonly objects = new Map<string, { json: string; modified: number; file?: StoredBytes }>();
  /** Every request, as `METHOD key`. */
  readonly requests: string[] = [];
  /** Requests for which this returns true fail. */
  failing: (request: string) => boolean = () => false;
  /** Awaited before each request: other requests can then run in between. */
  before: (request: string) => Promise<void> = () => Promise.resolve();
  now: () => number = Date.now;

  /** The parsed object of a key. */
  read(key: string): unknown {
    const json = this.objects.get(key)?.json;
    return json === undefined ? undefined : JSON.parse(json);
  }

  /** Stores an object of the snapshot unconditionally. */
  async keep({ key, json }: SnapshotObject): Promise<void> {
    await this.put(key, json);
  }

  keys(prefix = ''): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  }

  readonly get: ObjectStore['get'] = async (key) => {
    await this.#ask('GET', key);
    return this.objects.get(key)?.json;
  };

  readonly put: ObjectStore['put'] = async (key, json, only) => {
    await this.#ask('PUT', key);
    const stored = this.objects.get(key);
    if (only === 'absent' && stored !== undefined) return false;
    if (only !== undefined && only !== 'absent' && (stored === undefined || etagOf(stored.json) !== only.etag)) {
      return false;
    }
    this.objects.set(key, { json, modified: this.now() });
    return true;
  };

  readonly getBytes: FileStore['getBytes'] = async (key) => {
    await this.#ask('GET', key);
    const stored = this.objects.get(key);
    return stored && (stored.file ?? { bytes: new TextEncoder().encode(stored.json), type: 'application/json' });
  };

  readonly getPart: FileStore['getPart'] = async (key, from, length) =>
    (await this.getBytes(key))?.bytes.slice(from, from + length);

  readonly putBytes: FileStore['putBytes'] = async (key, file, only) => {
    const isPut = await this.put(key, Buffer.from(file.bytes).toString('latin1'), only);
    const stored = this.objects.get(key);
    if (isPut && stored !== undefined) stored.file = file;
    return isPut;
  };

  readonly copy: FileStore['copy'] = async (from, to) => {
    await this.#ask('PUT', to);
    const stored = this.objects.get(from);
    if (stored === undefined) return false;
    this.objects.set(to, { ...stored, modified: this.now() });
    return true;
  };

  readonly remove: ObjectStore['remove'] = async (key) => {
    await this.#ask('DELETE', key);
    this.objects.delete(key);
  };

  readonly list: ObjectStore['list'] = async (prefix, { limit = 1_000, after = '' } = {}) => {
    await this.#ask('LIST', prefix);
    return this.keys(prefix)
      .filter((key) => key > after)
      .slice(0, limit)
      .map((key) => {
        const { json = '', modified = 0, file } = this.objects.get(key) ?? {};
        return { key, etag: etagOf(file?.bytes ?? json), modified };
      });
  };

  async #ask(method: string, key: string): Promise<void> {
    const request = `${method} ${key}`;
    this.requests.push(request);
    await this.before(request);
    if (this.failing(request)) throw new ObjectStoreError(method, 503);
  }
}

function etagOf(content: string | Uint8Array): string {
  return createHash('md5').update(content).digest('hex');
}

/** An empty snapshot, for tests in which the proxy is available. */
export const emptySnapshot = (): Snapshot => createSnapshot(new MemoryStore());

/** Records changes in a snapshot in memory. */
export function changeRecorder(logger: Logger, store: ObjectStore = new MemoryStore()): RecordChange {
  return createChangeRecorder(store, logger, () => crypto.randomUUID());
}
