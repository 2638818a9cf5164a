import { readDefinition } from '../../tests/support/form-samples.ts';
import { sampleResponse } from '../../tests/support/form-samples.ts';
import { parseJson } from '../values/json.ts';
import { compileForm } from './compiled-form.ts';
import { misfitFlags } from './misfits.ts';

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
      { name: 'village', type: 'text' },
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

function read(answers: Record<string, unknown>) {
  const input = { ...metadata, ...answers };
  const { submission, faults } = form.readLeniently(input);
  const stored = Object.fromEntries(
    Object.entries(submission.response).filter(([key]) => !METADATA_KEYS.includes(key)),
  );
  return { stored, submission, faults, flags: misfitFlags(faults, input, submission.paths) };
}

describe('a lenient reader', () => {
  test('reads a response that fits as the strict reader does', () => {
    const input = { ...metadata, village: 'Kisumu', pregnant: true, care: { weeks: 20 }, people: [{ age: 30 }] };
    const strict = form.readSubmission(input);
    expect(strict).toEqual({ ok: true, submission: form.readLeniently(input).submission });
    expect(form.readLeniently(input).faults).toEqual([]);
  });

  test('keeps what fits, and flags each answer that does not, with what was sent', () => {
    const { stored, flags } = read({ village: 'Kisumu', people: [{ age: 30 }, { age: 'old' }], color: 'red' });
    expect(stored).toEqual({ village: 'Kisumu', people: [{ age: 30 }, {}] });
    expect(flags).toEqual([
      {
        rule: 'DoesNotFit',
        message: 'people/age: Send a whole number from -999999999999999 to 120, without quotes, point or exponent.',
        entry: '/people/1',
        questions: ['people/age'],
        values: { 'people/age': 'old' },
      },
      {
        rule: 'DoesNotFit',
        message: 'color: Remove this key; the form does not have it.',
        questions: [],
        values: { color: 'red' },
      },
    ]);
  });

  test('flags a missing answer that is required', () => {
    const { stored, flags } = read({ pregnant: true });
    expect(stored).toEqual({ pregnant: true });
    expect(flags.map(({ questions }) => questions)).toEqual([['village'], ['care/weeks']]);
  });

  test('keeps irrelevant answers, without what would be computed from them', () => {
    const { stored, flags } = read({ village: 'Kisumu', pregnant: false, care: { weeks: 20 } });
    expect(stored).toEqual({ village: 'Kisumu', pregnant: false, care: { weeks: 20 } });
    expect(flags).toMatchObject([{ message: expect.stringMatching(/^care: Leave this out/) }]);
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

  test('refuses a response without valid metadata, which only its caller can cause', () => {
    expect(() => form.readLeniently({ ...metadata, submitted_time: 'yesterday' })).toThrow('metadata');
  });
});
