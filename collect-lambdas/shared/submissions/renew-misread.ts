/** Submissions that are sent again after their form was repaired. */
import { ObjectStoreError } from '../object-store.ts';
import type { SubmissionDependencies } from './dependencies.ts';
import { changeInstance, isKept, type KeptInstance } from './instance.ts';
import { instanceKey } from './keys.ts';
import { laterThan } from './merge-correction.ts';
import { unreadable } from './save-submission.ts';

/**
 * Gives a misread submission a later time, so that it becomes the next revision of its response. The submission must be
 * the current revision, and another version of the form must have read it, or none. With its old time, the submission
 * would be kept as a late revision.
 *
 * @returns the submission with the time of its revision
 * @throws {ObjectStoreError} if that time cannot be written
 */
export async function renewMisread(
  { dbProxy, files, findForm }: SubmissionDependencies,
  instance: KeptInstance,
  xformVersion: string,
  signal: AbortSignal,
): Promise<KeptInstance> {
  const { instance_id, response_id, last_modified_time: time, submission } = instance;
  try {
    const { response: stored } = await dbProxy.call('getResponse', { response_id }, signal);
    if (stored?.response['last_modified_time'] !== time) return instance;
    const found = await findForm.find(submission.form_id, xformVersion, signal);
    const wasUnread = stored.flags.some(({ message }) => message === unreadable(instance));
    const isMisread =
      found !== undefined && (wasUnread || (found.isKnown && stored.form_version !== found.form.version));
    if (!isMisread) return instance;
    const changed = await changeInstance(files, instanceKey(instance_id), (known) =>
      known.last_modified_time === time ? { ...known, last_modified_time: laterThan(time, time) } : undefined,
    );
    return changed !== undefined && isKept(changed) ? changed : instance;
  } catch (error) {
    if (error instanceof ObjectStoreError) throw error;
    // Saving fails in the same way, and says why.
    return instance;
  }
}
