import { inTransaction, withRetries } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { birthdayOperations } from './contract.ts';
import { countExcess, evictBirthdays, findBirthday, replaceBirthday } from './queries.ts';

export const birthdayHandlers: OperationHandlers<typeof birthdayOperations> = {
  /** Only a call that finds too many birthdays needs a transaction, for the eviction. */
  putBirthday: async (database, birthday) => {
    const { db } = database;
    await withRetries(database, () => replaceBirthday(db, birthday, new Date().toISOString()));
    if ((await countExcess(db)) > 0) await inTransaction(database, (trx) => evictBirthdays(database, trx));
    return { birthday };
  },

  getBirthday: async ({ db }, { username }) => ({ birthday: (await findBirthday(db, username)) ?? null }),
};
