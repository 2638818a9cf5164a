import { isFormId, type StoredForm } from '../../db-proxy-lambda/contract.ts';
import { readStoredForm } from '../../forms/form.ts';
import { compileRules, type RuleChecker } from '../../forms/rules.ts';
import { compileForm, type Form } from '../../forms/submission.ts';
import { DbProxyError, type DbProxy } from './db-proxy-client.ts';
import { traceOf, type Logger } from './logger.ts';
import type { Snapshot } from './snapshot.ts';

/** A new version of a form is seen after at most this long. */
const FRESH_MS = 30_000;

/** While the proxy cannot be asked, the version that is known is used this long before the next try. */
const RETRY_MS = 10_000;

/** How long the proxy is asked: two other places may know the form. A cold proxy answers in three seconds. */
const ASK_MS = 4_000;

/** One version of a form, ready to read submissions and to check them. */
export interface CompiledForm {
  form: Form;
  rules: RuleChecker;
}

/** The forms of the installation, compiled once a version and kept in memory for a short time. */
export interface FormStore {
  /**
   * The last version of a form, or, while the proxy cannot be asked, the newest that is known here or in the snapshot;
   * undefined when there is no such form.
   *
   * @param signal ends the question to the proxy
   * @throws {DbProxyError} when the proxy cannot be asked and no version is known
   */
  get: (formId: string, signal?: AbortSignal) => Promise<CompiledForm | undefined>;
}

interface Entry {
  version: number;
  compiled: CompiledForm;
  freshUntil: number;
}

export function createFormStore(
  dbProxy: DbProxy,
  snapshot: Pick<Snapshot, 'findForm'>,
  logger: Logger,
  now: () => number = Date.now,
): FormStore {
  const entries = new Map<string, Entry>();

  async function refresh(formId: string, known: Entry | undefined, signal?: AbortSignal): Promise<Entry | undefined> {
    const limit = AbortSignal.timeout(ASK_MS);
    const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    const { form: stored } = await dbProxy.call('getForm', { form_id: formId }, either);
    if (stored === null) return undefined;
    const compiled = known?.version === stored.version ? known.compiled : compile(stored);
    return { version: stored.version, compiled, freshUntil: now() + FRESH_MS };
  }

  /** What the snapshot holds; undefined also when it cannot be read. */
  async function lookUp(formId: string): Promise<Version | undefined> {
    try {
      const stored = await snapshot.findForm(formId);
      return stored && { version: stored.version, compiled: compile(stored) };
    } catch (error) {
      logger.error('snapshot not read', { formId, ...traceOf(error) });
      return undefined;
    }
  }

  return {
    async get(formId, signal) {
      const known = entries.get(formId);
      if (known !== undefined && now() < known.freshUntil) return known.compiled;
      if (!isFormId(formId)) return undefined;
      try {
        const entry = await refresh(formId, known, signal);
        if (entry !== undefined) entries.set(formId, entry);
        return entry?.compiled;
      } catch (error) {
        if (!(error instanceof DbProxyError) || !error.retryable) throw error;
        const last = newest(known, await lookUp(formId));
        if (last === undefined) throw error;
        logger.warn('form not refreshed', { formId, version: last.version, code: error.code });
        entries.set(formId, { ...last, freshUntil: now() + RETRY_MS });
        return last.compiled;
      }
    },
  };
}

type Version = Omit<Entry, 'freshUntil'>;

/** A warm environment may remember an older version than the snapshot has, and the snapshot may lag by a minute. */
function newest(known: Version | undefined, found: Version | undefined): Version | undefined {
  return known === undefined || (found !== undefined && found.version > known.version) ? found : known;
}

/** @throws {Error} when a stored definition cannot be read, which PUT /forms/{id} rules out. */
export function compile(stored: StoredForm): CompiledForm {
  const parsed = readStoredForm(stored.definition);
  if (!parsed.ok) throw new Error(`Version ${stored.version} of the form ${stored.form_id} cannot be read.`);
  return { form: compileForm(parsed.form, stored.version), rules: compileRules(parsed.form) };
}
