import { dayIn, isTimeZone } from './time-zone.ts';

describe('the day in a time zone', () => {
  test.each([
    ['UTC', '2026-09-01'],
    ['Europe/Paris', '2026-09-01'],
    ['Pacific/Kiritimati', '2026-09-02'],
    ['Pacific/Pago_Pago', '2026-08-31'],
    ['america/bogota', '2026-09-01'],
  ])('in %s, at 10:30 UTC on 1 September 2026, is %s', (timeZone, expected) => {
    expect(dayIn(timeZone, Date.parse('2026-09-01T10:30:00Z'))).toBe(expected);
  });

  test('changes at midnight in that zone', () => {
    expect(dayIn('Africa/Kinshasa', Date.parse('2026-08-31T22:59:59.999Z'))).toBe('2026-08-31');
    expect(dayIn('Africa/Kinshasa', Date.parse('2026-08-31T23:00:00Z'))).toBe('2026-09-01');
  });
});

describe('a time zone', () => {
  test.each(['UTC', 'Africa/Ouagadougou', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])('may be %s', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  test.each(['', '+02:00', '-0500', 'Mars/Olympus_Mons', ' UTC', 'UTC,UTC', '../UTC', 'Europe/Paris\n'])(
    'cannot be %j',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});
