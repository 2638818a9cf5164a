import { isFormId, type StoredForm } from '../../db-proxy-lambda/contract.ts';
import { compileForm, type CompiledForm } from '../../forms/compiled/compiled-form.ts';
import { readStoredForm } from '../../forms/definition/read-form.ts';
import { isTransient, type DbProxy } from './db-proxy-client.ts';
import { traceOf, type Logger } from './logger.ts';
import type { Snapshot } from './snapshot.ts';
import { withTimeLimit } from './time-limit.ts';

/** How long the newest version of a form is cached. */
const FRESH_MS = 30_000;

/** While the proxy cannot be reached, it is called again only after this time. */
const RETRY_MS = 10_000;

/** Time limit for the proxy; after it, the cache or the snapshot is used. A cold proxy replies within three seconds. */
const ASK_MS = 4_000;

/** Earlier versions in the cache; the oldest entry is evicted. */
const MAX_EARLIER_VERSIONS = 100;

/** The forms of the installation: see `createFormStore`. */
export type FormStore = ReturnType<typeof createFormStore>;

interface Entry {
  form: CompiledForm;
  /** Part of the version's identity: a restored database may store different content under the same number. */
  createdAt: string;
  /** Start of the last successful call of the proxy for this form. */
  askedAt: number;
  freshUntil: number;
}

/** The forms of the installation. Each version is compiled once and cached. */
export function createFormStore(
  dbProxy: DbProxy,
  snapshot: Pick<Snapshot, 'findForm'>,
  logger: Logger,
  now: () => number = Date.now,
) {
  const entries = new Map<string, Entry>();
  const earlier = new Map<string, CompiledForm>();

  /** Caches the newest version; does not compile it again if it is cached already. */
  function keep(stored: StoredForm, askedAt: number, freshForMs: number): CompiledForm {
    const { form_id: formId, version, created_at: createdAt } = stored;
    const known = entries.get(formId);
    const form = known?.form.version === version && known.createdAt === createdAt ? known.form : compile(stored);
    entries.set(formId, { form, createdAt, askedAt, freshUntil: now() + freshForMs });
    return form;
  }

  async function askProxy(formId: string, version: number | undefined, signal?: AbortSignal) {
    const { form } = await dbProxy.call('getForm', { form_id: formId, version }, withTimeLimit(ASK_MS, signal));
    return form ?? undefined;
  }

  /** Reads the snapshot instead of calling the proxy. A failure is logged and not thrown. */
  async function askSnapshot(formId: string, version?: number): Promise<{ form?: StoredForm | undefined } | undefined> {
    try {
      return { form: await snapshot.findForm(formId, version) };
    } catch (error) {
      logger.error('snapshot not read', { formId, ...traceOf(error) });
      return undefined;
    }
  }

  /** @param isCertain whether to fail if neither the proxy nor the snapshot can be read, even if a version is cached */
  async function findNewest(
    formId: string,
    isCertain: boolean,
    signal?: AbortSignal,
  ): Promise<CompiledForm | undefined> {
    const askedAt = now();
    try {
      const stored = await askProxy(formId, undefined, signal);
      if (stored !== undefined) return keep(stored, askedAt, FRESH_MS);
      entries.delete(formId);
      return undefined;
    } catch (error) {
      if (!isTransient(error)) throw error;
      const known = entries.get(formId);
      const read = await askSnapshot(formId);
      if (read === undefined && isCertain) throw error;
      const stored = read?.form;
      if (known !== undefined) entries.set(formId, { ...known, freshUntil: now() + RETRY_MS });
      const isNewer = stored !== undefined && stored.version > (known?.form.version ?? 0);
      const form = isNewer ? keep(stored, known?.askedAt ?? -Infinity, RETRY_MS) : known?.form;
      if (form === undefined) throw error;
      logger.warn('form not refreshed', { formId, version: form.version, code: error.code });
      return form;
    }
  }

  async function findVersion(formId: string, version: number, signal?: AbortSignal): Promise<CompiledForm | undefined> {
    try {
      const stored = await askProxy(formId, version, signal);
      return stored && compile(stored);
    } catch (error) {
      if (!isTransient(error)) throw error;
      const read = await askSnapshot(formId, version);
      if (read?.form === undefined) throw error;
      return compile(read.form);
    }
  }

  return {
    /** The store's clock, in milliseconds. */
    now,
    /**
     * The newest version of a form, cached for half a minute. While the proxy cannot be reached, the newest version in
     * the cache or the snapshot.
     *
     * @param signal aborts the call of the proxy
     * @returns undefined if there is no such form
     * @throws {DbProxyError} if the proxy cannot be reached and no version is known
     */
    async get(formId: string, signal?: AbortSignal): Promise<CompiledForm | undefined> {
      const entry = entries.get(formId);
      if (entry !== undefined && now() < entry.freshUntil) return entry.form;
      return isFormId(formId) ? await findNewest(formId, false, signal) : undefined;
    },
    /**
     * The newest version of a form, read at the time `since` or later. While the proxy cannot be reached, the newest
     * version in the snapshot or the cache.
     *
     * @param since milliseconds, on the clock `now`
     * @throws {DbProxyError} if neither the proxy nor the snapshot can be read
     */
    async getSince(formId: string, since: number, signal?: AbortSignal): Promise<CompiledForm | undefined> {
      const entry = entries.get(formId);
      return entry !== undefined && entry.askedAt >= since ? entry.form : await findNewest(formId, true, signal);
    },
    /**
     * A version of a form, from the cache, the proxy or the snapshot.
     *
     * @returns undefined if there is no such version
     * @throws {DbProxyError} if the proxy cannot be reached and the snapshot does not have the version
     */
    async getVersion(formId: string, version: number, signal?: AbortSignal): Promise<CompiledForm | undefined> {
      const key = `${formId} ${version}`;
      const known = earlier.get(key) ?? (await findVersion(formId, version, signal));
      const [oldest] = earlier.keys();
      if (!earlier.has(key) && earlier.size >= MAX_EARLIER_VERSIONS && oldest !== undefined) earlier.delete(oldest);
      if (known !== undefined) earlier.set(key, known);
      return known;
    },
  };
}

/** @throws {Error} if a stored definition cannot be read, which PUT /forms/{id} prevents */
function compile(stored: StoredForm): CompiledForm {
  return compileForm(readStoredForm(stored), stored.version);
}
