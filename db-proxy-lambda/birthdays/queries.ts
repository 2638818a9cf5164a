import type { Kysely } from 'kysely';
import { MOST_BIRTHDAYS, type Birthday } from '../contract.ts';
import type { Schema } from '../database/schema.ts';

/** More than one per call, because an earlier release stored birthdays without a bound. */
const MAX_EVICTED = 100;

export function findBirthday(db: Kysely<Schema>, username: string): Promise<Birthday | undefined> {
  return db
    .selectFrom('birthdays')
    .select(['username', 'date_of_birth'])
    .where('username', '=', username)
    .executeTakeFirst();
}

/** Inserts or replaces a birthday in one statement: both databases know `replace`. */
export async function replaceBirthday(db: Kysely<Schema>, birthday: Birthday, now: string): Promise<void> {
  await db
    .replaceInto('birthdays')
    .values({ ...birthday, stored_at: now })
    .execute();
}

/** Deletes the oldest birthdays beyond `MOST_BIRTHDAYS`. */
export async function evictBirthdays(db: Kysely<Schema>): Promise<void> {
  const { count } = await db
    .selectFrom('birthdays')
    .select((is) => is.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  const excess = Number(count) - MOST_BIRTHDAYS;
  if (excess <= 0) return;
  const oldest = await db
    .selectFrom('birthdays')
    .select('username')
    // Both databases sort null as the oldest.
    .orderBy('stored_at')
    .orderBy('username')
    .limit(Math.min(excess, MAX_EVICTED))
    .execute();
  const usernames = oldest.map(({ username }) => username);
  await db.deleteFrom('birthdays').where('username', 'in', usernames).execute();
}
