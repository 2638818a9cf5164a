/**
 * Saves submissions that were acknowledged and not saved: those that could not be saved when they arrived, and
 * corrections that wait for their originals. Runs each minute.
 */
import { publishMetrics } from '../shared/metrics.ts';
import { traceOf } from '../shared/logger.ts';
import { listAll, type ListedObject } from '../shared/object-store.ts';
import { linkCorrection, linkWaiting } from '../shared/submissions/corrections.ts';
import type { SubmissionDependencies } from '../shared/submissions/dependencies.ts';
import { isKept, readInstance, readMarker, rememberedFiles } from '../shared/submissions/instance.ts';
import { PENDING, WAITING } from '../shared/submissions/keys.ts';
import { saveSubmission } from '../shared/submissions/save-submission.ts';

/** Time limit of a run; the function has ten seconds more. */
const RUN_MS = 50_000;

/** Submissions that are handled at the same time. */
const AT_ONCE = 8;

/** Corrections wait for 25 hours at most; a correction that is left after that could not be saved. */
const OVERDUE_MS = 26 * 3_600_000;

type Work = ListedObject & {
  run: (dependencies: SubmissionDependencies, key: string, signal: AbortSignal) => Promise<void>;
};

/** @param publish gets the number of submissions that wait to be saved, and the age of the oldest */
export function createHandler(
  dependencies: SubmissionDependencies,
  publish: typeof publishMetrics = publishMetrics,
): () => Promise<void> {
  const { files, logger, now } = dependencies;
  return async () => {
    const signal = AbortSignal.timeout(RUN_MS);
    const pending = await listAll(files, PENDING);
    const waiting = await listAll(files, WAITING);
    const ages = [...pending, ...waiting.filter(({ modified }) => now() - modified > OVERDUE_MS)].map(
      ({ modified }) => now() - modified,
    );
    publish({
      PendingSubmissions: ages.length,
      PendingSubmissionAge: Math.round(ages.reduce((a, b) => Math.max(a, b), 0) / 1_000),
    });
    // In random order, so that markers that one run does not reach are reached by a later run.
    const work: Work[] = shuffled([
      ...pending.map((each) => ({ ...each, run: savePending })),
      ...waiting.map((each) => ({ ...each, run: link })),
    ]);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = work.pop(); next !== undefined && !signal.aborted; next = work.pop()) {
          try {
            await next.run(dependencies, next.key, signal);
          } catch (error) {
            logger.error('submission not saved', { marker: next.key, ...traceOf(error) });
          }
        }
      }),
    );
  };
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, position: Math.random() }))
    .toSorted((a, b) => a.position - b.position)
    .map(({ item }) => item);
}

async function savePending(dependencies: SubmissionDependencies, key: string, signal: AbortSignal): Promise<void> {
  const { files, logger } = dependencies;
  const instanceId = await readMarker(files, key);
  const instance = instanceId === undefined ? undefined : await readInstance(files, instanceId);
  if (instance === undefined) return;
  let { stored, keys } = await rememberedFiles(files, instance);
  do {
    // If there is no submission, the response was erased.
    if (isKept(instance)) {
      const { outcome } = await saveSubmission(dependencies, { instance, files: stored, acknowledged: true }, signal);
      logger.info('submission saved later', { response_id: instance.response_id, outcome });
    }
    await Promise.all(keys.map((each) => files.remove(each)));
    await files.remove(key);
    // A request may have added a file before the marker was removed.
    ({ stored, keys } = await rememberedFiles(files, instance));
  } while (keys.length > 0);
  await linkWaiting(dependencies, instance.instance_id, signal);
}

async function link(dependencies: SubmissionDependencies, key: string, signal: AbortSignal): Promise<void> {
  const instanceId = await readMarker(dependencies.files, key);
  if (instanceId === undefined) return;
  const saved = await linkCorrection(dependencies, { instanceId, marker: key }, signal);
  if (saved !== undefined) await linkWaiting(dependencies, instanceId, signal);
}
