/** Saves submissions that are kept: at once, or later if that is not possible now. */
import type { IncomingResponse } from '../../../db-proxy-lambda/contract.ts';
import type { Flag } from '../../../forms/compiled/flags.ts';
import { readHead, readInstance } from '../../../forms/xforms/read-instance.ts';
import { MAX_XML_DEPTH, parseXml, type XmlElement } from '../../../forms/xforms/xml.ts';
import { saveOrQueue, type Outcome } from '../intake/save.ts';
import { traceOf } from '../logger.ts';
import { eraseFiles } from '../erase-files.ts';
import type { SubmissionDependencies } from './dependencies.ts';
import { mapOf, type FoundForm } from './find-form.ts';
import {
  putInstance,
  putMarker,
  rememberFiles,
  type Instance,
  type KeptSubmission,
  type StoredFile,
} from './instance.ts';
import { judge, metadataOf, type Judged, type Judging } from './judge.ts';
import { mergedCorrection } from './merge-correction.ts';
import { pendingKey } from './keys.ts';

/** Bounds of a submission's XML. A request cannot have more bytes. */
export const XML_LIMITS = { maxDepth: MAX_XML_DEPTH, maxBytes: 6_000_000 };

/** What became of a submission. `flags` are those of the response. */
export type Saved = Pick<Judged, 'remarks'> & { readonly outcome: Outcome['outcome']; readonly flags: readonly Flag[] };
/** `pending`: it is kept, and will be read and saved later. */
export type SavedOrPending = Saved | 'pending';

export type Unsaved = {
  readonly kept: KeptSubmission;
  readonly instance: Instance;
  readonly files: readonly StoredFile[];
  /** The submission's XML, if it was parsed already. */
  readonly root?: XmlElement;
};

/**
 * Reads a submission by its form, checks the rules, and saves or queues it as a revision of its response.
 *
 * @throws {Error} if that is not possible now, or because of a bug; then nothing is lost, and it can be tried again
 */
export async function saveSubmission(
  dependencies: SubmissionDependencies,
  { kept, instance, files, root = parseXml(kept.xml, XML_LIMITS) }: Unsaved,
  signal: AbortSignal,
): Promise<Saved> {
  const head = readHead(root);
  const found = await dependencies.findForm.find(kept.form_id, head.version, signal);
  if (found === undefined) throw new Error('The form of a submission is gone.');
  const { correction } = kept;
  const judging =
    correction === undefined
      ? judgingOf({ kept, instance, files }, root, found, head.version)
      : await mergedCorrection(dependencies, { kept, instance, correction }, root, found, signal);
  if ('outcome' in judging) return await finish(dependencies, instance, judging);
  const { incoming, remarks } = await judge(judging);
  const calls = withFilesInParts(incoming).map((part) => [part]);
  const outcome = (await saveOrQueue(dependencies, calls, signal, { keep: true })).at(-1);
  if (outcome === undefined) throw new Error('The proxy returned no outcome.');
  const flags = 'flags' in outcome && outcome.flags !== undefined ? outcome.flags : incoming.flags;
  const saved = { outcome: outcome.outcome, flags, remarks };
  if (correction !== undefined) await putInstance(dependencies.files, { ...instance, saved: true });
  return await finish(dependencies, instance, saved);
}

/** Max files in one call of the proxy: a message of the write queue has room for them. */
const FILES_IN_CALL = 400;

/** The same response once for each part of its files: after the first call, the others only add files. */
function withFilesInParts({ files = [], ...incoming }: IncomingResponse): IncomingResponse[] {
  if (files.length === 0) return [incoming];
  return Array.from({ length: Math.ceil(files.length / FILES_IN_CALL) }, (_, part) => ({
    ...incoming,
    files: files.slice(part * FILES_IN_CALL, (part + 1) * FILES_IN_CALL),
  }));
}

function judgingOf(
  { kept, instance, files }: Omit<Unsaved, 'root'>,
  root: XmlElement,
  found: FoundForm,
  xformVersion: string,
): Judging {
  const content = readInstance(root, mapOf(found.form));
  return {
    found,
    content,
    input: { ...content.answers, ...metadataOf(content, kept, instance) },
    user_id: instance.user_id,
    received_at: kept.received_at,
    isCorrection: instance.corrects !== undefined,
    files,
    xformVersion,
  };
}

/** Nothing of an erased response stays. */
async function finish({ files }: SubmissionDependencies, instance: Instance, saved: Saved): Promise<Saved> {
  if (saved.outcome === 'erased') await eraseFiles(files, instance.response_id);
  return saved;
}

/**
 * Saves a submission like {@link saveSubmission}. If that fails, leaves it to the worker, which tries each minute.
 *
 * @throws {ObjectStoreError} if that cannot be noted either; then it may not be acknowledged
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
