import { moveToRefused } from '../database/response-events.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

export const refuseResponseEvents: Perform<'refuseResponseEvents'> = (database, { events }) =>
  inTransaction(database, async (trx) => {
    const now = new Date().toISOString();
    for (const { event_id: id, reason } of events) await moveToRefused(trx, id, reason, now);
    return {};
  });
