import { withRetries } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { birthdayOperations } from './contract.ts';
import { evictBirthdays, findBirthday, replaceBirthday } from './queries.ts';

export const birthdayHandlers: OperationHandlers<typeof birthdayOperations> = {
  /** Anybody may store birthdays, so their number is bounded: the oldest are evicted. */
  putBirthday: async (database, birthday) => {
    await withRetries(database, async () => {
      await replaceBirthday(database.db, birthday, new Date().toISOString());
      await evictBirthdays(database.db);
    });
    return { birthday };
  },

  getBirthday: async ({ db }, { username }) => ({ birthday: (await findBirthday(db, username)) ?? null }),
};
