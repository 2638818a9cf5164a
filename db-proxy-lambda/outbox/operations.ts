import type { Transaction } from 'kysely';
import { OUTBOX_LEASE } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import { inTransaction } from '../database/transactions.ts';
import { deleteLease, holdLease, secondsFromNow } from '../leases/queries.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { outboxOperations } from './contract.ts';
import { consume } from './consumers.ts';
import {
  deletePublished,
  deleteResponseEvents,
  findResponseEvents,
  moveToRefused,
  type OutboxPage,
} from './queries.ts';

export const outboxHandlers: OperationHandlers<typeof outboxOperations> = {
  /**
   * Reads the outbox while the lease's row is locked. A second caller waits for the lock. Once it has the lock, either the
   * holder has read or will still read every event that was committed before the second call, or the lease is free and the
   * second caller takes it.
   */
  claimResponseEvents: (database, input) =>
    inTransaction(database, async (trx) => {
      const { holder, lease_seconds: seconds, limit, published, waiting } = input;
      await deletePublished(trx, published);
      const lease = { name: OUTBOX_LEASE, holder, heldUntil: secondsFromNow(seconds) };
      if (!(await holdLease(trx, lease))) return { claimed: false, events: [] };
      const { events, unconsumed } = await readPage(trx, limit, waiting);
      await consume(database, trx, unconsumed);
      if (events.length === 0) await deleteLease(trx, OUTBOX_LEASE, holder);
      return { claimed: true, events };
    }),

  refuseResponseEvents: (database, { events }) =>
    inTransaction(database, async (trx) => {
      const now = new Date().toISOString();
      for (const { event_id: id, reason } of events) await moveToRefused(trx, id, reason, now);
      return {};
    }),
};

/** A page of events. Deletes orphans: events whose revision was erased. */
async function readPage(trx: Transaction<Schema>, limit: number, waiting: readonly number[]): Promise<OutboxPage> {
  for (;;) {
    const page = await findResponseEvents(trx, limit, waiting);
    if (page.orphans.length > 0) await deleteResponseEvents(trx, page.orphans);
    if (page.events.length > 0 || page.orphans.length === 0) return page;
  }
}
