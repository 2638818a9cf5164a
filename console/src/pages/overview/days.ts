/** Days in UTC, as text such as `2026-09-01`. Quality figures count in these days. */

const DAY_MS = 86_400_000;

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

export const today = (): string => dayOf(Date.now());

export const daysBefore = (day: string, count: number): string => dayOf(Date.parse(day) - count * DAY_MS);

export const dayAfter = (day: string): string => daysBefore(day, -1);

/** Every day from the first to the last, both included. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = dayAfter(day)) days.push(day);
  return days;
}
