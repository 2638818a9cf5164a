/** Writes a change to the database and to the snapshot. */
import type { ObjectStore } from './object-store.ts';
import { leaveMarker, snapshotMarker } from './owed.ts';
import { traceOf, type Logger } from './logger.ts';
import type { SnapshotObject } from './snapshot.ts';

/**
 * Leaves a marker, changes the database, writes the snapshot and removes the marker. If the snapshot cannot be written,
 * the marker stays, and the sweep repairs the snapshot within a minute.
 *
 * @param objectOf returns the object to write for the change's result. `only: 'absent'` keeps an existing object;
 * `repair` leaves the writing to the sweep
 * @returns `isKept`: whether the snapshot has the change or will get it; false only if S3 accepted neither object nor
 * marker
 * @throws the error of `change`
 */
export type RecordChange = <T>(
  change: () => Promise<T>,
  objectOf: (result: T) => (SnapshotObject & { only?: 'absent' }) | 'repair' | undefined,
) => Promise<{ result: T; isKept: boolean }>;

export function createChangeRecorder(store: ObjectStore, logger: Logger, newId: () => string): RecordChange {
  return async (change, objectOf) => {
    const marker = snapshotMarker(newId());
    // Continue without a marker: a token must be revocable even during an outage of S3.
    const isMarked = await leaveMarker(store, logger, marker);
    const result = await change();
    try {
      const object = objectOf(result);
      if (object === 'repair') return { result, isKept: isMarked };
      if (object !== undefined) await store.put(object.key, object.json, object.only);
      if (isMarked) await store.remove(marker);
    } catch (error) {
      logger.error('snapshot not written', { marker, ...traceOf(error) });
      return { result, isKept: isMarked };
    }
    return { result, isKept: true };
  };
}
