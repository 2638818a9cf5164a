/** Saves submissions that are kept: at once, or later if that is not possible now. */
import { parseXml, type XmlElement } from '../../../forms/xforms/xml.ts';
import { saveOrQueue, type Outcome } from '../intake/save.ts';
import { traceOf } from '../logger.ts';
import { removePrefix } from '../file-store.ts';
import type { SubmissionDependencies } from './dependencies.ts';
import { readHead } from '../../../forms/xforms/read-instance.ts';
import { putMarker, rememberFiles, type Instance, type KeptSubmission, type StoredFile } from './instance.ts';
import { judge, type Judged } from './judge.ts';
import { pendingKey, responsePrefix } from './keys.ts';

/** Bounds of a submission's XML. A request cannot have more bytes. */
export const XML_LIMITS = { maxDepth: 100, maxBytes: 6_000_000 };

/** What became of a submission. `pending`: it is kept, and will be read and saved later. */
export type Saved = Judged & { readonly outcome: Outcome };
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
  const found = await dependencies.findForm.find(kept.form_id, readHead(root).version, signal);
  if (found === undefined) throw new Error('The form of a submission is gone.');
  const judged = await judge({ kept, instance, root, files }, found);
  const [outcome] = await saveOrQueue(dependencies, [[judged.incoming]], signal, { keep: true });
  if (outcome === undefined) throw new Error('The proxy returned no outcome.');
  if (outcome.outcome === 'erased') await removePrefix(dependencies.files, responsePrefix(instance.response_id));
  return { ...judged, outcome };
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
