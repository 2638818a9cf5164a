import { findBirthday } from '../database/birthdays.ts';
import type { Perform } from './operation.ts';

export const getBirthday: Perform<'getBirthday'> = async ({ db }, { username }) => ({
  birthday: (await findBirthday(db, username)) ?? null,
});
