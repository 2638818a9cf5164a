/**
 * Does what is owed: each minute it looks at the markers in S3 (shared/owed.ts), and asks the database only where there
 * is one.
 */
import * as z from 'zod';
import { isTransient } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { listAll, type ListedObject } from '../shared/object-store.ts';
import { SNAPSHOT_MARKERS } from '../../db-proxy-lambda/contract.ts';
import { EXPORT_MARKERS, OWED, PUBLISH_MARKER } from '../shared/owed.ts';
import type { Dependencies } from './dependencies.ts';
import { repairSnapshot } from './repair.ts';

/** A message needs no longer than this to reach a worker. */
const QUEUED_FOR_MS = 60_000;

/** Who left a marker is done after so long: an API function calls the proxy for 18 s, which may run for 25 s more. */
const UNDER_WAY_MS = 60_000;

export function createHandler(dependencies: Dependencies) {
  return async (): Promise<void> => {
    const startedAt = dependencies.now();
    const markers = await listAll(dependencies.store, OWED);
    const failures: unknown[] = [];
    for (const { prefix, work } of DUTIES) {
      const owed = markers.filter(({ key }) => key.startsWith(prefix));
      if (owed.length === 0) continue;
      try {
        await work(dependencies, owed, startedAt);
      } catch (error) {
        // The markers stay, and the other duties go on.
        dependencies.logger.error('still owed', { duty: prefix, ...traceOf(error) });
        if (!isTransient(error)) failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Some of what is owed cannot be done.');
  };
}

type Duty = (dependencies: Dependencies, markers: readonly ListedObject[], startedAt: number) => Promise<void>;

const DUTIES: readonly { prefix: string; work: Duty }[] = [
  { prefix: PUBLISH_MARKER, work: publish },
  { prefix: SNAPSHOT_MARKERS, work: repair },
  { prefix: EXPORT_MARKERS, work: restartExports },
];

/** Sends the trigger that could not be sent; and again after the removal, which may have taken away a newer marker. */
async function publish({ store, triggerPublish }: Dependencies): Promise<void> {
  await triggerPublish();
  await store.remove(PUBLISH_MARKER);
  await triggerPublish();
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
