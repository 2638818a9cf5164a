/** Reads and writes of birthdays. */
import type { Kysely } from 'kysely';
import type { Birthday } from '../contract.ts';
import type { Schema } from './schema.ts';

export function findBirthday(db: Kysely<Schema>, username: string): Promise<Birthday | undefined> {
  return db
    .selectFrom('birthdays')
    .select(['username', 'date_of_birth'])
    .where('username', '=', username)
    .executeTakeFirst();
}

/** Stores a birthday in the place of the one that is there. Both databases know `replace`, in one atomic statement. */
export async function replaceBirthday(db: Kysely<Schema>, birthday: Birthday): Promise<void> {
  await db.replaceInto('birthdays').values(birthday).execute();
}
