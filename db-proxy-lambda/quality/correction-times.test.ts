import * as fc from 'fast-check';
import { addTimes, bucketOf, medianSeconds, readTimes, writeTimes, type Histogram } from './correction-times.ts';

const YEAR_SECONDS = 366 * 86_400;

function histogramOf(seconds: readonly number[]): Histogram {
  const times: Histogram = new Map();
  for (const each of seconds) addTimes(times, [[bucketOf(each * 1_000), 1]]);
  return times;
}

describe('correction times:', () => {
  test('the median is within 5 % and a second of the exact median', () => {
    const time = fc.oneof(
      fc.double({ min: 0, max: 120, noNaN: true }),
      fc.double({ min: 0, max: 5 * YEAR_SECONDS, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 30 }), (seconds) => {
        const exact = seconds.toSorted((one, other) => one - other)[Math.ceil(seconds.length / 2) - 1] ?? 0;

        const median = medianSeconds(histogramOf(seconds)) ?? Number.NaN;

        expect(Math.abs(median - exact)).toBeLessThanOrEqual(exact * 0.05 + 1);
      }),
    );
  });

  test('there is no median without times', () => {
    expect(medianSeconds(new Map())).toBeNull();
  });

  test('a time that is added and removed leaves nothing', () => {
    const times = histogramOf([10, 10, 3_600]);

    for (const seconds of [10, 10, 3_600]) addTimes(times, [[bucketOf(seconds * 1_000), -1]]);

    expect(writeTimes(times)).toBeNull();
  });

  test('clocks that differ give no negative time, and very long times share a bucket', () => {
    expect(bucketOf(-5_000)).toBe(0);
    expect(bucketOf(100 * YEAR_SECONDS * 1_000)).toBe(bucketOf(200 * YEAR_SECONDS * 1_000));
  });

  test('a histogram with every bucket fits its column and reads back', () => {
    const times: Histogram = new Map();
    for (let bucket = 0; bucket <= bucketOf(Number.MAX_SAFE_INTEGER); bucket += 1) times.set(bucket, 1_000_000_000);

    const text = writeTimes(times) ?? '';

    expect(text.length).toBeLessThanOrEqual(4_000);
    expect(new Map(readTimes(text))).toEqual(times);
  });
});
