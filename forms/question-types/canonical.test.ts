import * as fc from 'fast-check';
import { readDefinition } from '../../tests/support/form-samples.ts';
import { isScalar } from '../answer.ts';
import { compileForm } from '../compiled-form.ts';
import { parseJson } from '../json.ts';
import { columnsOf, type Definition, isSection, parserOf, QUESTION_TYPES } from './index.ts';

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

/** For each type: what its definition has besides the name, and its answers. The compiler requires every type. */
const SAMPLES: Record<Definition['type'], [object, fc.Arbitrary<unknown>]> = {
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

describe.each(Object.entries(SAMPLES))('every answer of the type %s', (type, [members, answers]) => {
  const form = readDefinition({ form_id: 'a', title: 'A', questions: [{ name: 'q', type, ...members }] });
  const [question] = form.questions;
  if (question === undefined || isSection(question)) throw new Error('The form has no question.');
  const read = parserOf(question);

  if (type === 'note') {
    test('is refused', () => {
      fc.assert(
        fc.property(
          fc.jsonValue().filter((value) => value !== null),
          (value) => expect(read(value, {}).ok).toBe(false),
        ),
      );
    });
    return;
  }

  test('is accepted as sent in JSON, and read again it has the same canonical form', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const parsed = parseJson(JSON.stringify(answer));
        const result = parsed.ok ? read(parsed.value, {}) : undefined;
        if (!result?.ok) throw new Error(JSON.stringify([answer, result]));
        expect(read(result.value, {})).toMatchObject({ ok: true, canonical: result.canonical });
      }),
    );
  });

  test('is the same after it is stored and read again, with cells that JSON can hold', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const result = read(answer, {});
        if (!result.ok) throw new Error(result.detail);
        const stored: Record<string, unknown> = JSON.parse(JSON.stringify({ q: result.value }));
        expect(read(stored['q'], {})).toEqual(result);
        for (const { cell } of columnsOf(question)) {
          const value = cell(stored);
          expect(value === null || isScalar(value)).toBe(true);
        }
      }),
    );
  });

  // The server computes the answer of a calculation.
  if (type === 'calculate') return;

  test('is one of the kind that rules compare', () => {
    const { kind } = QUESTION_TYPES[question.type];
    fc.assert(
      fc.property(answers, (answer) => {
        const result = read(answer, {});
        expect(result.ok && kind?.valueOf(result.value)).not.toBeUndefined();
      }),
    );
  });
});

test('labels, hints and defaults do not change how responses are read', () => {
  const shapeOf = (members: object) =>
    compileForm(
      readDefinition({
        form_id: 'a',
        title: 'A',
        questions: [{ name: 'q', type: 'select_one', options: [{ name: 'a', label: 'A' }], ...members }],
      }),
      1,
    ).shape;

  expect(shapeOf({ label: 'Which?', hint: { en: 'Ask.', fr: 'Demandez.' }, default: 'a' })).toBe(shapeOf({}));
  expect(shapeOf({ options: [{ name: 'a', label: 'Another label' }] })).toBe(shapeOf({}));
  expect(shapeOf({ options: [{ name: 'b', label: 'A' }] })).not.toBe(shapeOf({}));
  expect(shapeOf({ required: false })).not.toBe(shapeOf({}));
});
