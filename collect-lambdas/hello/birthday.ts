/** Calculates with birthdays. Pure: it reads no clock. Days are counted in UTC, where each day has 24 hours. */

/** A day of the Gregorian calendar; `month` is 1 to 12. */
export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAY_MS = 86_400_000;

/**
 * Parses `YYYY-MM-DD`.
 *
 * @param text a real date, as z.iso.date() accepts it
 */
export function readDay(text: string): CalendarDay {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return { year, month, day };
}

/** `YYYY-MM-DD` */
export function writeDay({ year, month, day }: CalendarDay): string {
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

function padded(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

export function isBefore(one: CalendarDay, other: CalendarDay): boolean {
  return dayNumber(one) < dayNumber(other);
}

/**
 * The days from `today` to the next birthday, 0 on the birthday itself.
 *
 * In common years, a birthday on 29 February is on 28 February.
 */
export function daysUntilBirthday(born: CalendarDay, today: CalendarDay): number {
  const daysTo = (year: number): number => dayNumber(birthdayIn(year, born)) - dayNumber(today);
  const thisYear = daysTo(today.year);
  return thisYear >= 0 ? thisYear : daysTo(today.year + 1);
}

function birthdayIn(year: number, { month, day }: CalendarDay): CalendarDay {
  return { year, month, day: month === 2 && day === 29 && !isLeapYear(year) ? 28 : day };
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days since 1970-01-01. Date.UTC is not used, because it reads the years 0 to 99 as 1900 to 1999. */
function dayNumber({ year, month, day }: CalendarDay): number {
  return new Date(0).setUTCFullYear(year, month - 1, day) / DAY_MS;
}
