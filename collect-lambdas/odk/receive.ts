/** Receives a submission: keeps it as it is, then saves it as a revision of a response. */
import { hash } from 'node:crypto';
import { readHead } from '../../forms/xforms/read-instance.ts';
import { typeOfFile } from '../shared/file-type.ts';
import { inGroups } from '../shared/in-groups.ts';
import { traceOf } from '../shared/logger.ts';
import { Problem } from '../shared/problem.ts';
import {
  findPlaceOrWait,
  linkCorrection,
  linkWaiting,
  nameCorrection,
  ownPlace,
} from '../shared/submissions/corrections.ts';
import {
  awaitInstance,
  claimInstance,
  correctedBy,
  isKept,
  putMarker,
  readInstance,
  rememberFiles,
  type Instance,
  type KeptInstance,
  type KeptSubmission,
  type StoredFile,
} from '../shared/submissions/instance.ts';
import { fileKey, waitingKey } from '../shared/submissions/keys.ts';
import { renewMisread } from '../shared/submissions/renew-misread.ts';
import { saveOrPostpone, type SavedOrPending } from '../shared/submissions/save-submission.ts';
import type { Dependencies } from './dependencies.ts';
import type { Device } from './device.ts';
import { erased, notYours, unknownForm } from './problems.ts';
import type { SentFile, SubmissionUpload } from './upload.ts';

/**
 * `waiting`: a correction whose original has not arrived, or cannot be looked up now; it is saved later. `repeated`: a
 * correction that is saved already.
 */
export type Received = SavedOrPending | 'waiting' | 'repeated';

/**
 * Receives one request of a submission. The same submission again changes nothing, except that new files are added.
 *
 * One write claims the instanceID and keeps the submission, before it is read by its form and saved. So a retry finds it,
 * whatever happened to the first request.
 *
 * @throws {Problem} 404 for an unknown form, 403 for another collector's submission, 409 for another XML with the same
 * id, 410 if the response was erased
 * @throws {ObjectStoreError} if the submission cannot be kept
 */
export async function receive(
  dependencies: Dependencies,
  { userId }: Device,
  { xml, xmlBytes, root, files: sent }: SubmissionUpload,
  signal: AbortSignal,
): Promise<Received> {
  const head = readHead(root);
  const target = await dependencies.findForm.target(root, head.formId, signal);
  if (target === undefined) throw unknownForm(head.formId);
  const { formId, correction } = target;
  const sha256 = hash('sha256', xmlBytes);
  // If there is no id, the same XML is the same submission.
  const instanceId = head.instanceId ?? `sha256:${sha256}`;
  // A submission of a corrections form names the response itself.
  const corrects = head.deprecatedId === instanceId || correction !== undefined ? undefined : head.deprecatedId;
  const about = {
    instance_id: instanceId,
    user_id: userId,
    received_at: new Date(dependencies.now()).toISOString(),
  };
  const submission: KeptSubmission = { ...about, form_id: formId, xml, ...(correction && { correction }) };
  const arriving = { ...about, sha256, submission, ...(corrects !== undefined && { corrects }) };
  const instance = await claim(dependencies, arriving, signal);
  if (instance.saved) return 'repeated';
  const stored = await storeFiles(dependencies, instance, sent);
  if (instance.waits) return await wait(dependencies, instance, stored, signal);
  // An earlier submission may have been read before its form was complete.
  const isNew = instance.received_at === about.received_at;
  const renewed = isNew ? instance : await renewMisread(dependencies, instance, head.version, signal);
  const saved = await saveOrPostpone(dependencies, { instance: renewed, files: stored, root }, signal);
  if (instance.awaited) await linkWaiting(dependencies, instanceId, signal);
  return saved;
}

type Arriving = Omit<Instance, 'response_id' | 'last_modified_time'> & Pick<KeptInstance, 'submission'>;

/**
 * The claim of a submission: the stored one, or a new one. For a submission that begins a response, this takes only the
 * request that writes the claim.
 */
async function claim(dependencies: Dependencies, arriving: Arriving, signal: AbortSignal): Promise<KeptInstance> {
  const { files } = dependencies;
  const isFirst = correctedBy(arriving) === undefined;
  const known = isFirst ? undefined : await readInstance(files, arriving.instance_id);
  const counts = known ?? (await claimInstance(files, await newClaim(dependencies, arriving, signal)));
  if (counts.user_id !== arriving.user_id) throw notYours();
  if (counts.sha256 !== arriving.sha256) {
    throw new Problem('same-instance-other-content', {
      detail:
        'Another submission with this instanceID is stored. Nothing was changed. To correct it, edit the sent form in the app, and send it again.',
    });
  }
  if (!isKept(counts)) throw erased();
  return counts;
}

async function newClaim(dependencies: Dependencies, arriving: Arriving, signal: AbortSignal): Promise<Instance> {
  if (correctedBy(arriving) === undefined) return { ...arriving, ...ownPlace(arriving) };
  const place = await findPlaceOrWait(dependencies, arriving, signal);
  if (place === 'erased') throw erased();
  if (place === 'other_collector') throw notYours();
  const instance = { ...arriving, ...place };
  await nameCorrection(dependencies, instance);
  return instance;
}

/** Max files stored at the same time. */
const STORED_AT_ONCE = 20;

/** Stores the content of files under its hash, so the same file again changes nothing. */
async function storeFiles(
  { files }: Dependencies,
  { response_id: responseId }: Instance,
  sent: readonly SentFile[],
): Promise<StoredFile[]> {
  return await inGroups(STORED_AT_ONCE, sent, async ({ name, bytes }): Promise<StoredFile> => {
    const sha256 = hash('sha256', bytes);
    const file = {
      name,
      object_key: fileKey(responseId, sha256),
      sha256,
      bytes: bytes.length,
      type: typeOfFile(bytes),
    };
    await files.putBytes(file.object_key, { bytes, type: file.type });
    return file;
  });
}

/** Leaves a waiting correction to the worker, but tries to link it once: its original may have arrived meanwhile. */
async function wait(
  dependencies: Dependencies,
  instance: KeptInstance,
  stored: readonly StoredFile[],
  signal: AbortSignal,
): Promise<Received> {
  const { files, logger } = dependencies;
  const { instance_id: instanceId, corrects } = instance;
  const marker = waitingKey(correctedBy(instance) ?? '', instanceId);
  await rememberFiles(files, instance, stored);
  await putMarker(files, marker, instanceId);
  if (corrects !== undefined) await awaitInstance(files, corrects);
  try {
    const saved = await linkCorrection(dependencies, { instanceId, marker }, signal);
    if (saved === undefined) return 'waiting';
    await linkWaiting(dependencies, instanceId, signal);
    return saved;
  } catch (error) {
    logger.error('correction not linked', { response_id: instance.response_id, ...traceOf(error) });
    // Another request may have removed the marker before this request added its files.
    await putMarker(files, marker, instanceId);
    return 'waiting';
  }
}
