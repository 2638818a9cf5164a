/** Rules that are being edited. They stay while the person looks at other pages, and after a reload of the tab. */
import { shallowReactive } from 'vue';
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

/** Change it when the shape of drafts changes. */
const PREFIX = 'collect-rule-1:';
const keyOf = (formId: string, ruleName: string): string => PREFIX + JSON.stringify([formId, ruleName]);

const isKeptDraft = (value: unknown): value is KeptDraft =>
  isObject(value) && isObject(value['draft']) && isStoredForm(value['beginning']);

function readStored(): [string, KeptDraft][] {
  return Object.entries(sessionStorage).flatMap(([key, text]) => {
    const value: unknown = key.startsWith(PREFIX) ? JSON.parse(text) : undefined;
    return isKeptDraft(value) ? [[key, value] as [string, KeptDraft]] : [];
  });
}

const drafts = shallowReactive(new Map<string, KeptDraft>(readStored()));

export const keptDraft = (formId: string, ruleName: string): KeptDraft | undefined =>
  drafts.get(keyOf(formId, ruleName));

/** The unfinished rules of a form. */
export const keptDraftsOf = (formId: string): KeptDraft[] =>
  [...drafts.values()].filter(({ beginning }) => beginning.form_id === formId);

export function keepDraft(kept: KeptDraft): void {
  const key = keyOf(kept.beginning.form_id, kept.ruleName);
  drafts.set(key, kept);
  try {
    sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // The storage of the tab is full: the draft stays until a reload.
  }
}

export function discardDraft(formId: string, ruleName: string): void {
  drafts.delete(keyOf(formId, ruleName));
  sessionStorage.removeItem(keyOf(formId, ruleName));
}
