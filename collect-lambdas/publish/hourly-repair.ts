import type { Logger } from '../shared/logger.ts';
import type { ObjectStore } from '../shared/object-store.ts';
import { leaveMarker, snapshotMarker } from '../shared/owed.ts';

const HOUR_MS = 3_600_000;

/**
 * Requests a repair of the snapshot, at most once an hour. Thus a change that the snapshot missed is added within an
 * hour of activity. Never throws.
 *
 * @param now milliseconds, as Date.now gives them
 */
export function createHourlyRepair(
  store: Pick<ObjectStore, 'put'>,
  logger: Logger,
  now: () => number = Date.now,
): () => Promise<void> {
  let requestedAt = -Infinity;
  return async () => {
    if (now() < requestedAt + HOUR_MS) return;
    if (await leaveMarker(store, logger, snapshotMarker('hourly'))) requestedAt = now();
  };
}
