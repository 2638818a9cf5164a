import { holdLease } from '../database/leases.ts';
import { inTransaction } from '../database/transactions.ts';
import { secondsFromNow } from './claim-export.ts';
import type { Perform } from './operation.ts';

export const takeLease: Perform<'takeLease'> = (database, { name, holder, seconds }) =>
  inTransaction(database, async (trx) => ({
    taken: await holdLease(trx, database.kind, { name, holder, heldUntil: secondsFromNow(seconds) }),
  }));
