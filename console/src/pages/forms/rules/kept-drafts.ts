/** Rules that are being edited. */
import { draftsOf } from '../../../drafts.ts';
import { isStoredForm } from '../store.ts';
import type { StoredForm } from '../version-diff.ts';
import { isObject } from './language.ts';
import type { RuleDraft } from './rule-draft.ts';

export interface KeptDraft {
  /** The rule's published name; empty for a new rule. */
  ruleName: string;
  /** The version of the form that the person began to edit. */
  beginning: StoredForm;
  draft: RuleDraft;
  isJson: boolean;
  /** The rule as JSON, if it is edited as JSON. */
  text: string;
}

const isKeptDraft = (value: unknown): value is KeptDraft =>
  isObject(value) && isObject(value['draft']) && isStoredForm(value['beginning']);

const rules = draftsOf('rule-1', isKeptDraft);

export const keptDraft = (formId: string, ruleName: string): KeptDraft | undefined => rules.get(formId, ruleName);

/** The unfinished rules of a form. */
export const keptDraftsOf = (formId: string): KeptDraft[] =>
  rules.all().filter(({ beginning }) => beginning.form_id === formId);

export const keepDraft = (kept: KeptDraft): void => rules.keep(kept, kept.beginning.form_id, kept.ruleName);

export const discardDraft = (formId: string, ruleName: string): void => rules.discard(formId, ruleName);
