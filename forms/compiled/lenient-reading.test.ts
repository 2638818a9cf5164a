import { readDefinition } from '../../tests/support/form-samples.ts';
import { sampleResponse } from '../../tests/support/form-samples.ts';
import { parseJson } from '../values/json.ts';
import { compileForm } from './compiled-form.ts';
import { misfitFlags, type RoundedAmount } from './misfits.ts';

const METADATA_KEYS = [
  'response_id',
  'response_family_id',
  'user_id',
  'username',
  'location',
  'submitted_time',
  'synced_time',
  'last_modified_time',
];
const metadata = Object.fromEntries(Object.entries(sampleResponse()).filter(([key]) => METADATA_KEYS.includes(key)));

const form = compileForm(
  readDefinition({
    form_id: 'clinic',
    title: 'Clinic',
    questions: [
      { name: 'village', label: { en: 'Village\nname', fr: 'Nom' }, type: 'text' },
      { name: 'pregnant', type: 'boolean', required: false },
      {
        name: 'care',
        type: 'group',
        relevant: { fact: 'pregnant', operator: 'equal', value: true },
        questions: [
          { name: 'weeks', type: 'integer' },
          { name: 'days', type: 'calculate', value: { multiply: ['care/weeks', 7] } },
        ],
      },
      { name: 'people', type: 'repeat', max: 2, questions: [{ name: 'age', type: 'integer', max: 120 }] },
    ],
  }),
  1,
);

function read(answers: Record<string, unknown>, rounded: readonly RoundedAmount[] = []) {
  const input = { ...metadata, ...answers };
  const { submission, faults } = form.readLeniently(input);
  const stored = Object.fromEntries(
    Object.entries(submission.response).filter(([key]) => !METADATA_KEYS.includes(key)),
  );
  return {
    stored,
    submission,
    faults,
    flags: misfitFlags({ faults, rounded, input, questions: form.definition.questions }),
  };
}

describe('a lenient reader', () => {
  test('reads a response without faults as the strict reader does', () => {
    const input = { ...metadata, village: 'Kisumu', pregnant: true, care: { weeks: 20 }, people: [{ age: 30 }] };
    const strict = form.readSubmission(input);
    expect(strict).toEqual({ ok: true, submission: form.readLeniently(input).submission });
    expect(form.readLeniently(input).faults).toEqual([]);
  });

  test('keeps the answers that fit, and flags each other answer with the value that was sent', () => {
    const { stored, flags } = read({ village: 'Kisumu', people: [{ age: 30 }, { age: 'old' }], color: 'red' });
    expect(stored).toEqual({ village: 'Kisumu', people: [{ age: 30 }, {}] });
    expect(flags).toEqual([
      {
        rule: 'DoesNotFit',
        message: 'people/age: enter a whole number of 120 or less.',
        entry: '/people/1',
        questions: ['people/age'],
        values: { 'people/age': 'old' },
      },
      {
        rule: 'DoesNotFit',
        message: 'color: the form does not have this question. Update the form in the app.',
        questions: [],
        values: { color: 'red' },
      },
    ]);
  });

  test('flags a missing answer that is required', () => {
    const { stored, flags } = read({ pregnant: true });
    expect(stored).toEqual({ pregnant: true });
    expect(flags).toMatchObject([
      { questions: ['village'], message: 'Village name: an answer is required.' },
      { questions: ['care/weeks'], message: 'care/weeks: an answer is required.' },
    ]);
  });

  test('flags an amount with more decimals than its question takes, with the amount as sent and as rounded', () => {
    const { flags } = read({ village: 'Kisumu', people: [{ age: 20 }] }, [
      { pointer: '/people/0/age', sent: '20.5', counts: '20' },
    ]);
    expect(flags).toEqual([
      {
        rule: 'DoesNotFit',
        message: 'people/age: the form takes whole numbers, so 20.5 counts as 20.',
        entry: '/people/0',
        questions: ['people/age'],
        values: { 'people/age': '20.5' },
      },
    ]);
  });

  test('keeps irrelevant answers, without their calculations', () => {
    const { stored, flags } = read({ village: 'Kisumu', pregnant: false, care: { weeks: 20 } });
    expect(stored).toEqual({ village: 'Kisumu', pregnant: false, care: { weeks: 20 } });
    expect(flags).toMatchObject([
      { message: expect.stringMatching(/^care: with the other answers, the form does not ask this/) },
    ]);
  });

  test('keeps the entries of a repeat up to its maximum', () => {
    const { stored, flags } = read({ village: 'Kisumu', people: [{ age: 1 }, { age: 2 }, { age: 3 }] });
    expect(stored).toEqual({ village: 'Kisumu', people: [{ age: 1 }, { age: 2 }] });
    expect(flags).toMatchObject([{ questions: ['people'], values: { people: '[{"age":1},{"age":2},{"age":3}]' } }]);
  });

  test('flags the first 50 misfits, and counts the rest', () => {
    const unknown = Object.fromEntries(Array.from({ length: 49 }, (_, index) => [`key${index}`, index]));
    const { flags } = read({ ...unknown, people: Array.from({ length: 2 }, () => ({ age: -0.5 })) });
    expect(flags).toHaveLength(51);
    expect(flags.at(-1)).toMatchObject({ message: '2 more answers do not fit the form; the submission has them.' });
  });

  test('shows a number as it was written', () => {
    const sent = parseJson('[{"age": 1e400}]');
    const { flags } = read({ village: 'Kisumu', people: sent.ok ? sent.value : [] });
    expect(flags).toMatchObject([{ values: { 'people/age': '1e400' } }]);
  });

  test('words its advice for a collector, not for the developer of an app', () => {
    const questions = [
      { name: 'text', type: 'text', max_length: 3 },
      { name: 'card', type: 'text', pattern: '[A-Z]{2}' },
      { name: 'integer', type: 'integer', min: 1, max: 9 },
      { name: 'decimal', type: 'decimal', min: '0.5' },
      { name: 'large', type: 'decimal' },
      { name: 'boolean', type: 'boolean' },
      { name: 'date', type: 'date' },
      { name: 'time_of_day', type: 'time_of_day' },
      { name: 'datetime', type: 'datetime' },
      { name: 'select_one', type: 'select_one', options: ['a'] },
      { name: 'select_multiple', type: 'select_multiple', options: ['a', 'b'], max: 1 },
      { name: 'place', type: 'geopoint' },
      { name: 'photo', type: 'image' },
      { name: 'note', type: 'note', label: 'Note' },
      { name: 'people', type: 'repeat', min: 2, questions: [{ name: 'age', type: 'integer' }] },
    ];
    const definition = readDefinition({ form_id: 'every', title: 'Every type', questions });
    const sent = { text: 'long', card: 'a1', select_multiple: ['a', 'b'], photo: 'a/b', note: 'x', people: [] };
    const others = questions.filter(({ name }) => !Object.hasOwn(sent, name)).map(({ name }) => [name, '?']);
    const input = { ...metadata, ...sent, ...Object.fromEntries(others) };

    const { faults } = compileForm(definition, 1).readLeniently(input);

    const flags = misfitFlags({ faults, rounded: [], input, questions: definition.questions });
    expect(flags.map(({ message }) => message)).toEqual([
      'text: use at most 3 characters; this has 4.',
      'card: enter text that matches [A-Z]{2}',
      'integer: enter a whole number from 1 to 9.',
      'decimal: enter a number of 0.5 or more.',
      'large: enter a number with at most 15 digits.',
      'boolean: choose yes or no.',
      'date: enter a date that exists.',
      'time_of_day: enter a time of day.',
      'datetime: enter a date and a time.',
      'select_one: choose an option that the form offers with the other answers.',
      'select_multiple: choose 0 to 1 options that the form offers with the other answers.',
      'place: record the place again; this is no place on earth.',
      'photo: attach the file again.',
      'Note: this takes no answer.',
      'people: the form takes 2 to 1000 entries.',
    ]);
  });

  test.each([Infinity, -Infinity, Number.NaN])('flags the number %d, which JSON cannot hold, as text', (age) => {
    const { flags } = read({ village: 'Kisumu', people: [{ age }] });
    expect(flags).toMatchObject([{ values: { 'people/age': String(age) } }]);
  });

  test('throws if the metadata is not valid, because only a bug in the caller can cause this', () => {
    expect(() => form.readLeniently({ ...metadata, submitted_time: 'yesterday' })).toThrow('metadata');
  });
});
