/**
 * Saves submissions that were acknowledged and not saved: those that could not be read or saved when they arrived, and
 * corrections whose original arrived later. Runs each minute.
 */
import { publishMetrics } from '../shared/metrics.ts';
import { traceOf } from '../shared/logger.ts';
import { listAll, type ListedObject } from '../shared/object-store.ts';
import { linkCorrection, linkWaiting } from '../shared/submissions/corrections.ts';
import type { SubmissionDependencies } from '../shared/submissions/dependencies.ts';
import { readInstance, readMarker, readSubmission, rememberedFiles } from '../shared/submissions/instance.ts';
import { PENDING, submissionKey, WAITING } from '../shared/submissions/keys.ts';
import { saveSubmission } from '../shared/submissions/save-submission.ts';

/** Time limit of a run; the function has ten seconds more. */
const RUN_MS = 50_000;

/** A correction whose original does not come for a day is looked at once an hour. */
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Max waiting corrections that one run names in the log. */
const MAX_NAMED = 20;

/** @param publish takes the number of corrections that have waited for more than a day, once an hour */
export function createHandler(
  dependencies: SubmissionDependencies,
  publish: typeof publishMetrics = publishMetrics,
): () => Promise<void> {
  const { files, logger, now } = dependencies;
  return async () => {
    const signal = AbortSignal.timeout(RUN_MS);
    const startedAt = now();
    const isOld = ({ modified }: ListedObject) => startedAt - modified >= DAY_MS;
    const isFullHour = startedAt % HOUR_MS < MINUTE_MS;
    const waiting = await listAll(files, WAITING);
    const work = [
      ...(await listAll(files, PENDING)).map(({ key }) => ({ key, run: savePending })),
      ...waiting.filter((each) => isFullHour || !isOld(each)).map(({ key }) => ({ key, run: link })),
    ];
    for (const { key, run } of work) {
      if (signal.aborted) break;
      try {
        await run(dependencies, key, signal);
      } catch (error) {
        logger.error('submission not saved', { marker: key, ...traceOf(error) });
      }
    }
    if (!isFullHour || !waiting.some(isOld)) return;
    const left = (await listAll(files, WAITING)).filter(isOld);
    publish({ CorrectionsWaiting: left.length });
    for (const { key } of left.slice(0, MAX_NAMED)) await nameWaiting(dependencies, key);
  };
}

/** An operator can then look for the original. */
async function nameWaiting({ files, logger }: SubmissionDependencies, key: string): Promise<void> {
  const instanceId = await readMarker(files, key);
  const instance = instanceId === undefined ? undefined : await readInstance(files, instanceId);
  if (instance === undefined) return;
  const { instance_id, corrects, received_at } = instance;
  const about = { instance_id, corrects, received_at, submission: submissionKey(instance), marker: key };
  logger.warn('correction waits for its original', about);
}

async function savePending(dependencies: SubmissionDependencies, key: string, signal: AbortSignal): Promise<void> {
  const { files, logger } = dependencies;
  const instanceId = await readMarker(files, key);
  if (instanceId === undefined) return;
  const instance = await readInstance(files, instanceId);
  const kept = instance && (await readSubmission(files, instance));
  // Without a submission, the response was erased.
  if (instance !== undefined && kept !== undefined) {
    const { stored, keys } = await rememberedFiles(files, instance);
    const { outcome } = await saveSubmission(dependencies, { kept, instance, files: stored }, signal);
    logger.info('submission saved later', { response_id: instance.response_id, outcome });
    await Promise.all(keys.map((each) => files.remove(each)));
  }
  await files.remove(key);
  await linkWaiting(dependencies, instanceId, signal);
}

async function link(dependencies: SubmissionDependencies, key: string, signal: AbortSignal): Promise<void> {
  const instanceId = await readMarker(dependencies.files, key);
  if (instanceId !== undefined) await linkCorrection(dependencies, instanceId, signal);
}
