/**
 * Markers of what is owed, as objects in S3: work that must be done although whoever began it may die. The sweep looks at
 * them each minute (collect-lambdas/sweep/), so that an idle database is not asked whether there is anything to do.
 */
import { traceOf, type Logger } from './logger.ts';
import type { ObjectStore } from './object-store.ts';

export const OWED = 'owed/';
export const SNAPSHOT_MARKERS = `${OWED}snapshot/`;
export const EXPORT_MARKERS = `${OWED}exports/`;

/** The snapshot may lack a change: it is repaired from the database. `about` says who owes it. */
export const snapshotMarker = (about: string): string => `${SNAPSHOT_MARKERS}${about}`;

/** An export was asked for: it is queued again when nobody runs it. */
export const exportMarker = (exportId: string): string => `${EXPORT_MARKERS}${exportId}`;

/** The publisher could not be triggered: it is triggered again. */
export const PUBLISH_MARKER = `${OWED}publish`;

/** @throws {ObjectStoreError} when S3 does not take it */
export async function leaveMarker(store: Pick<ObjectStore, 'put'>, key: string): Promise<void> {
  await store.put(key, '{}');
}

const HOUR_MS = 3_600_000;

/**
 * Asks for a repair of the snapshot once an hour, however often it is called: what was missed for whatever reason is there
 * within an hour of activity. Never fails.
 *
 * @param now milliseconds, as Date.now gives them
 */
export function createHourlyRepair(
  store: Pick<ObjectStore, 'put'>,
  logger: Pick<Logger, 'error'>,
  now: () => number,
): () => Promise<void> {
  let askedAt = -Infinity;
  return async () => {
    if (now() < askedAt + HOUR_MS) return;
    try {
      await leaveMarker(store, snapshotMarker('hourly'));
      askedAt = now();
    } catch (error) {
      logger.error('marker not left', { ...traceOf(error) });
    }
  };
}
