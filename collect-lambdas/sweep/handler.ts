/**
 * Does pending work: each minute it lists the markers in S3 (shared/owed.ts), and only if there are any, it queries the
 * database.
 */
import * as z from 'zod';
import { isTransient } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { listAll, type ListedObject } from '../shared/object-store.ts';
import { SNAPSHOT_MARKERS } from '../../db-proxy-lambda/contract.ts';
import { EXPORT_MARKERS, OWED, PUBLISH_MARKER } from '../shared/owed.ts';
import type { Dependencies } from './dependencies.ts';
import { repairSnapshot } from './repair.ts';

/** Messages reach a worker within this time; an export that is queued for longer is queued again. */
const QUEUED_FOR_MS = 60_000;

/**
 * After this time a change is finished: an API function waits up to 18 s for the proxy, and the proxy may run for 25 s
 * more.
 */
const SETTLED_MS = 60_000;

export function createHandler(dependencies: Dependencies) {
  return async (): Promise<void> => {
    const startedAt = dependencies.now();
    const markers = await listAll(dependencies.store, OWED);
    const failures: unknown[] = [];
    for (const { prefix, work } of DUTIES) {
      const pending = markers.filter(({ key }) => key.startsWith(prefix));
      if (pending.length === 0) continue;
      try {
        await work(dependencies, pending, startedAt);
      } catch (error) {
        // The markers stay, and the other duties go on.
        dependencies.logger.error('pending work failed', { duty: prefix, ...traceOf(error) });
        if (!isTransient(error)) failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Some pending work cannot be done.');
  };
}

type Duty = (dependencies: Dependencies, markers: readonly ListedObject[], startedAt: number) => Promise<void>;

const DUTIES: readonly { prefix: string; work: Duty }[] = [
  { prefix: PUBLISH_MARKER, work: publish },
  { prefix: SNAPSHOT_MARKERS, work: repair },
  { prefix: EXPORT_MARKERS, work: restartExports },
];

/** Sends the trigger, removes the marker, and sends the trigger again, because a newer marker may have been removed. */
async function publish({ store, triggerPublish }: Dependencies): Promise<void> {
  await triggerPublish();
  await store.remove(PUBLISH_MARKER);
  await triggerPublish();
}

/**
 * Repairs the snapshot. Recent markers stay for the next sweep: their change may be committed after this sweep has read
 * the database.
 */
async function repair({ dbProxy, store, logger }: Dependencies, markers: readonly ListedObject[], startedAt: number) {
  const { changes, isComplete } = await repairSnapshot(dbProxy, store);
  if (!isComplete) return logger.error('snapshot not repaired', { changes });
  if (changes > 0) logger.info('snapshot repaired', { changes });
  for (const { key } of markers.filter((marker) => isSettled(marker, startedAt))) await store.remove(key);
}

/** Queues stalled exports again and removes the markers of finished ones. */
async function restartExports(
  { dbProxy, store, enqueue, logger, now }: Dependencies,
  markers: readonly ListedObject[],
  startedAt: number,
) {
  const queuedBefore = new Date(now() - QUEUED_FOR_MS).toISOString();
  const { export_ids: exportIds } = await dbProxy.call('listStalledExports', { queued_before: queuedBefore });
  for (const exportId of exportIds) {
    logger.warn('export queued again', { export_id: exportId });
    // A duplicate message is harmless: its worker finds the export claimed or finished.
    await enqueue({ export_id: exportId });
  }
  for (const marker of markers.filter((each) => isSettled(each, startedAt))) {
    const exportId = z.uuid().safeParse(marker.key.slice(EXPORT_MARKERS.length));
    const { export: stored } = exportId.success
      ? await dbProxy.call('getExport', { export_id: exportId.data })
      : { export: null };
    const isActive = stored?.status === 'queued' || stored?.status === 'running';
    if (!isActive) await store.remove(marker.key);
  }
}

function isSettled({ modified }: ListedObject, startedAt: number): boolean {
  return modified <= startedAt - SETTLED_MS;
}
