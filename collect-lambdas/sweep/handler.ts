/**
 * Does pending work: each minute it lists the markers in S3 (shared/owed.ts), and only if there are any, it queries the
 * database.
 */
import * as z from 'zod';
import { EXPORT, REJUDGE, type JobKind, type QueueJob } from '../shared/background-job.ts';
import { isTransient } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { listAll, type ListedObject } from '../shared/object-store.ts';
import { SNAPSHOT_MARKERS } from '../../db-proxy-lambda/contract.ts';
import { eraseFiles } from '../shared/erase-files.ts';
import {
  ERASURE_MARKERS,
  erasureMarker,
  EXPORT_MARKERS,
  OWED,
  PUBLISH_MARKER,
  REJUDGE_MARKERS,
  WEBHOOK_MARKERS,
  webhookMarker,
} from '../shared/owed.ts';
import type { Dependencies } from './dependencies.ts';
import { repairSnapshot } from './repair.ts';

/** Messages reach a worker within this time; an export that is queued for longer is queued again. */
const QUEUED_FOR_MS = 60_000;

/** A page of a re-judge takes some seconds. A second worker would take the re-judge from a slow one. */
const REJUDGE_IDLE_MS = 180_000;

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
        // The markers stay, and the sweep continues with its other work.
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
  { prefix: REJUDGE_MARKERS, work: restartRejudges },
  { prefix: ERASURE_MARKERS, work: eraseAgain },
  { prefix: WEBHOOK_MARKERS, work: deliver },
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

/** How the sweep looks for stalled jobs of a kind. */
interface JobSource {
  listStalled: () => Promise<string[]>;
  find: (id: string) => Promise<{ status: string } | null>;
  enqueue: QueueJob;
}

function restartExports(dependencies: Dependencies, markers: readonly ListedObject[], startedAt: number) {
  const { dbProxy, now, enqueueExport: enqueue } = dependencies;
  return restart(dependencies, EXPORT, markers, startedAt, {
    listStalled: async () => {
      const queuedBefore = new Date(now() - QUEUED_FOR_MS).toISOString();
      return (await dbProxy.call('listStalledExports', { queued_before: queuedBefore })).export_ids;
    },
    find: async (id) => (await dbProxy.call('getExport', { export_id: id })).export,
    enqueue,
  });
}

function restartRejudges(dependencies: Dependencies, markers: readonly ListedObject[], startedAt: number) {
  const { dbProxy, now, enqueueRejudge: enqueue } = dependencies;
  return restart(dependencies, REJUDGE, markers, startedAt, {
    listStalled: async () => {
      const idleSince = new Date(now() - REJUDGE_IDLE_MS).toISOString();
      return (await dbProxy.call('listStalledRejudges', { idle_since: idleSince })).rejudge_ids;
    },
    find: async (id) => (await dbProxy.call('getRejudge', { rejudge_id: id })).rejudge,
    enqueue,
  });
}

/** Queues stalled jobs again and removes the markers of finished ones. */
async function restart(
  { store, logger }: Dependencies,
  { name, idName, markers: prefix }: JobKind,
  markers: readonly ListedObject[],
  startedAt: number,
  { listStalled, find, enqueue }: JobSource,
) {
  for (const id of await listStalled()) {
    logger.warn(`${name} queued again`, { [idName]: id });
    // A duplicate message is harmless: its worker finds the job claimed or finished, or continues it.
    await enqueue(id);
  }
  for (const marker of markers.filter((each) => isSettled(each, startedAt))) {
    const id = z.uuid().safeParse(marker.key.slice(prefix.length));
    const stored = id.success ? await find(id.data) : null;
    const isActive = stored?.status === 'queued' || stored?.status === 'running';
    if (!isActive) await store.remove(marker.key);
  }
}

/**
 * Removes the files of erased responses again. A recent marker stays for the next sweep: the erasure may be committed
 * after this sweep has read the database, and a file may still arrive.
 */
async function eraseAgain(
  { dbProxy, store, files }: Dependencies,
  markers: readonly ListedObject[],
  startedAt: number,
) {
  for (const { key, modified } of markers) {
    const { success, data } = erasureMarker.safeParse(JSON.parse((await store.get(key)) ?? 'null'));
    if (success) {
      const { response } = await dbProxy.call('getResponse', { response_id: data.response_id });
      if (response?.status === 'erased') await eraseFiles(files, data.response_id);
    }
    if (isSettled({ modified }, startedAt)) await store.remove(key);
  }
}

/** Starts the workers of webhooks whose next delivery is due. A worker removes its marker when nothing is pending. */
async function deliver(
  { store, triggerDelivery }: Dependencies,
  markers: readonly ListedObject[],
  startedAt: number,
): Promise<void> {
  for (const { key } of markers) {
    const { success, data } = webhookMarker.safeParse(JSON.parse((await store.get(key)) ?? 'null'));
    if (success && Date.parse(data.due_at) <= startedAt) await triggerDelivery(key.slice(WEBHOOK_MARKERS.length));
  }
}

function isSettled({ modified }: Pick<ListedObject, 'modified'>, startedAt: number): boolean {
  return modified <= startedAt - SETTLED_MS;
}
