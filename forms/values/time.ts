const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** Advice for a value that is not a time. */
export const TIME_ADVICE =
  'Send a time with its offset in RFC 3339 format, such as 2026-09-01T06:00:00Z or 2026-09-01T09:00:00.5+03:00.';

/**
 * Converts an RFC 3339 time with an offset to its instant, in UTC at a fixed width: `2026-09-01T06:00:00.000000000Z`.
 * The order of such texts is the order of the instants, to the nanosecond.
 *
 * Dates must exist (2028-02-29 does, 2027-02-29 does not); `t` and `z` may be lowercase. The maximum of seconds is 59:
 * a leap second is refused, because phones never show one.
 *
 * @returns undefined if the text is not such a time, or if its year in UTC is outside 0000 to 9999
 */
export function toInstant(text: string): string | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', sign] = match;
  const instant = new Date(0);
  instant.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // JavaScript's Date turns a day that its month does not have, such as 30 February, into a day of another month.
  if (instant.getUTCMonth() + 1 !== Number(month) || instant.getUTCDate() !== Number(day)) return undefined;
  const nanoseconds = fraction.padEnd(9, '0');
  if (sign === undefined) return `${year}-${month}-${day}T${hour}:${minute}:${second}.${nanoseconds}Z`;

  const offset = Number(match[9]) * 60 + Number(match[10]);
  instant.setUTCHours(Number(hour), Number(minute) - (sign === '-' ? -offset : offset), Number(second));
  const utc = instant.getUTCFullYear();
  return utc < 0 || utc > 9999 ? undefined : `${instant.toISOString().slice(0, 19)}.${nanoseconds}Z`;
}

/** A time in the canonical form of `toInstant`. @param time milliseconds, as Date.now gives them */
export function instantAt(time: number): string {
  return `${new Date(time).toISOString().slice(0, -1)}000000Z`;
}

/** An instant of `toInstant` without the zeros at the end of its fraction. */
export function withoutZeros(instant: string): string {
  return instant.replace(/\.?0+Z$/, 'Z');
}

/** Advice for a value that is not a date. */
export const DATE_ADVICE = 'Send a date that exists, as YYYY-MM-DD, such as 2026-09-01.';

/** Whether a text is a date `YYYY-MM-DD` that exists. */
export function isDate(text: string): boolean {
  return text.length === 'YYYY-MM-DD'.length && toInstant(`${text}T00:00:00Z`) !== undefined;
}

export const TIME_OF_DAY_PATTERN = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?$/;

/** Advice for a value that is not a time of day. */
export const TIME_OF_DAY_ADVICE = 'Send a time of day as HH:MM or HH:MM:SS, such as 06:30 or 18:05:09.5.';

/** Converts a time of day to a fixed width: `06:30` becomes `06:30:00.000`. @returns undefined for other texts */
export function toTimeOfDay(text: string): string | undefined {
  return TIME_OF_DAY_PATTERN.test(text) ? text + '00:00:00.000'.slice(text.length) : undefined;
}

/** Shifts an instant by days of 24 hours; negative days are earlier. The result stays within the years 0000 to 9999. */
export function shiftDays(instant: string, days: number): string {
  const [seconds, fraction] = [instant.slice(0, 19), instant.slice(19)];
  const shifted = new Date(Date.parse(`${seconds}Z`) + days * 86_400_000);
  const year = shifted.getUTCFullYear();
  if (year > 9999) return '9999-12-31T23:59:59.999999999Z';
  return year < 0 ? '0000-01-01T00:00:00.000000000Z' : shifted.toISOString().slice(0, 19) + fraction;
}
