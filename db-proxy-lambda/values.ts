/** Schemas that several features use. */
import { hash } from 'node:crypto';
import * as z from 'zod';

const MAX_ID_CODE_POINTS = 128;
const FORM_ID = /^[a-z][a-z0-9_]{0,62}$/;

/**
 * Whether a text is a valid id: 1 to 128 code points (MySQL counts code points, not UTF-16 units), without leading or
 * trailing blanks. MySQL ignores trailing blanks in comparisons
 * (https://dev.mysql.com/doc/refman/8.4/en/charset-binary-collations.html).
 */
export function isId(text: string): boolean {
  // A code point has at most two units, so only texts of up to 256 units are counted.
  const short = text.length <= MAX_ID_CODE_POINTS;
  return (
    text !== '' &&
    text === text.trim() &&
    (short || (text.length <= 2 * MAX_ID_CODE_POINTS && Array.from(text).length <= MAX_ID_CODE_POINTS))
  );
}

/** Whether a text is a valid form id: a lowercase letter, then up to 62 lowercase letters, digits or underscores. */
export function isFormId(text: string): boolean {
  return FORM_ID.test(text);
}

const DRAFT = '.draft';

/** Max length of a draft's id. It leaves room for a suffix: responses to a draft are stored under its id and the suffix. */
export const MAX_DRAFT_ID = 63 - DRAFT.length;

/** The `form_id` under which the responses to a draft are stored. The dot keeps it different from every form's id. */
export function draftOf(id: string): string {
  return id + DRAFT;
}

/** The inverse of {@link draftOf}. */
export function formOf(draft: string): string {
  return draft.slice(0, -DRAFT.length);
}

/** Whether a stored `form_id` is that of responses to a draft. */
export function isDraft(storedUnder: string): boolean {
  return storedUnder.endsWith(DRAFT);
}

/** Whether a text is the `form_id` of stored responses: a form's id, or a draft's with its suffix. */
export function isStoredFormId(text: string): boolean {
  return text.length <= 63 && FORM_ID.test(isDraft(text) ? formOf(text) : text);
}

/** A UUID (version 8) made from a text. Equal texts have equal UUIDs. */
export function idFromHash(text: string): string {
  const hex = hash('sha256', text);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}

export const id = z.string().refine(isId);
export const formId = z.string().regex(FORM_ID);
export const storedFormId = z.string().refine(isStoredFormId);
export const count = z.int().min(0);
/** Canonical UTC with nine digits of fraction, so that text order is time order (forms/values/time.ts). */
export const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
/** A day without a time or a zone, YYYY-MM-DD. */
export const calendarDay = z.iso.date();
/** The proxy's own clock: UTC with milliseconds. */
export const serverTime = z.iso.datetime({ precision: 3 });
/** The statuses of a response that is not erased: rules set the first two, a manager's review the others. */
const STANDING_STATUSES = ['accepted', 'flagged', 'approved', 'returned', 'rejected'] as const;
export const standingStatus = z.enum(STANDING_STATUSES);
export type StandingStatus = z.infer<typeof standingStatus>;
/** An `erased` response keeps only its ids, form and times. */
export const STORED_STATUSES = [...STANDING_STATUSES, 'erased'] as const;
export const storedStatus = z.enum(STORED_STATUSES);

/** A row's number, assigned by the database. */
export const rowId = z.int().min(1);

/** A unique name that the holder of a lease chooses. */
export const holder = z.string().min(1).max(128);
export const leaseSeconds = z.int().min(1).max(900);

/** The caller's idempotency key for one creation. */
export const creationKey = z.uuid();

/** An order by one column of a closed list, then by id. */
export function sortBy<Column extends string>(column: z.ZodType<Column>) {
  return z.object({ column, descending: z.boolean() });
}
