/** Operations on the birthdays behind /hello. */
import * as z from 'zod';
import { calendarDay } from '../values.ts';

/** 1 to 64 Unicode code points, the unit in which both databases measure text. */
export const USERNAME_LENGTH = /^.{1,64}$/su;

/** Max stored birthdays. Storing one needs no token, so the oldest are evicted. */
export const MOST_BIRTHDAYS = 10_000;

/** NFC, so that equal names have equal code points. */
const username = z
  .string()
  .regex(USERNAME_LENGTH)
  .refine((text) => text === text.normalize('NFC'));

const birthday = z.object({ username, date_of_birth: calendarDay });

export const birthdayOperations = {
  /** Inserts or replaces a person's day of birth. Deletes the oldest birthdays beyond `MOST_BIRTHDAYS`. */
  putBirthday: {
    input: birthday,
    result: z.object({ birthday }),
  },
  /** Null for an unknown name; case counts. */
  getBirthday: {
    input: z.object({ username }),
    result: z.object({ birthday: birthday.nullable() }),
  },
} as const;

export type Birthday = z.infer<typeof birthday>;
