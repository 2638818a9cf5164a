/** Saves submissions that are kept in FilesBucket: immediately, or later if that is not possible now. */
import type { IncomingResponse, StoredRevision } from '../../../db-proxy-lambda/contract.ts';
import { cutText, type Flag } from '../../../forms/compiled/flags.ts';
import { readHead, readInstance, type InstanceContent } from '../../../forms/xforms/read-instance.ts';
import { MAX_XML_DEPTH, parseXml, type XmlElement } from '../../../forms/xforms/xml.ts';
import { isTransient } from '../db-proxy-client.ts';
import { eraseFiles } from '../erase-files.ts';
import { saveOrQueue, type Outcome } from '../intake/save.ts';
import { traceOf } from '../logger.ts';
import { ObjectStoreError } from '../object-store.ts';
import type { SubmissionDependencies } from './dependencies.ts';
import { mapOf } from './find-form.ts';
import {
  changeInstance,
  correctedBy,
  eraseSubmission,
  putMarker,
  rememberFiles,
  type Instance,
  type KeptInstance,
  type KeptSubmission,
  type StoredFile,
} from './instance.ts';
import { judge, metadataOf, type Judged, type Judging } from './judge.ts';
import { instanceKey, pendingKey } from './keys.ts';
import { laterThan, mergedCorrection, type Done } from './merge-correction.ts';

/** Bounds of a submission's XML. A request cannot have more bytes. */
export const XML_LIMITS = { maxDepth: MAX_XML_DEPTH, maxBytes: 6_000_000 };

/** Max bytes of an id in a message. */
const MAX_ID_BYTES = 200;

/** The outcome of a submission. `flags` are the flags of the response. */
export type Saved = Pick<Judged, 'remarks'> & { readonly outcome: Outcome['outcome']; readonly flags: readonly Flag[] };
/** `pending`: it is kept, and will be read and saved later. */
export type SavedOrPending = Saved | 'pending';

export type Unsaved = {
  readonly instance: KeptInstance;
  readonly files: readonly StoredFile[];
  /** The submission's XML, if it was parsed already. */
  readonly root?: XmlElement;
  /** Set if the submission was acknowledged: it is then not refused because of another collector's response. */
  readonly acknowledged?: true;
};

/**
 * Reads a submission by its form, checks the rules, and saves or queues it as a revision of its response. If it cannot be
 * read, or is refused, the response keeps its stored answers, if any, and gets a flag that says so.
 *
 * @throws {Error} if that is not possible now, or because of a bug; nothing is lost, and the call can be repeated
 */
export async function saveSubmission(
  dependencies: SubmissionDependencies,
  unsaved: Unsaved,
  signal: AbortSignal,
): Promise<Saved> {
  const { files, logger } = dependencies;
  const { instance } = unsaved;
  let saved: Saved;
  try {
    saved = await save(dependencies, unsaved, await read(dependencies, unsaved, signal), signal);
    if (mergedBy(instance) !== undefined) {
      await changeInstance(files, instanceKey(instance.instance_id), (known) => ({ ...known, saved: true }));
    }
  } catch (error) {
    if (isTransient(error) || error instanceof ObjectStoreError) throw error;
    logger.error('submission not read', { response_id: instance.response_id, ...traceOf(error) });
    saved = await save(dependencies, unsaved, await flagUnreadable(dependencies, unsaved, signal), signal);
  }
  // Nothing of an erased response stays.
  if (saved.outcome === 'erased') {
    await eraseSubmission(files, instanceKey(instance.instance_id));
    await eraseFiles(files, instance.response_id);
  }
  return saved;
}

async function save(
  dependencies: SubmissionDependencies,
  { acknowledged }: Unsaved,
  judging: Judging | Done,
  signal: AbortSignal,
): Promise<Saved> {
  if ('outcome' in judging) return judging;
  const { incoming, remarks } = await judge(judging);
  const terms = { keep: true, ...(acknowledged && { late: true }) };
  const calls = withFilesInParts(incoming).map((part) => [part]);
  const outcome = (await saveOrQueue(dependencies, calls, signal, terms)).at(-1);
  if (outcome === undefined) throw new Error('The proxy returned no outcome.');
  const flags = 'flags' in outcome && outcome.flags !== undefined ? outcome.flags : incoming.flags;
  return { outcome: outcome.outcome, flags, remarks };
}

/** Max files in one call of the proxy: a message of the write queue has room for them. */
const FILES_IN_CALL = 400;

/** A response with many files, as inputs of several calls: the first call saves it, and the others only add files. */
function withFilesInParts({ files = [], ...incoming }: IncomingResponse): IncomingResponse[] {
  if (files.length === 0) return [incoming];
  return Array.from({ length: Math.ceil(files.length / FILES_IN_CALL) }, (_, part) => ({
    ...incoming,
    files: files.slice(part * FILES_IN_CALL, (part + 1) * FILES_IN_CALL),
  }));
}

/** The correction that a submission of a corrections form makes; undefined if it is a response of its own. */
function mergedBy({ alone, submission }: KeptInstance): KeptSubmission['correction'] {
  return alone === undefined ? submission.correction : undefined;
}

async function read(
  dependencies: SubmissionDependencies,
  { instance, files, root = parseXml(instance.submission.xml, XML_LIMITS) }: Unsaved,
  signal: AbortSignal,
): Promise<Judging | Done> {
  const { version } = readHead(root);
  const found = await dependencies.findForm.find(instance.submission.form_id, version, signal);
  if (found === undefined) throw formIsGone();
  const correction = mergedBy(instance);
  if (correction !== undefined) {
    return await mergedCorrection(dependencies, { instance, correction }, root, found, signal);
  }
  const content = readInstance(root, mapOf(found.form));
  return {
    ...judgingOf({ instance, files }),
    found,
    content,
    input: { ...content.answers, ...metadataOf(content, instance.submission, instance) },
    xformVersion: version,
  };
}

const NOTHING: InstanceContent = {
  answers: {},
  metadata: {},
  place: undefined,
  unknown: [],
  rounded: [],
  acknowledged: [],
};

/**
 * The input of `judge` for a submission that cannot be read: the stored answers of its response, if any, with a flag. The
 * result becomes a revision unless the submission was saved before.
 */
async function flagUnreadable(
  { dbProxy, forms }: SubmissionDependencies,
  { instance, files }: Unsaved,
  signal: AbortSignal,
): Promise<Judging> {
  const { submission, response_id, alone } = instance;
  const newest = await forms.get(submission.form_id, signal);
  if (newest === undefined) throw formIsGone();
  const note = unreadable(instance);
  const common = judgingOf({ instance, files });
  const judging = { ...common, content: NOTHING, xformVersion: '', notes: [...common.notes, note] };
  const metadata = metadataOf(NOTHING, submission, instance);
  const { response: current } = await dbProxy.call('getResponse', { response_id }, signal);
  if (current === null || current.status === 'erased') {
    return { ...judging, found: { newest, form: newest, isKnown: true }, input: metadata };
  }
  const form = (await forms.getVersion(submission.form_id, current.form_version, signal)) ?? newest;
  const isFirst = correctedBy(instance) === undefined || alone !== undefined;
  const isSaved = isFirst || (await isRevision(dbProxy, instance, signal));
  const storedTime = String(current.response['last_modified_time']);
  const time = isSaved ? storedTime : laterThan(storedTime, instance.last_modified_time);
  return {
    ...judging,
    found: { newest, form, isKnown: true },
    input: { ...metadata, ...current.response, last_modified_time: time },
  };
}

/** Whether a correction is a revision already, either with its answers or with the flag that it could not be read. */
async function isRevision(
  dbProxy: SubmissionDependencies['dbProxy'],
  instance: KeptInstance,
  signal: AbortSignal,
): Promise<boolean> {
  const { response_id, last_modified_time: time } = instance;
  const note = unreadable(instance);
  for (let after = 0; ;) {
    const { items, complete } = await dbProxy.call('listRevisions', { response_id, after_revision: after }, signal);
    const isIt = ({ response, flags }: StoredRevision) =>
      response['last_modified_time'] === time || flags.some(({ message }) => message === note);
    if (items.some(isIt)) return true;
    after = items.at(-1)?.revision ?? after;
    if (complete) return false;
  }
}

/** Says in a flag that a submission could not be read. */
export function unreadable({ instance_id: id }: Pick<Instance, 'instance_id'>): string {
  return `The submission ${cutText(id, MAX_ID_BYTES)} could not be read. It is kept whole; ask the manager.`;
}

function formIsGone(): Error {
  return new Error('The form of a submission is gone.');
}

function judgingOf({ instance, files }: Pick<Unsaved, 'instance' | 'files'>) {
  const { user_id, received_at, corrects, alone } = instance;
  const corrected = cutText(correctedBy(instance) ?? '', MAX_ID_BYTES);
  return {
    user_id,
    received_at,
    isCorrection: corrects !== undefined && alone === undefined,
    files,
    notes: alone === undefined ? [] : [`This corrects ${corrected}, ${ALONE[alone]} It is a response of its own.`],
  };
}

const ALONE: Readonly<Record<NonNullable<Instance['alone']>, string>> = {
  missing: 'which has not arrived.',
  other_collector: 'which belongs to another collector.',
};

/**
 * Saves a submission like {@link saveSubmission}. If that fails, leaves it to the worker, which tries each minute.
 *
 * @throws {ObjectStoreError} if its marker cannot be stored either; then it must not be acknowledged
 */
export async function saveOrPostpone(
  dependencies: SubmissionDependencies,
  unsaved: Unsaved,
  signal: AbortSignal,
): Promise<SavedOrPending> {
  try {
    return await saveSubmission(dependencies, unsaved, signal);
  } catch (error) {
    const { files, logger } = dependencies;
    const { instance } = unsaved;
    logger.error('submission not saved', { response_id: instance.response_id, ...traceOf(error) });
    await rememberFiles(files, instance, unsaved.files);
    await putMarker(files, pendingKey(instance.instance_id), instance.instance_id);
    return 'pending';
  }
}
