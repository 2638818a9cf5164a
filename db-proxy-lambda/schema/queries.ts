import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';

/**
 * A write that changes nothing, because no response has the id 0. It fails on a read-only server, on a missing schema and
 * without write permission.
 */
export async function tryToWrite(db: Kysely<Schema>): Promise<void> {
  await db.updateTable('responses').set({ revision: 1 }).where('id', '=', 0).execute();
}
