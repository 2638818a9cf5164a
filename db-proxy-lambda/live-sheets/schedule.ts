/** When a live sheet is repaired, and when one that failed is tried again. */

/** The hour, in UTC, at which each sheet is compared with its table. */
const REPAIR_HOUR = 2;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const LONGEST_PAUSE_MINUTES = 60;

/** The next night's repair. */
export function nextRepair(now: string): string {
  const time = Date.parse(now);
  const tonight = time - (time % DAY_MS) + REPAIR_HOUR * HOUR_MS;
  return new Date(tonight > time ? tonight : tonight + DAY_MS).toISOString();
}

/** The next try after this number of failures in a row: after a minute, then twice as long each time, at most an hour. */
export function nextTry(now: string, failures: number): string {
  const minutes = Math.min(2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MINUTES);
  return new Date(Date.parse(now) + minutes * MINUTE_MS).toISOString();
}
