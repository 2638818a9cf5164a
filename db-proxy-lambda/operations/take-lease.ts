import { inTransaction } from '../database/transactions.ts';
import { secondsFromNow } from './claim-export.ts';
import type { Perform } from './operation.ts';

/** Two who take a free lease at once both insert: one meets the other's key, and its transaction runs again. */
export const takeLease: Perform<'takeLease'> = (database, { name, holder, seconds }) =>
  inTransaction(database, async (trx) => {
    const current = await trx
      .selectFrom('leases')
      .select(['holder', 'held_until'])
      .where('name', '=', name)
      .$if(database.kind === 'mysql', (query) => query.forUpdate())
      .executeTakeFirst();
    const lease = { holder, held_until: secondsFromNow(seconds) };
    if (current === undefined) {
      await trx
        .insertInto('leases')
        .values({ name, ...lease })
        .execute();
      return { taken: true };
    }
    if (current.holder !== holder && current.held_until > new Date().toISOString()) return { taken: false };
    await trx.updateTable('leases').set(lease).where('name', '=', name).execute();
    return { taken: true };
  });
