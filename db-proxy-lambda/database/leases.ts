/** Leases: who may do something alone, and until when. */
import type { Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

export interface Lease {
  name: string;
  holder: string;
  heldUntil: string;
}

/**
 * Takes or renews a lease, unless another holder's has not run out. Its row stays locked until the transaction ends. Two
 * who take a free lease at once both insert: one meets the other's key, and must run again.
 *
 * @returns whether it is the holder's
 */
export async function holdLease(
  trx: Transaction<Schema>,
  kind: Database['kind'],
  { name, holder, heldUntil }: Lease,
): Promise<boolean> {
  const current = await trx
    .selectFrom('leases')
    .select(['holder', 'held_until'])
    .where('name', '=', name)
    .$if(kind === 'mysql', (query) => query.forUpdate())
    .executeTakeFirst();
  if (current === undefined) {
    await trx.insertInto('leases').values({ name, holder, held_until: heldUntil }).execute();
    return true;
  }
  if (current.holder !== holder && current.held_until > new Date().toISOString()) return false;
  await trx.updateTable('leases').set({ holder, held_until: heldUntil }).where('name', '=', name).execute();
  return true;
}
