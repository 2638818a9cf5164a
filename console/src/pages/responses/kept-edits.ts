/** Corrections that are typed and not saved, by `response_id`. */
import { draftsOf } from '../../drafts.ts';
import { isRecord } from './definition.ts';
import { countOf, type Edits } from './edits.ts';
import type { StoredResponse } from './use-responses.ts';

interface KeptEdits {
  formId: string;
  /** The revision that the author had seen. */
  revision: number;
  texts: [pointer: string, text: string][];
  added: string[];
  removed: string[];
}

const isKeptEdits = (value: unknown): value is KeptEdits =>
  isRecord(value) &&
  typeof value['revision'] === 'number' &&
  ['texts', 'added', 'removed'].every((member) => Array.isArray(value[member]));

const corrections = draftsOf('edits-1', isKeptEdits);

/** The kept edits of a response, and the revision that the manager saw. */
export function keptEdits(stored: StoredResponse): { revision: number; edits: Edits } | undefined {
  const kept = corrections.get(stored.response_id);
  if (kept?.formId !== stored.form_id) return undefined;
  const { revision, texts, added, removed } = kept;
  return { revision, edits: { texts: new Map(texts), added: new Set(added), removed: new Set(removed) } };
}

/** Keeps edits; edits that change nothing are discarded. */
export function keepEdits({ form_id: formId, response_id: id }: StoredResponse, revision: number, edits: Edits): void {
  const { texts, added, removed } = edits;
  if (countOf(edits) === 0) discardEdits(id);
  else corrections.keep({ formId, revision, texts: [...texts], added: [...added], removed: [...removed] }, id);
}

export const discardEdits = (responseId: string): void => corrections.discard(responseId);
