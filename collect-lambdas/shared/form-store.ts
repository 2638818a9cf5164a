import { isFormId, type StoredForm } from '../../db-proxy-lambda/contract.ts';
import { compileForm, type CompiledForm } from '../../forms/compiled-form.ts';
import { readStoredForm } from '../../forms/read-form.ts';
import { isTransient, type DbProxy } from './db-proxy-client.ts';
import { traceOf, type Logger } from './logger.ts';
import type { Snapshot } from './snapshot.ts';
import { withTimeLimit } from './time-limit.ts';

/** A new version of a form is used within this time. */
const FRESH_MS = 30_000;

/** While the proxy cannot be reached, it is called again only after this time. */
const RETRY_MS = 10_000;

/** Time limit for the proxy; after it, the cache or the snapshot is used. A cold proxy replies within three seconds. */
const ASK_MS = 4_000;

interface Entry {
  form: CompiledForm;
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

  async function askProxy(formId: string, known: CompiledForm | undefined, signal?: AbortSignal) {
    const { form } = await dbProxy.call('getForm', { form_id: formId }, withTimeLimit(ASK_MS, signal));
    if (form === null) return undefined;
    return form.version === known?.version ? known : compile(form);
  }

  /** The newer version of the cache and the snapshot. A failure to read the snapshot is only logged. */
  async function newestKnown(formId: string, known: CompiledForm | undefined): Promise<CompiledForm | undefined> {
    try {
      const stored = await snapshot.findForm(formId);
      return stored === undefined || stored.version <= (known?.version ?? 0) ? known : compile(stored);
    } catch (error) {
      logger.error('snapshot not read', { formId, ...traceOf(error) });
      return known;
    }
  }

  return {
    /**
     * The newest version of a form. While the proxy cannot be reached, the newest version in the cache or the snapshot.
     *
     * @param signal aborts the call of the proxy
     * @returns undefined if there is no such form
     * @throws {DbProxyError} if the proxy cannot be reached and no version is known
     */
    async get(formId: string, signal?: AbortSignal): Promise<CompiledForm | undefined> {
      const entry = entries.get(formId);
      if (entry !== undefined && now() < entry.freshUntil) return entry.form;
      if (!isFormId(formId)) return undefined;
      try {
        const form = await askProxy(formId, entry?.form, signal);
        if (form !== undefined) entries.set(formId, { form, freshUntil: now() + FRESH_MS });
        return form;
      } catch (error) {
        if (!isTransient(error)) throw error;
        const form = await newestKnown(formId, entry?.form);
        if (form === undefined) throw error;
        logger.warn('form not refreshed', { formId, version: form.version, code: error.code });
        entries.set(formId, { form, freshUntil: now() + RETRY_MS });
        return form;
      }
    },
  };
}

/** @throws {Error} if a stored definition cannot be read, which PUT /forms/{id} prevents */
function compile(stored: StoredForm): CompiledForm {
  return compileForm(readStoredForm(stored), stored.version);
}
