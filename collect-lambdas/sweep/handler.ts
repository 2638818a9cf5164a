/**
 * Does what is owed: each minute it looks at the markers in S3 (shared/owed.ts), and asks the database only where there
 * is one.
 */
import * as z from 'zod';
import { DbProxyError } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { listAll, type ListedObject } from '../shared/object-store.ts';
import { EXPORT_MARKERS, OWED, SNAPSHOT_MARKERS } from '../shared/owed.ts';
import type { Dependencies } from './dependencies.ts';
import { repairSnapshot } from './repair.ts';

/** A message needs no longer than this to reach a worker. */
const QUEUED_FOR_MS = 60_000;

/** Who left a marker is done after so long, which is more than an API function may run. */
const UNDER_WAY_MS = 30_000;

export function createHandler(dependencies: Dependencies) {
  return async (): Promise<void> => {
    const startedAt = dependencies.now();
    const markers = await listAll(dependencies.store, OWED);
    const duties = [
      { prefix: SNAPSHOT_MARKERS, work: repair },
      { prefix: EXPORT_MARKERS, work: restartExports },
    ];
    for (const { prefix, work } of duties) {
      const owed = markers.filter(({ key }) => key.startsWith(prefix));
      if (owed.length > 0) await attempt(dependencies, prefix, () => work(dependencies, owed, startedAt));
    }
  };
}

/** What cannot be done now stays owed, and does not keep the rest from being done. */
async function attempt({ logger }: Dependencies, duty: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DbProxyError) || !error.retryable) throw error;
    logger.error('still owed', { duty, code: error.code, ...traceOf(error) });
  }
}

/**
 * Repairs the snapshot. A marker whose change may still be under way is left for the next sweep: the change may be made
 * after the database was read.
 */
async function repair({ dbProxy, store, logger }: Dependencies, markers: readonly ListedObject[], startedAt: number) {
  const { changes, isComplete } = await repairSnapshot(dbProxy, store);
  if (!isComplete) return logger.error('snapshot not repaired', { changes });
  if (changes > 0) logger.info('snapshot repaired', { changes });
  for (const { key } of markers.filter((marker) => isSettled(marker, startedAt))) await store.remove(key);
}

/** Queues exports again that nobody runs although somebody should, and forgets those that have ended. */
async function restartExports(
  { dbProxy, store, enqueue, logger, now }: Dependencies,
  markers: readonly ListedObject[],
  startedAt: number,
) {
  const queuedBefore = new Date(now() - QUEUED_FOR_MS).toISOString();
  const { export_ids: exportIds } = await dbProxy.call('listStalledExports', { queued_before: queuedBefore });
  for (const exportId of exportIds) {
    logger.warn('export queued again', { export_id: exportId });
    // Should its message still be there, the second one finds the export claimed or finished.
    await enqueue({ export_id: exportId });
  }
  for (const marker of markers.filter((each) => isSettled(each, startedAt))) {
    const exportId = z.uuid().safeParse(marker.key.slice(EXPORT_MARKERS.length));
    const { export: stored } = exportId.success
      ? await dbProxy.call('getExport', { export_id: exportId.data })
      : { export: null };
    const isUnderWay = stored?.status === 'queued' || stored?.status === 'running';
    if (!isUnderWay) await store.remove(marker.key);
  }
}

function isSettled({ modified }: ListedObject, startedAt: number): boolean {
  return modified <= startedAt - UNDER_WAY_MS;
}
