/** Rules that are being edited, kept while the person looks at other pages. */
import type { StoredForm } from '../version-diff.ts';
import type { RuleDraft } from './rule-draft.ts';

export interface KeptDraft {
  /** The version of the form on which the person began. */
  beginning: StoredForm;
  draft: RuleDraft;
  isJson: boolean;
  text: string;
}

export const keptDrafts = new Map<string, KeptDraft>();

export const keyOfDraft = (formId: string, ruleName: string | undefined): string => JSON.stringify([formId, ruleName]);
