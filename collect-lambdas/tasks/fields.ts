/** Schemas for the members of a body and for the cells of a CSV file. */
import * as z from 'zod';
import { MAX_DESCRIPTION } from '../../db-proxy-lambda/contract.ts';
import { textFault } from '../../forms/values/text.ts';

/** Trims text, converts it to NFC, and converts carriage returns to line feeds. */
function text(limit: number, multiline: boolean) {
  return z
    .string('Send text.')
    .trim()
    .normalize('NFC')
    .overwrite((value) => value.replaceAll(/\r\n?/g, '\n'))
    .min(1, 'Fill this in; it must not be empty.')
    .max(limit, `Use at most ${limit} characters.`)
    .superRefine((value, context) => {
      const message = textFault(value, { max_length: Infinity, multiline });
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    });
}

export const name = text(128, false);
export const description = text(MAX_DESCRIPTION, true);
export const userId = text(128, false);

const EMAIL_ADVICE = 'Send an email address such as ama@example.org.';

/** Stored in lowercase, because mail providers ignore case. */
export const email = z
  .string(EMAIL_ADVICE)
  .trim()
  .toLowerCase()
  .max(254, 'Use at most 254 characters.')
  .regex(z.regexes.email, EMAIL_ADVICE);

const DAY_ADVICE = 'Send a real date as YYYY-MM-DD, such as 2026-09-01.';

/** A day that exists: 2028-02-29 is valid, 2027-02-29 is not. */
export const day = z.string(DAY_ADVICE).trim().regex(z.regexes.date, DAY_ADVICE);

/** The id of an entry, as JSON. */
export const entryId = z.int('Send an id, as a whole number.').min(1, 'Send an id of 1 or more.');
