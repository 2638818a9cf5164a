/** Corrections: submissions that name an earlier one, which may arrive later. */
import { removePrefix } from '../file-store.ts';
import { listAll } from '../object-store.ts';
import { traceOf } from '../logger.ts';
import type { SubmissionDependencies } from './dependencies.ts';
import {
  keepSubmission,
  putInstance,
  readInstance,
  readMarker,
  readSubmission,
  rememberedFiles,
  type Instance,
  type StoredFile,
} from './instance.ts';
import { fileKey, ownResponseId, responsePrefix, waitingKey, waitingPrefix } from './keys.ts';
import { saveSubmission } from './save-submission.ts';

/** Where a submission belongs. */
export type Place = Pick<Instance, 'response_id' | 'last_modified_time' | 'waits'>;

/** The place of a submission that corrects a saved one. @param receivedAt UTC with milliseconds */
export function placeAfter(predecessor: Instance, receivedAt: string): Place {
  const earliest = Date.parse(predecessor.last_modified_time) + 1;
  return {
    response_id: predecessor.response_id,
    last_modified_time: new Date(Math.max(Date.parse(receivedAt), earliest)).toISOString(),
  };
}

/** Max corrections that are linked at once; the worker links the others. */
const MAX_LINKED = 20;

/**
 * Saves the corrections that waited for a saved submission, then those that waited for them. Failures are logged, and
 * the worker tries again each minute.
 */
export async function linkWaiting(
  dependencies: SubmissionDependencies,
  corrected: string,
  signal: AbortSignal,
): Promise<void> {
  const { files, logger } = dependencies;
  const open = [corrected];
  let linked = 0;
  try {
    for (const each of open) {
      for (const { key } of await listAll(files, waitingPrefix(each))) {
        const instanceId = await readMarker(files, key);
        if (instanceId === undefined || linked >= MAX_LINKED) continue;
        linked += 1;
        if (await linkCorrection(dependencies, instanceId, signal)) open.push(instanceId);
      }
    }
  } catch (error) {
    logger.error('correction not linked', traceOf(error));
  }
}

/**
 * Saves a waiting correction if the submission that it corrects is saved. It can be repeated after a failure.
 *
 * @returns whether it is saved now
 */
export async function linkCorrection(
  dependencies: SubmissionDependencies,
  instanceId: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { files, logger } = dependencies;
  const waiting = await readInstance(files, instanceId);
  if (waiting?.corrects === undefined) return false;
  const predecessor = await readInstance(files, waiting.corrects);
  if (predecessor === undefined || predecessor.waits) return false;
  const marker = waitingKey(waiting.corrects, instanceId);
  const old = { ...waiting, response_id: ownResponseId(instanceId) };
  const isErased = (await readSubmission(files, predecessor)) === undefined;
  if (isErased || predecessor.user_id !== waiting.user_id) {
    logger.warn('correction refused', { instance_id: instanceId, reason: isErased ? 'erased' : 'other_collector' });
    if (isErased) await removePrefix(files, responsePrefix(old.response_id));
    await files.remove(marker);
    return false;
  }
  const { waits: _waits, ...rest } = waiting;
  const instance = waiting.waits ? { ...rest, ...placeAfter(predecessor, waiting.received_at) } : waiting;
  const original = await readSubmission(files, old);
  const remembered = await rememberedFiles(files, old);
  if (original !== undefined) {
    const { kept } = await keepSubmission(files, instance, original);
    const stored = await moveFiles(dependencies, instance.response_id, remembered.stored);
    await putInstance(files, instance);
    await saveSubmission(dependencies, { kept, instance, files: stored }, signal);
    await removePrefix(files, responsePrefix(old.response_id));
  }
  await files.remove(marker);
  return true;
}

/** Copies files to another response. The originals are removed with their submission. */
async function moveFiles(
  { files }: SubmissionDependencies,
  responseId: string,
  stored: readonly StoredFile[],
): Promise<StoredFile[]> {
  return await Promise.all(
    stored.map(async (file) => {
      const key = fileKey(responseId, file.sha256);
      await files.copy(file.object_key, key);
      return { ...file, object_key: key };
    }),
  );
}
