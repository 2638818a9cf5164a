/** Receives a submission: keeps it as it is, then saves it as a revision of a response. */
import { hash } from 'node:crypto';
import { readHead } from '../../forms/xforms/read-instance.ts';
import type { FileStore } from '../shared/file-store.ts';
import { typeOfFile } from '../shared/file-type.ts';
import { inGroups } from '../shared/in-groups.ts';
import { Problem, unavailable } from '../shared/problem.ts';
import { linkWaiting, placeAfter, type Place } from '../shared/submissions/corrections.ts';
import {
  awaitInstance,
  claimInstance,
  keepSubmission,
  putMarker,
  readInstance,
  readSubmission,
  rememberFiles,
  type Instance,
  type KeptSubmission,
  type StoredFile,
} from '../shared/submissions/instance.ts';
import { fileKey, ownResponseId, submissionKey, waitingKey } from '../shared/submissions/keys.ts';
import { saveOrPostpone, type SavedOrPending } from '../shared/submissions/save-submission.ts';
import type { Dependencies } from './dependencies.ts';
import type { Device } from './device.ts';
import { erased, notYours, unknownForm } from './problems.ts';
import type { SentFile, SubmissionUpload } from './upload.ts';

/**
 * `waiting`: it corrects a submission that has not arrived, and is saved when that arrives. `repeated`: a correction that
 * is saved already.
 */
export type Received = SavedOrPending | 'waiting' | 'repeated';

/**
 * Receives one request of a submission. The same submission again changes nothing, except that new files are added.
 *
 * The submission is kept before it is read by its form, and the instanceID is claimed before it is saved. So a retry
 * finds both, whatever happened to the first request.
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
  const { files, findForm } = dependencies;
  const head = readHead(root);
  const target = await findForm.target(root, head.formId, signal);
  if (target === undefined) throw unknownForm(head.formId);
  const { correction } = target;
  const sha256 = hash('sha256', xmlBytes);
  // Without an id, the same XML is the same submission.
  const instanceId = head.instanceId ?? `sha256:${sha256}`;
  // A submission of a corrections form names the response itself.
  const corrects = head.deprecatedId === instanceId || correction !== undefined ? undefined : head.deprecatedId;
  const receivedAt = new Date(dependencies.now()).toISOString();
  const submission: KeptSubmission = {
    instance_id: instanceId,
    user_id: userId,
    form_id: target.formId,
    received_at: receivedAt,
    xml,
    ...(correction !== undefined && { correction }),
  };
  const received = { submission, sha256, ...(corrects !== undefined && { corrects }) };
  const { kept, instance } =
    corrects === undefined && correction === undefined
      ? await keepFirst(files, received)
      : await keepCorrection(dependencies, received);
  if (instance.saved) return 'repeated';
  const stored = await storeFiles(dependencies, instance, sent);
  return corrects !== undefined && instance.waits
    ? await wait(dependencies, instance, corrects, stored, signal)
    : await save(dependencies, { kept, instance, files: stored, root }, signal);
}

type NewSubmission = { readonly submission: KeptSubmission; readonly sha256: string; readonly corrects?: string };
type Kept = { readonly kept: KeptSubmission; readonly instance: Instance };

/** Keeps and claims the submission that begins a response. */
async function keepFirst(files: FileStore, { submission, sha256 }: NewSubmission): Promise<Kept> {
  const { instance_id, user_id, received_at } = submission;
  const claim: Instance = {
    instance_id,
    response_id: ownResponseId(instance_id),
    sha256,
    user_id,
    received_at,
    last_modified_time: received_at,
    submission,
  };
  const instance = await claimInstance(files, claim);
  refuseConflicts(claim, instance);
  if (instance.submission === undefined) throw erased();
  return { kept: instance.submission, instance };
}

/** Keeps a correction in its response, then claims its instanceID. */
async function keepCorrection(
  dependencies: Dependencies,
  { submission, sha256, corrects }: NewSubmission,
): Promise<Kept> {
  const { files } = dependencies;
  const { instance_id, user_id, received_at, correction } = submission;
  const place: Place =
    (await readInstance(files, instance_id)) ??
    (correction === undefined
      ? await findPlace(dependencies, submission, corrects)
      : { response_id: correction.response_id, last_modified_time: received_at });
  const name = { response_id: place.response_id, instance_id, sha256 };
  const { kept, isNew } = await keepSubmission(files, name, submission);
  const claim: Instance = {
    ...name,
    user_id,
    received_at: kept.received_at,
    last_modified_time: place.last_modified_time,
    ...(corrects !== undefined && { corrects }),
    ...(place.waits && { waits: place.waits }),
  };
  const instance = await claimInstance(files, claim);
  try {
    refuseConflicts(claim, instance);
    // The submission of a claim is removed only when its response is erased; then this request stored it again.
    if (instance.received_at !== claim.received_at) throw erased();
  } catch (error) {
    if (isNew) await files.remove(submissionKey(claim));
    throw error;
  }
  return { kept, instance };
}

/** The place of a new correction. */
async function findPlace(
  { files }: Dependencies,
  { instance_id, user_id: userId, received_at: receivedAt }: KeptSubmission,
  corrects: string | undefined,
): Promise<Place> {
  const predecessor = corrects === undefined ? undefined : await readInstance(files, corrects);
  if (predecessor === undefined || predecessor.waits) {
    return { response_id: ownResponseId(instance_id), last_modified_time: receivedAt, waits: true };
  }
  if (predecessor.user_id !== userId) throw notYours();
  if ((await readSubmission(files, predecessor)) === undefined) throw erased();
  return placeAfter(predecessor, receivedAt);
}

/** @param instance what was known before, or the claim itself */
function refuseConflicts(claim: Instance, instance: Instance): void {
  if (instance === claim) return;
  if (instance.user_id !== claim.user_id) throw notYours();
  if (instance.sha256 !== claim.sha256) {
    throw new Problem('same-instance-other-content', {
      detail:
        'Another submission with this instanceID is stored. Nothing was changed. To correct it, edit the sent form in the app, and send it again.',
    });
  }
  if (instance.response_id !== claim.response_id) {
    throw unavailable('Another request links this correction now. Send it again.');
  }
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

async function wait(
  dependencies: Dependencies,
  instance: Instance,
  corrects: string,
  stored: readonly StoredFile[],
  signal: AbortSignal,
): Promise<Received> {
  const { files } = dependencies;
  await rememberFiles(files, instance, stored);
  await putMarker(files, waitingKey(corrects, instance.instance_id), instance.instance_id);
  await awaitInstance(files, corrects);
  // The original may have arrived in the meantime.
  await linkWaiting(dependencies, corrects, signal);
  return 'waiting';
}

async function save(
  dependencies: Dependencies,
  unsaved: { kept: KeptSubmission; instance: Instance; files: readonly StoredFile[]; root: SubmissionUpload['root'] },
  signal: AbortSignal,
): Promise<SavedOrPending> {
  const saved = await saveOrPostpone(dependencies, unsaved, signal);
  const { instance_id, awaited } = unsaved.instance;
  if (awaited) await linkWaiting(dependencies, instance_id, signal);
  return saved;
}
