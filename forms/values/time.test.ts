import * as fc from 'fast-check';
import { toInstant } from './time.ts';

const pad = (value: number, width = 2) => String(value).padStart(width, '0');

const part = (max: number) => fc.integer({ min: 0, max });

describe('toInstant', () => {
  test.each([
    ['2026-09-01T06:00:00Z', '2026-09-01T06:00:00.000000000Z'],
    ['2026-09-01t06:00:00z', '2026-09-01T06:00:00.000000000Z'],
    ['2026-09-01T06:00:00.5Z', '2026-09-01T06:00:00.500000000Z'],
    ['2026-09-01T06:00:00.123456789+05:30', '2026-09-01T00:30:00.123456789Z'],
    ['2026-12-31T23:30:00-01:00', '2027-01-01T00:30:00.000000000Z'],
    ['2028-02-29T00:00:00+00:00', '2028-02-29T00:00:00.000000000Z'],
    ['2000-02-29T12:00:00-00:00', '2000-02-29T12:00:00.000000000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000000000Z'],
    ['0050-03-01T00:00:00+23:59', '0050-02-28T00:01:00.000000000Z'],
    ['9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59.999999999Z'],
  ])('reads %s as %s', (text, instant) => {
    expect(toInstant(text)).toBe(instant);
  });

  test.each([
    '2027-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-13-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-12-31T23:59:60Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+01:60',
    '2026-01-01T00:00:00+0100',
    '2026-01-01T00:00:00',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00Z',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00.1234567890Z',
    '2026-01-01T00:00:00Z\n',
    ' 2026-01-01T00:00:00Z',
    '2026-01-01',
    '20260101T000000Z',
    '٢٠٢٦-01-01T00:00:00Z',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '',
  ])('refuses %j', (text) => {
    expect(toInstant(text)).toBeUndefined();
  });

  test('agrees with Date on every time that Date can represent', () => {
    const years = fc.date({
      min: new Date('0000-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(years, fc.integer({ min: -1439, max: 1439 }), (date, offset) => {
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const sign = offset < 0 ? '-' : '+';
        const text = `${local}${sign}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
        expect(toInstant(text)).toBe(date.toISOString().replace('Z', '000000Z'));
      }),
    );
  });

  test('accepts exactly the dates that exist', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9998 }), part(13), part(32), (year, month, day) => {
        const date = new Date(0);
        date.setUTCFullYear(year, month - 1, day);
        const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && month > 0 && month < 13;
        expect(toInstant(`${pad(year, 4)}-${pad(month)}-${pad(day)}T12:00:00Z`) !== undefined).toBe(exists);
      }),
    );
  });

  test('returns texts whose order is the order of the instants', () => {
    const instants = ['2026-09-01T06:00:00+03:00', '2026-09-01T03:00:00.000000001Z', '2026-09-01T00:00:01-04:00'].map(
      toInstant,
    );
    expect(instants.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual(instants);
  });
});
