/** Corrections: submissions that name an original, which is a submission or a response. The original may arrive later. */
import { isId } from '../../../db-proxy-lambda/contract.ts';
import { DbProxyError } from '../db-proxy-client.ts';
import { removePrefix } from '../file-store.ts';
import { traceOf } from '../logger.ts';
import { listAll } from '../object-store.ts';
import type { SubmissionDependencies } from './dependencies.ts';
import {
  changeInstance,
  correctedBy,
  isKept,
  readInstance,
  readMarker,
  rememberedFiles,
  type Instance,
  type StoredFile,
} from './instance.ts';
import {
  correctionKey,
  fileKey,
  instanceKey,
  ownResponseId,
  responsePrefix,
  waitingPrefix,
  type InstanceName,
} from './keys.ts';
import { laterThan } from './merge-correction.ts';
import { saveSubmission, type Saved } from './save-submission.ts';

/** How long a correction waits for its original. Then it becomes a response of its own. */
const WAIT_MS = 24 * 3_600_000;
/** How long it waits if the original waits too: the original then becomes a response first. */
const WAIT_IN_CHAIN_MS = 25 * 3_600_000;

/** Where a submission belongs. */
export type Place = Pick<Instance, 'response_id' | 'response_family_id' | 'last_modified_time' | 'waits' | 'alone'>;

export const ownPlace = ({ instance_id, received_at }: Pick<Instance, 'instance_id' | 'received_at'>): Place => ({
  response_id: ownResponseId(instance_id),
  last_modified_time: received_at,
});

type Correction = Pick<Instance, 'instance_id' | 'user_id' | 'received_at' | 'corrects' | 'submission'>;

/**
 * Where a correction belongs: after its original. The correction waits if the original has not arrived.
 *
 * @returns a reason instead if the original was erased or belongs to another collector
 * @throws {DbProxyError} if the original cannot be looked up now
 */
export async function findPlace(
  dependencies: SubmissionDependencies,
  correction: Correction,
  signal: AbortSignal,
): Promise<Place | 'erased' | 'other_collector'> {
  const { files } = dependencies;
  const { corrects, received_at: receivedAt, user_id: userId } = correction;
  const own = ownPlace(correction);
  const predecessor = corrects === undefined ? undefined : await readInstance(files, corrects);
  if (predecessor?.waits) return { ...own, waits: true };
  if (predecessor !== undefined) {
    if (!isKept(predecessor)) return 'erased';
    if (predecessor.user_id !== userId && !(await isAssigned(dependencies, predecessor.response_id, userId, signal))) {
      return 'other_collector';
    }
    await saveFirst(dependencies, predecessor, signal);
    const { response_id, response_family_id: familyId, last_modified_time: time } = predecessor;
    return {
      response_id,
      ...(familyId !== undefined && { response_family_id: familyId }),
      last_modified_time: laterThan(time, receivedAt),
    };
  }
  const responseId = correctedBy(correction) ?? '';
  const stored = isId(responseId) ? await storedResponse(dependencies, responseId, signal) : null;
  if (stored === null) return { ...own, ...(corrects === undefined ? { alone: 'missing' } : { waits: true }) };
  if (stored.status === 'erased') return 'erased';
  if (stored.user_id !== userId) return 'other_collector';
  const time = String(stored.response['last_modified_time']);
  return {
    response_id: responseId,
    response_family_id: String(stored.response['response_family_id']),
    last_modified_time: laterThan(time, receivedAt),
  };
}

/** Whether a response that another collector began belongs to this collector now. */
async function isAssigned(
  dependencies: SubmissionDependencies,
  responseId: string,
  userId: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await storedResponse(dependencies, responseId, signal))?.user_id === userId;
}

/** Saves a submission that is claimed and not saved yet, so that its correction does not become the first revision. */
async function saveFirst(dependencies: SubmissionDependencies, instance: Instance, signal: AbortSignal): Promise<void> {
  const { logger } = dependencies;
  try {
    const stored = await storedResponse(dependencies, instance.response_id, signal);
    if (stored === null && isKept(instance)) await saveSubmission(dependencies, { instance, files: [] }, signal);
  } catch (error) {
    // The correction is then queued after the original, or fails too.
    logger.warn('original not saved first', { response_id: instance.response_id, ...traceOf(error) });
  }
}

async function storedResponse({ dbProxy }: SubmissionDependencies, responseId: string, signal: AbortSignal) {
  return (await dbProxy.call('getResponse', { response_id: responseId }, signal)).response;
}

/** As {@link findPlace}, but a correction waits if its original cannot be looked up now. */
export async function findPlaceOrWait(
  dependencies: SubmissionDependencies,
  correction: Correction,
  signal: AbortSignal,
): Promise<Place | 'erased' | 'other_collector'> {
  try {
    return await findPlace(dependencies, correction, signal);
  } catch (error) {
    if (!(error instanceof DbProxyError)) throw error;
    return { ...ownPlace(correction), waits: true };
  }
}

/** Records under a response which submission corrects it, before that submission is claimed. */
export async function nameCorrection({ files }: SubmissionDependencies, name: InstanceName): Promise<void> {
  if (name.response_id !== ownResponseId(name.instance_id)) await files.put(correctionKey(name), '{}');
}

/** Max corrections that one request links; the worker links the others. */
const MAX_LINKED = 20;

/**
 * Saves the corrections that waited for a saved submission, then the corrections of these corrections. Failures are
 * logged, and the worker tries again each minute.
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
        if (await linkCorrection(dependencies, { instanceId, marker: key }, signal)) open.push(instanceId);
      }
    }
  } catch (error) {
    logger.error('correction not linked', traceOf(error));
  }
}

/**
 * Saves a waiting correction as soon as it is known where it belongs. It can be repeated after a failure, and by several
 * callers at the same time.
 *
 * @param marker the key of the correction's marker, which is removed last
 * @returns the outcome; undefined if the correction still waits, or was erased
 */
export async function linkCorrection(
  dependencies: SubmissionDependencies,
  { instanceId, marker }: { instanceId: string; marker: string },
  signal: AbortSignal,
): Promise<Saved | undefined> {
  const { files } = dependencies;
  const known = await readInstance(files, instanceId);
  const instance = known?.waits ? await endWait(dependencies, known, signal) : known;
  if (instance === undefined || instance.waits) return undefined;
  const old = { ...instance, response_id: ownResponseId(instance.instance_id) };
  if (!isKept(instance)) {
    await removePrefix(files, responsePrefix(old.response_id));
    await files.remove(marker);
    return undefined;
  }
  // Read after the wait has ended: files that requests added before are listed; a request that adds one later calls this.
  const { stored, keys } = await rememberedFiles(files, old);
  const moved = await moveFiles(dependencies, instance.response_id, stored);
  const saved = await saveSubmission(dependencies, { instance, files: moved, acknowledged: true }, signal);
  const newKeys = new Set(moved.map((file) => file.object_key));
  const oldKeys = stored.map((file) => file.object_key).filter((key) => !newKeys.has(key));
  await Promise.all([...keys, ...oldKeys].map((key) => files.remove(key)));
  await files.remove(marker);
  return saved;
}

/** Ends the wait of a correction once it is known where it belongs. @returns undefined if it still waits */
async function endWait(
  dependencies: SubmissionDependencies,
  waiting: Instance,
  signal: AbortSignal,
): Promise<Instance | undefined> {
  const { files, logger, now } = dependencies;
  const { instance_id: instanceId, corrects } = waiting;
  const found = await findPlace(dependencies, waiting, signal);
  const key = instanceKey(instanceId);
  if (found === 'erased') {
    logger.warn('correction erased with its response', { instance_id: instanceId });
    return await changeInstance(files, key, ({ waits, submission: _answers, ...claim }) => (waits ? claim : undefined));
  }
  let place: Place = found === 'other_collector' ? { ...ownPlace(waiting), alone: found } : found;
  if (place.waits) {
    const limit = corrects !== undefined && (await readInstance(files, corrects)) ? WAIT_IN_CHAIN_MS : WAIT_MS;
    if (now() - Date.parse(waiting.received_at) < limit) return undefined;
    place = { ...ownPlace(waiting), alone: 'missing' };
  }
  await nameCorrection(dependencies, { ...place, instance_id: instanceId });
  return await changeInstance(files, key, ({ waits, ...rest }) => (waits ? { ...rest, ...place } : undefined));
}

/** Copies files to another response. */
async function moveFiles(
  { files }: SubmissionDependencies,
  responseId: string,
  stored: readonly StoredFile[],
): Promise<StoredFile[]> {
  return await Promise.all(
    stored.map(async (file) => {
      const key = fileKey(responseId, file.sha256);
      // If the old file is gone, another request has copied it.
      if (key !== file.object_key) await files.copy(file.object_key, key);
      return { ...file, object_key: key };
    }),
  );
}
