import { replaceBirthday } from '../database/birthdays.ts';
import { withRetries } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

export const putBirthday: Perform<'putBirthday'> = async (database, birthday) => {
  await withRetries(database, () => replaceBirthday(database.db, birthday));
  return { birthday };
};
