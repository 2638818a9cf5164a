/** Reads and writes of birthdays. */
import type { Kysely } from 'kysely';
import { MOST_BIRTHDAYS, type Birthday } from '../contract.ts';
import type { Schema } from '../database/schema.ts';

/** More than one: an installation may have more than the bound from before there was one. */
const EVICTED_AT_ONCE = 100;

export function findBirthday(db: Kysely<Schema>, username: string): Promise<Birthday | undefined> {
  return db
    .selectFrom('birthdays')
    .select(['username', 'date_of_birth'])
    .where('username', '=', username)
    .executeTakeFirst();
}

/** Stores a birthday in the place of the one that is there. Both databases know `replace`, in one atomic statement. */
export async function replaceBirthday(db: Kysely<Schema>, birthday: Birthday, now: string): Promise<void> {
  await db
    .replaceInto('birthdays')
    .values({ ...birthday, stored_at: now })
    .execute();
}

/** Deletes those of the oldest birthdays that are more than `MOST_BIRTHDAYS`. */
export async function evictBirthdays(db: Kysely<Schema>): Promise<void> {
  const evicted = await db
    .selectFrom('birthdays')
    .select('username')
    // Both databases sort null as the oldest.
    .orderBy('stored_at', 'desc')
    .orderBy('username', 'desc')
    .limit(EVICTED_AT_ONCE)
    .offset(MOST_BIRTHDAYS)
    .execute();
  if (evicted.length === 0) return;
  await db
    .deleteFrom('birthdays')
    .where(
      'username',
      'in',
      evicted.map(({ username }) => username),
    )
    .execute();
}
