import { isFormId, type StoredForm } from '../../db-proxy-lambda/contract.ts';
import { readStoredForm } from '../../forms/form.ts';
import { compileRules, type RuleChecker } from '../../forms/rules.ts';
import { compileForm, type Form } from '../../forms/submission.ts';
import { isTransient, type DbProxy } from './db-proxy-client.ts';
import { traceOf, type Logger } from './logger.ts';
import type { Snapshot } from './snapshot.ts';
import { withTimeLimit } from './time-limit.ts';

/** A new version of a form is seen within this time. */
const FRESH_MS = 30_000;

/** While the proxy cannot be reached, it is called again only after this time. */
const RETRY_MS = 10_000;

/** Time limit for the proxy, because memory or the snapshot may know the form. A cold proxy answers in three seconds. */
const ASK_MS = 4_000;

/** One version of a form, ready to read submissions and to check them. */
export interface CompiledForm {
  form: Form;
  rules: RuleChecker;
}

/** The forms of the installation. Each version is compiled once and kept in memory. */
export interface FormStore {
  /**
   * The newest version of a form. While the proxy cannot be reached, the newest one in memory or in the snapshot.
   *
   * @param signal aborts the call of the proxy
   * @returns undefined if there is no such form
   * @throws {DbProxyError} if the proxy cannot be reached and no version is known
   */
  get: (formId: string, signal?: AbortSignal) => Promise<CompiledForm | undefined>;
}

interface Version {
  version: number;
  compiled: CompiledForm;
}

export function createFormStore(
  dbProxy: DbProxy,
  snapshot: Pick<Snapshot, 'findForm'>,
  logger: Logger,
  now: () => number = Date.now,
): FormStore {
  const entries = new Map<string, Version & { freshUntil: number }>();

  async function askProxy(formId: string, known: Version | undefined, signal?: AbortSignal) {
    const { form } = await dbProxy.call('getForm', { form_id: formId }, withTimeLimit(ASK_MS, signal));
    if (form === null) return undefined;
    return form.version === known?.version ? known : compileVersion(form);
  }

  /** The snapshot may lag by a minute, and memory may be older. An unreadable snapshot is logged. */
  async function newestKnown(formId: string, known: Version | undefined): Promise<Version | undefined> {
    try {
      const stored = await snapshot.findForm(formId);
      return stored === undefined || stored.version <= (known?.version ?? 0) ? known : compileVersion(stored);
    } catch (error) {
      logger.error('snapshot not read', { formId, ...traceOf(error) });
      return known;
    }
  }

  return {
    async get(formId, signal) {
      const known = entries.get(formId);
      if (known !== undefined && now() < known.freshUntil) return known.compiled;
      if (!isFormId(formId)) return undefined;
      try {
        const newest = await askProxy(formId, known, signal);
        if (newest !== undefined) entries.set(formId, { ...newest, freshUntil: now() + FRESH_MS });
        return newest?.compiled;
      } catch (error) {
        if (!isTransient(error)) throw error;
        const newest = await newestKnown(formId, known);
        if (newest === undefined) throw error;
        logger.warn('form not refreshed', { formId, version: newest.version, code: error.code });
        entries.set(formId, { ...newest, freshUntil: now() + RETRY_MS });
        return newest.compiled;
      }
    },
  };
}

function compileVersion(stored: StoredForm): Version {
  return { version: stored.version, compiled: compile(stored) };
}

/** @throws {Error} if a stored definition cannot be read, which PUT /forms/{id} rules out */
export function compile(stored: StoredForm): CompiledForm {
  const parsed = readStoredForm(stored.definition);
  if (!parsed.ok) throw new Error(`Version ${stored.version} of the form ${stored.form_id} cannot be read.`);
  return { form: compileForm(parsed.form, stored.version), rules: compileRules(parsed.form) };
}
