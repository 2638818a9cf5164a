/**
 * Markers of what is owed, as objects in S3: work that must be done although whoever began it may die. The sweep looks at
 * them each minute (collect-lambdas/sweep/), so that an idle database is not asked whether there is anything to do.
 */
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
