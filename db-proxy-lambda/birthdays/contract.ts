/** Operations on the birthdays behind /hello. */
import * as z from 'zod';
import { calendarDay } from '../values.ts';

/** The most Unicode code points of a name, which is how both databases count. */
export const USERNAME_LENGTH = /^.{1,64}$/su;

/** The last so many that were stored are kept, because anybody may store one. */
export const MOST_BIRTHDAYS = 10_000;

/** NFC, so that one name is stored once however it was typed. */
const username = z
  .string()
  .regex(USERNAME_LENGTH)
  .refine((text) => text === text.normalize('NFC'));

const birthday = z.object({ username, date_of_birth: calendarDay });

export const birthdayOperations = {
  /** Stores a person's day of birth; the one that was stored before is replaced, and the oldest beyond the bound are deleted. */
  putBirthday: {
    input: birthday,
    result: z.object({ birthday }),
  },
  /** Null when nothing is stored under this very name: case counts. */
  getBirthday: {
    input: z.object({ username }),
    result: z.object({ birthday: birthday.nullable() }),
  },
} as const;

export type Birthday = z.infer<typeof birthday>;
