import { evictBirthdays, replaceBirthday } from '../database/birthdays.ts';
import { withRetries } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

/** Anybody may store birthdays, so their number has a bound: the oldest make room. */
export const putBirthday: Perform<'putBirthday'> = async (database, birthday) => {
  await withRetries(database, async () => {
    await replaceBirthday(database.db, birthday, new Date().toISOString());
    await evictBirthdays(database.db);
  });
  return { birthday };
};
