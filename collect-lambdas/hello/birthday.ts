/** Calculates with birthdays. Pure: it reads no clock. A day is YYYY-MM-DD, so the order of texts is the order of days. */

const DAY_MS = 86_400_000;

/**
 * The days from `today` to the next birthday, 0 on the birthday itself.
 *
 * In common years, a birthday on 29 February is on 28 February.
 */
export function daysUntilBirthday(born: string, today: string): number {
  const daysTo = (year: number): number => (birthdayIn(year, born) - Date.parse(today)) / DAY_MS;
  const year = Number(today.slice(0, 4));
  const thisYear = daysTo(year);
  return thisYear >= 0 ? thisYear : daysTo(year + 1);
}

/** Midnight at the start of the birthday, in UTC, where each day has 24 hours. */
function birthdayIn(year: number, born: string): number {
  const day = new Date(born);
  const month = day.getUTCMonth();
  day.setUTCFullYear(year);
  // In a common year, 29 February has become 1 March; day 0 of March is 28 February.
  return day.getUTCMonth() === month ? day.getTime() : day.setUTCDate(0);
}
