import { inTransaction } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

/** Workers wait for one turn each, so this many milliseconds of them are never on their way. */
const MOST_WAITING_MS = 60_000;

/**
 * The generic cell rate algorithm (ITU-T I.371): one time is kept, that at which the next turn would be due if turns came
 * evenly; a turn may come up to `burst - 1` intervals before that. In any minute there are then at most
 * `burst + 60,000 / interval_ms` turns, whoever takes them.
 */
export const takeTurn: Perform<'takeTurn'> = (database, { name, now, interval_ms: interval, burst }) =>
  inTransaction(database, async (trx) => {
    const kept = await trx
      .selectFrom('leases')
      .select('held_until')
      .where('name', '=', name)
      .$if(database.kind === 'mysql', (query) => query.forUpdate())
      .executeTakeFirst();
    const asked = Date.parse(now);
    // A worker whose clock was ahead must not hold up the others for as long as it was ahead.
    const latest = asked + burst * interval + MOST_WAITING_MS;
    const due = Math.min(Math.max(asked, kept === undefined ? 0 : Date.parse(kept.held_until)), latest);
    const next = { holder: 'turns', held_until: new Date(due + interval).toISOString() };
    await (kept === undefined
      ? trx
          .insertInto('leases')
          .values({ name, ...next })
          .execute()
      : trx.updateTable('leases').set(next).where('name', '=', name).execute());
    return { wait_ms: Math.max(0, due - (burst - 1) * interval - asked) };
  });
