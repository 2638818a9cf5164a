/** Merges a submission of a corrections form into the response that it corrects. */
import type { StoredRevision } from '../../../db-proxy-lambda/contract.ts';
import { correctionsInstanceOf, mergeCorrection } from '../../../forms/xforms/generate/corrections-instance.ts';
import { readInstance } from '../../../forms/xforms/read-instance.ts';
import type { XmlElement } from '../../../forms/xforms/xml.ts';
import type { SubmissionDependencies } from './dependencies.ts';
import { mapOf, type FoundForm } from './find-form.ts';
import type { KeptInstance, KeptSubmission } from './instance.ts';
import type { Judging } from './judge.ts';

type Correcting = {
  readonly instance: KeptInstance;
  readonly correction: NonNullable<KeptSubmission['correction']>;
};

/** The outcome of a correction that adds no revision. */
export type Done = {
  readonly outcome: 'erased' | 'other_collector' | 'unchanged';
  readonly flags: StoredRevision['flags'];
  readonly remarks: readonly string[];
};

/**
 * Merges a correction into the current response. Answers that the corrections form does not ask for, such as those in
 * repeats, stay. If the answers have changed since the collector saw them, the correction gets the time of the current
 * revision, so that the correction is kept as a late revision.
 *
 * @throws {Error} if the response cannot be read now
 */
export async function mergedCorrection(
  { dbProxy, forms }: SubmissionDependencies,
  { instance, correction }: Correcting,
  root: XmlElement,
  found: FoundForm,
  signal: AbortSignal,
): Promise<Judging | Done> {
  const { response_id: responseId, form_version: version } = correction;
  const kept = instance.submission;
  const { response: current } = await dbProxy.call('getResponse', { response_id: responseId }, signal);
  if (current === null) throw new Error('The response of a correction is not stored.');
  if (current.status === 'erased') return { outcome: 'erased', flags: [], remarks: [] };
  if (current.user_id !== instance.user_id) return { outcome: 'other_collector', flags: [], remarks: [] };
  const { response } = current;
  const storedTime = String(response['last_modified_time']);
  // An earlier request saved the correction, and died then.
  if (storedTime === kept.received_at) return { outcome: 'unchanged', flags: current.flags, remarks: [] };

  const asked = version > 0 ? await forms.getVersion(kept.form_id, version, signal) : undefined;
  const form = asked ?? found.newest;
  const content = readInstance(root, correctionsInstanceOf(form.definition, mapOf(form).id, ''));
  const isStale = await hasChanged(dbProxy, current, correction.revision, signal);
  return {
    found: { newest: found.newest, form, isKnown: true },
    content,
    input: {
      ...mergeCorrection(form.definition, response, content.answers),
      response_id: responseId,
      response_family_id: response['response_family_id'],
      user_id: instance.user_id,
      username: response['username'],
      location: response['location'],
      submitted_time: response['submitted_time'],
      synced_time: kept.received_at,
      last_modified_time: isStale ? storedTime : laterThan(storedTime, kept.received_at),
    },
    user_id: instance.user_id,
    received_at: kept.received_at,
    isCorrection: true,
    files: [],
    xformVersion: '',
  };
}

/** Whether the answers differ from those of the revision that the collector saw. Judging again changes only flags. */
async function hasChanged(
  dbProxy: SubmissionDependencies['dbProxy'],
  current: StoredRevision,
  seen: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (current.revision === seen) return false;
  const input = { response_id: current.response_id, after_revision: Math.max(0, seen - 1) };
  const { items } = await dbProxy.call('listRevisions', input, signal);
  const base = items.find(({ revision }) => revision === seen);
  return base === undefined || JSON.stringify(base.response) !== JSON.stringify(current.response);
}

/** `time`, or a millisecond after `stored` if that is later. UTC with milliseconds. */
export function laterThan(stored: string, time: string): string {
  return new Date(Math.max(Date.parse(time), Date.parse(stored) + 1)).toISOString();
}
