import { isFormId, type StoredForm } from '../../db-proxy-lambda/contract.ts';
import { parseFormDefinition } from '../../forms/form.ts';
import { compileRules, type RuleChecker } from '../../forms/rules.ts';
import { compileForm, type Form } from '../../forms/submission.ts';
import { DbProxyError, type DbProxy } from './db-proxy-client.ts';
import type { Logger } from './logger.ts';

/** A new version of a form is seen after at most this long. */
const FRESH_MS = 30_000;

/** While the proxy cannot be asked, the version that is known is used this long before the next try. */
const RETRY_MS = 10_000;

/** One version of a form, ready to read submissions and to check them. */
export interface CompiledForm {
  form: Form;
  rules: RuleChecker;
}

/** The forms of the installation, compiled once a version and kept in memory for a short time. */
export interface FormStore {
  /**
   * The last version of a form, or the last that is known while the proxy cannot be asked; undefined when there is no
   * such form.
   *
   * @param signal ends the question to the proxy
   * @throws {DbProxyError} when no version is known and the proxy cannot be asked
   */
  get: (formId: string, signal?: AbortSignal) => Promise<CompiledForm | undefined>;
}

interface Entry {
  version: number;
  compiled: CompiledForm;
  freshUntil: number;
}

export function createFormStore(dbProxy: DbProxy, logger: Logger, now: () => number = Date.now): FormStore {
  const entries = new Map<string, Entry>();

  async function refresh(formId: string, known: Entry | undefined, signal?: AbortSignal): Promise<Entry | undefined> {
    const { form: stored } = await dbProxy.call('getForm', { form_id: formId }, signal);
    if (stored === null) return undefined;
    const compiled = known?.version === stored.version ? known.compiled : compile(stored);
    return { version: stored.version, compiled, freshUntil: now() + FRESH_MS };
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
        if (known === undefined || !(error instanceof DbProxyError) || !error.retryable) throw error;
        logger.warn('form not refreshed', { formId, version: known.version, code: error.code });
        entries.set(formId, { ...known, freshUntil: now() + RETRY_MS });
        return known.compiled;
      }
    },
  };
}

/** @throws {Error} when a stored definition cannot be read, which PUT /forms/{id} rules out. */
export function compile(stored: StoredForm): CompiledForm {
  const parsed = parseFormDefinition(stored.definition);
  if (!parsed.ok) throw new Error(`Version ${stored.version} of the form ${stored.form_id} cannot be read.`);
  return { form: compileForm(parsed.form, stored.version), rules: compileRules(parsed.form) };
}
