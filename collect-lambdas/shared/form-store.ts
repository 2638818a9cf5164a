import { isFormId, type StoredForm } from '../../db-proxy-lambda/contract.ts';
import { parseFormDefinition } from '../../forms/form.ts';
import { compileRules, type RuleChecker } from '../../forms/rules.ts';
import { compileForm, type Form } from '../../forms/submission.ts';
import type { DbProxy } from './db-proxy-client.ts';

/** A new version of a form is seen after at most this long. */
const FRESH_MS = 30_000;

/** One version of a form, ready to read submissions and to check them. */
export interface CompiledForm {
  form: Form;
  rules: RuleChecker;
}

/** The forms of the installation, compiled once a version and kept in memory for a short time. */
export interface FormStore {
  /** The last version of a form; undefined when there is no such form. */
  get: (formId: string) => Promise<CompiledForm | undefined>;
}

interface Entry {
  version: number;
  compiled: CompiledForm;
  freshUntil: number;
}

export function createFormStore(dbProxy: DbProxy, now: () => number = Date.now): FormStore {
  const entries = new Map<string, Entry>();

  return {
    async get(formId) {
      const entry = entries.get(formId);
      if (entry !== undefined && now() < entry.freshUntil) return entry.compiled;
      if (!isFormId(formId)) return undefined;
      const { form: stored } = await dbProxy.call('getForm', { form_id: formId });
      if (stored === null) return undefined;
      const compiled = entry?.version === stored.version ? entry.compiled : compile(stored);
      entries.set(formId, { version: stored.version, compiled, freshUntil: now() + FRESH_MS });
      return compiled;
    },
  };
}

/** @throws {Error} when a stored definition cannot be read, which PUT /forms/{id} rules out. */
export function compile(stored: StoredForm): CompiledForm {
  const parsed = parseFormDefinition(stored.definition);
  if (!parsed.ok) throw new Error(`Version ${stored.version} of the form ${stored.form_id} cannot be read.`);
  return { form: compileForm(parsed.form, stored.version), rules: compileRules(parsed.form) };
}
