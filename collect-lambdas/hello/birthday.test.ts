import * as fc from 'fast-check';
import { daysUntilBirthday } from './birthday.ts';

/** An independent way to count: goes through the calendar day by day. */
function countLeaves(born: string, today: string): number {
  const [, bornMonth, bornDay = 0] = born.split('-').map(Number);
  let [year = 0, month = 0, day = 0] = today.split('-').map(Number);
  for (let turned = 0; ; turned += 1) {
    const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const february = leap ? 29 : 28;
    const celebrated = bornMonth === 2 ? Math.min(bornDay, february) : bornDay;
    if (month === bornMonth && day === celebrated) return turned;
    const lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    day += 1;
    if (day > (lengths[month - 1] ?? 0)) {
      day = 1;
      month += 1;
    }
    if (month > 12) {
      month = 1;
      year += 1;
    }
  }
}

const days = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9998-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe('days until a birthday', () => {
  test('agree with counting day by day', () => {
    fc.assert(
      fc.property(days, days, (born, today) => {
        expect(daysUntilBirthday(born, today)).toBe(countLeaves(born, today));
      }),
      { numRuns: 500 },
    );
  });

  test('agree for 29 February on every day of eight years around 1900 and 2000', () => {
    const born = '1896-02-29';
    for (const first of ['1896-01-01', '1996-01-01']) {
      for (let index = 0; index < 8 * 365; index += 1) {
        const today = new Date(Date.parse(first) + index * 86_400_000).toISOString().slice(0, 10);
        expect(daysUntilBirthday(born, today)).toBe(countLeaves(born, today));
      }
    }
  });

  test.each([
    ['the birthday itself', '1990-05-17', '2026-05-17', 0],
    ['the day before', '1990-05-17', '2026-05-16', 1],
    ['the day after, in a common year', '1990-05-17', '2026-05-18', 364],
    ['the day after, before a leap day', '1990-05-17', '2027-05-18', 365],
    ['New Year’s Day, on New Year’s Eve', '1990-01-01', '2026-12-31', 1],
    ['29 February in a common year is 28 February', '2000-02-29', '2026-02-28', 0],
    ['29 February, on 27 February of a common year', '2000-02-29', '2026-02-27', 1],
    ['1 March after 28 February counts to the next year', '2000-02-29', '2026-03-01', 364],
    ['28 February of a leap year is the day before', '2000-02-29', '2028-02-28', 1],
    ['29 February of a leap year is the birthday', '2000-02-29', '2028-02-29', 0],
    ['from 1 March 2027 to 29 February 2028', '2000-02-29', '2027-03-01', 365],
    ['2100 has no 29 February', '2000-02-29', '2100-02-28', 0],
    ['1 March, on 29 February', '1990-03-01', '2028-02-29', 1],
    ['28 February, on 29 February', '1990-02-28', '2028-02-29', 365],
  ])('%s', (_, born, today, expected) => {
    expect(daysUntilBirthday(born, today)).toBe(expected);
  });
});
