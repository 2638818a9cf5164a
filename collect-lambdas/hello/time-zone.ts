import type { CalendarDay } from './birthday.ts';

/** Names start with a letter. Offsets such as +02:00 do not: Intl accepts them, but they are not IANA names. */
const NAME = /^[A-Za-z][A-Za-z0-9_+\-/]*$/;

/** Whether the text names a time zone of the IANA database, such as Africa/Ouagadougou. */
export function isTimeZone(text: string): boolean {
  if (!NAME.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * The calendar day in a time zone.
 *
 * @param timeZone a name accepted by `isTimeZone`
 * @param instant milliseconds since 1970
 */
export function dayIn(timeZone: string, instant: number): CalendarDay {
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  return { year: parts.get('year') ?? 0, month: parts.get('month') ?? 0, day: parts.get('day') ?? 0 };
}
