/** Writes changes of the database into the snapshot too. */
import type { ObjectStore } from './object-store.ts';
import { leaveMarker, snapshotMarker } from './owed.ts';
import { traceOf, type Logger } from './logger.ts';
import type { SnapshotObject } from './snapshot.ts';

/**
 * Changes the database, then the snapshot. A marker is left meanwhile: if the snapshot cannot be written, the sweep repairs
 * it within a minute.
 *
 * @param objectOf the object that the change's result asks for. `only: 'absent'` leaves one that is there already
 * @returns `isKept`: whether the snapshot has the change, or will have it. False while S3 accepts nothing at all
 * @throws what `change` throws
 */
export type RecordChange = <T>(
  change: () => Promise<T>,
  objectOf: (result: T) => (SnapshotObject & { only?: 'absent' }) | undefined,
) => Promise<{ result: T; isKept: boolean }>;

export function createChangeRecorder(store: ObjectStore, logger: Logger, newId: () => string): RecordChange {
  return async (change, objectOf) => {
    const marker = snapshotMarker(newId());
    // Without S3 a token must be revocable too.
    const isMarked = await leaveMarker(store, logger, marker);
    const result = await change();
    try {
      const object = objectOf(result);
      if (object !== undefined) await store.put(object.key, object.json, object.only);
      if (isMarked) await store.remove(marker);
    } catch (error) {
      logger.error('snapshot not written', { marker, ...traceOf(error) });
      return { result, isKept: isMarked };
    }
    return { result, isKept: true };
  };
}
