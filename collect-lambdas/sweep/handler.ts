/** Does owed work: lists the markers in S3 each minute (shared/owed.ts) and queries the database only if there are some. */
import * as z from 'zod';
import { isTransient } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { listAll, type ListedObject } from '../shared/object-store.ts';
import { SNAPSHOT_MARKERS } from '../../db-proxy-lambda/contract.ts';
import { EXPORT_MARKERS, OWED, PUBLISH_MARKER } from '../shared/owed.ts';
import type { Dependencies } from './dependencies.ts';
import { repairSnapshot } from './repair.ts';

/** A message reaches a worker within this time. */
const QUEUED_FOR_MS = 60_000;

/** After this time a change is finished: an API function calls the proxy for 18 s, and the proxy may run for 25 s more. */
const SETTLED_MS = 60_000;

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
    if (failures.length > 0) throw new AggregateError(failures, 'Some owed work cannot be done.');
  };
}

type Duty = (dependencies: Dependencies, markers: readonly ListedObject[], startedAt: number) => Promise<void>;

const DUTIES: readonly { prefix: string; work: Duty }[] = [
  { prefix: PUBLISH_MARKER, work: publish },
  { prefix: SNAPSHOT_MARKERS, work: repair },
  { prefix: EXPORT_MARKERS, work: restartExports },
];

/** Sends the trigger, and sends it again after removing the marker, because a newer one may have been removed. */
async function publish({ store, triggerPublish }: Dependencies): Promise<void> {
  await triggerPublish();
  await store.remove(PUBLISH_MARKER);
  await triggerPublish();
}

/** Repairs the snapshot. A recent marker stays for the next sweep, because its change may come after the database was read. */
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
    // A second message does no harm: it finds the export claimed or finished.
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
  return modified <= startedAt - SETTLED_MS;
}
