import type { Transaction } from 'kysely';
import { OUTBOX_LEASE, type PendingEvent } from '../contract.ts';
import { holdLease } from '../database/leases.ts';
import { deleteResponseEvents, findResponseEvents } from '../database/response-events.ts';
import type { Schema } from '../database/schema.ts';
import { inTransaction } from '../database/transactions.ts';
import { secondsFromNow } from './claim-export.ts';
import type { Perform } from './operation.ts';
import { releaseLease } from './release-lease.ts';

/**
 * The outbox is read while the lease's row is locked. Whoever asks meanwhile waits for the row: its events were committed
 * before it asked, so that they are in this page or a later one, or the lease is free by then.
 */
export const claimResponseEvents: Perform<'claimResponseEvents'> = (database, input) =>
  inTransaction(database, async (trx) => {
    const { holder, lease_seconds: seconds, limit, told, waiting } = input;
    if (told.length > 0) await deleteResponseEvents(trx, told);
    const lease = { name: OUTBOX_LEASE, holder, heldUntil: secondsFromNow(seconds) };
    if (!(await holdLease(trx, database.kind, lease))) return { claimed: false, events: [] };
    const events = await readPage(trx, limit, waiting);
    if (events.length === 0) await releaseLease({ ...database, db: trx }, lease);
    return { claimed: true, events };
  });

/** Events of a revision that is gone have nothing to tell: they are deleted, and the next ones read. */
async function readPage(trx: Transaction<Schema>, limit: number, waiting: readonly number[]): Promise<PendingEvent[]> {
  for (;;) {
    const { events, orphans } = await findResponseEvents(trx, limit, waiting);
    if (orphans.length > 0) await deleteResponseEvents(trx, orphans);
    if (events.length > 0 || orphans.length === 0) return events;
  }
}
