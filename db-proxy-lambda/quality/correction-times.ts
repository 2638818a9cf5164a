/**
 * Histograms of correction times with buckets on a logarithmic scale. Each bucket's upper bound is 10 % above its lower
 * one, so the geometric middle of a bucket is within 4.9 % of each time in it.
 */

/** The number of times by bucket. A bucket without times has no entry. */
export type Histogram = Map<number, number>;

const RATIO = 1.1;

/** Longer times, of 5.5 years and more, share this bucket. */
const LAST_BUCKET = 200;

/**
 * The bucket of a time in milliseconds: 0 below one second. Clock differences between proxies can make a time negative.
 */
export function bucketOf(milliseconds: number): number {
  const seconds = milliseconds / 1_000;
  if (seconds < 1) return 0;
  return Math.min(LAST_BUCKET, 1 + Math.floor(Math.log(seconds) / Math.log(RATIO)));
}

/**
 * The median in whole seconds, within 5 % and a second of the exact one. With an even number of times, the lower of the
 * two middle ones.
 *
 * @returns null without times
 */
export function medianSeconds(times: Histogram): number | null {
  const total = [...times.values()].reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [bucket, count] of [...times].toSorted(([one], [other]) => one - other)) {
    seen += count;
    if (seen * 2 >= total && total > 0) return bucket === 0 ? 0 : Math.round(RATIO ** (bucket - 0.5));
  }
  return null;
}

/** Adds the counts of `more` to `times`. */
export function addTimes(times: Histogram, more: Iterable<readonly [number, number]>): void {
  for (const [bucket, count] of more) {
    const sum = (times.get(bucket) ?? 0) + count;
    if (sum === 0) times.delete(bucket);
    else times.set(bucket, sum);
  }
}

/** The histogram as the column `times` stores it. */
export function writeTimes(times: Histogram): string | null {
  return times.size === 0 ? null : JSON.stringify([...times]);
}

export function readTimes(text: string | null): [number, number][] {
  return text === null ? [] : JSON.parse(text);
}
