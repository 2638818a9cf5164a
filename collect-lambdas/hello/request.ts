/** Schemas of requests to /hello. */
import * as z from 'zod';
import { USERNAME_LENGTH } from '../../db-proxy-lambda/contract.ts';
import { isTimeZone } from './time-zone.ts';

const DATE_ADVICE = 'Send a real date as YYYY-MM-DD, such as 1990-05-17.';

/**
 * Letters of any script. A mark (accent, vowel sign) belongs to the letter before it. Most names in Hindi or Tamil need
 * marks, and NFC has no single character for many letters with an accent.
 */
const username = z
  .string()
  .normalize('NFC')
  .regex(/^(?:\p{L}\p{M}*)*$/u, 'Use letters only.')
  .regex(USERNAME_LENGTH, 'Use 1 to 64 letters.');

export const timeZone = z
  .string()
  .refine(isTimeZone, 'Send the IANA name of a time zone, such as Europe/Paris, or leave it out.');

/** The path parameter and the header of both routes. */
export const helloParameters = z.object({ username, 'X-Time-Zone': timeZone.optional() });

export const putHelloBody = z.strictObject({
  dateOfBirth: z.iso.date({ error: DATE_ADVICE, abort: true }).refine((text) => text >= '0001-01-01', DATE_ADVICE),
});
