import { inTransaction } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { leaseOperations } from './contract.ts';
import { deleteLease, holdLease, lockLease, secondsFromNow, writeLease } from './queries.ts';

/** Max wait for a turn (a permit of the rate limiter): each worker waits for one turn at a time. */
const MAX_WAIT_MS = 60_000;

export const leaseHandlers: OperationHandlers<typeof leaseOperations> = {
  takeLease: (database, { name, holder, seconds }) =>
    inTransaction(database, async (trx) => ({
      taken: await holdLease(trx, { name, holder, heldUntil: secondsFromNow(seconds) }),
    })),

  releaseLease: async ({ db }, { name, holder }) => {
    await deleteLease(db, name, holder);
    return {};
  },

  /**
   * The generic cell rate algorithm (ITU-T I.371), a rate limiter. It stores one time: when the next turn is due at an even
   * rate. A turn may be taken up to `burst - 1` intervals earlier. So all workers together take at most `burst + 60,000 /
   * interval_ms` turns in any minute.
   */
  takeTurn: (database, { name, now, interval_ms: interval, burst }) =>
    inTransaction(database, async (trx) => {
      const kept = await lockLease(trx, name);
      const asked = Date.parse(now);
      // Limits the delay that a worker whose clock is ahead causes to the others.
      const latest = asked + burst * interval + MAX_WAIT_MS;
      const due = Math.min(Math.max(asked, kept === undefined ? 0 : Date.parse(kept.held_until)), latest);
      const next = { name, holder: 'turns', held_until: new Date(due + interval).toISOString() };
      await writeLease(trx, next, kept !== undefined);
      return { wait_ms: Math.max(0, due - (burst - 1) * interval - asked) };
    }),
};
