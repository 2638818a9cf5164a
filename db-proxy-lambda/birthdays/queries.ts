import type { Kysely, Transaction } from 'kysely';
import { MOST_BIRTHDAYS, type Birthday } from './contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';

/** Max birthdays that one call evicts. An earlier release had no limit, so a table may exceed the limit by far. */
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

/** The number of birthdays beyond `MOST_BIRTHDAYS`; zero or less if there is room. */
export async function countExcess(db: Kysely<Schema>): Promise<number> {
  const { count } = await db
    .selectFrom('birthdays')
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count) - MOST_BIRTHDAYS;
}

/**
 * Deletes the oldest birthdays beyond `MOST_BIRTHDAYS`. Concurrent evictions wait for the oldest row's lock, so each counts
 * the rows after the previous eviction.
 */
export async function evictBirthdays({ tableWithIndex }: Database, trx: Transaction<Schema>): Promise<void> {
  const oldest = await trx
    .selectFrom(tableWithIndex('birthdays', 'birthdays_by_time'))
    .select('username')
    // Both databases sort null first.
    .orderBy('stored_at')
    .orderBy('username')
    .limit(MAX_EVICTED)
    .forUpdate()
    .execute();
  const excess = await countExcess(trx);
  if (excess <= 0) return;
  const usernames = oldest.slice(0, excess).map(({ username }) => username);
  await trx.deleteFrom('birthdays').where('username', 'in', usernames).execute();
}
