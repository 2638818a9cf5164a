/** Random answers to questions of every type. */
import * as fc from 'fast-check';
import type { Definition } from '../../forms/question-types/index.ts';

const NAMES = ['a', 'b', 'c', 'd'];

const two = (value: number) => String(value).padStart(2, '0');
const texts = fc.string({ maxLength: 20, unit: fc.constantFrom(...Array.from('aé0 😀"\\/')) });
const dates = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());
const attachments = fc
  .string({ minLength: 1, maxLength: 60, unit: fc.constantFrom(...Array.from('aé0.-_ 😀')) })
  .filter((name) => name.trim() !== '' && name !== '.' && name !== '..');
const decimals = fc
  .tuple(fc.boolean(), fc.stringMatching(/^\d{1,5}$/), fc.stringMatching(/^(\.\d{1,10})?$/))
  .map(([negative, whole, fraction]) => `${negative ? '-' : ''}${whole}${fraction}`);
const offsets = fc.tuple(fc.constantFrom('+', '-'), fc.nat(12)).map(([sign, hours]) => `${sign}${two(hours)}:30`);
const places = fc.record(
  {
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    altitude: fc.option(fc.double({ min: -1000, max: 9000, noNaN: true })),
    accuracy: fc.option(fc.double({ min: 0, max: 5000, noNaN: true })),
  },
  { requiredKeys: ['latitude', 'longitude'] },
);

/** For each type, the members of its definition besides the name, and its answers. The compiler requires every type. */
export const RANDOM_ANSWERS: Record<Definition['type'], [object, fc.Arbitrary<unknown>]> = {
  text: [{ required: false }, texts],
  integer: [{}, fc.maxSafeInteger().map((whole) => whole % 10 ** 15)],
  decimal: [{ places: 10 }, fc.oneof(decimals, decimals.map(Number))],
  boolean: [{}, fc.boolean()],
  date: [{}, dates.map((text) => text.slice(0, 10))],
  time_of_day: [
    {},
    fc.tuple(dates, fc.constantFrom(5, 8, 10, 12)).map(([text, length]) => text.slice(11, 11 + length)),
  ],
  datetime: [
    {},
    fc
      .tuple(
        dates.filter((text) => !/^(0001|9999)/.test(text)),
        offsets,
      )
      .map(([text, offset]) => text.replace('Z', offset)),
  ],
  time: [{}, dates],
  select_one: [{ options: NAMES.map((name) => ({ name })) }, fc.constantFrom(...NAMES)],
  choice: [{ options: NAMES }, fc.constantFrom(...NAMES)],
  select_multiple: [{ options: NAMES, required: false }, fc.shuffledSubarray(NAMES)],
  geopoint: [{}, places],
  image: [{}, attachments],
  audio: [{}, attachments],
  video: [{}, attachments],
  file: [{}, attachments],
  calculate: [{ value: 1 }, fc.oneof(texts, fc.integer(), fc.boolean())],
  note: [{}, fc.constant(null)],
};
