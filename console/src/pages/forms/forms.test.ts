import { questionRows } from './question-tree.ts';
import { plain } from './rules/sentences.ts';
import { changesBetween, countQuestions, type StoredForm } from './version-diff.ts';

const stored = (form: Partial<Record<keyof StoredForm, unknown>>): StoredForm =>
  Object.assign(
    {
      form_id: 'clinic',
      title: 'Clinic',
      version: 1,
      created_at: '2026-09-01T06:00:00Z',
      facts: [],
      rules: [],
      questions: [],
    },
    form,
  ) as StoredForm;

const pregnant = { name: 'pregnant', type: 'boolean', required: false };
const weeks = {
  name: 'weeks',
  type: 'integer',
  min: 0,
  max: 45,
  relevant: { fact: 'pregnant', operator: 'equal', value: true },
  required: { fact: 'pregnant', operator: 'equal', value: true },
  constraint: { message: '{weeks} weeks?', conditions: { fact: 'weeks', operator: 'lessThan', value: 45 } },
};
const house = {
  name: 'house',
  label: 'House',
  type: 'group',
  questions: [{ name: 'roof', type: 'select_one', options: ['tin', { name: 'tile', label: 'Tiles' }] }],
};

test('questions become rows with their depth, and conditions become words', () => {
  const rows = questionRows(stored({ questions: [pregnant, weeks, house] }));
  expect(rows.map(({ path, depth, label, type, options }) => [path, depth, label, type, options])).toEqual([
    ['pregnant', 1, 'pregnant', 'yes or no', []],
    ['weeks', 1, 'weeks', 'whole number, 0 to 45', []],
    ['house', 1, 'House', 'group', []],
    ['house/roof', 2, 'roof', 'one option', ['tin', 'Tiles']],
  ]);
  expect(rows.map(({ required }) => plain(required))).toEqual(['no', 'when pregnant is yes', 'no', 'yes']);
  expect(plain(rows[1]?.relevant ?? [])).toBe('pregnant is yes');
  expect(plain(rows[1]?.constraint?.flags ?? [])).toBe('Flag when weeks is at least 45');
});

test('calculations show what they calculate', () => {
  const [row] = questionRows(
    stored({ questions: [{ name: 'age', type: 'calculate', value: { years_between: ['born', 'now'] } }] }),
  );
  expect(row?.type).toBe('calculated: the years from born to now');
});

test('two versions differ in settings, questions, facts and rules', () => {
  const rule = (value: number) => ({
    name: 'Weeks',
    message: 'Check.',
    conditions: { fact: 'weeks', operator: 'lessThan', value },
  });
  const before = stored({
    questions: [pregnant, weeks],
    rules: [rule(45)],
    unique: [{ name: 'Twice', questions: ['card'] }],
  });
  const after = stored({
    title: 'Clinic 2',
    state: 'closed',
    questions: [{ ...weeks, min: 1 }, house],
    facts: [{ name: 'total', add: ['a', 'b'], subtract: ['c'] }],
    rules: [rule(44)],
  });
  expect(changesBetween(before, after).map(({ kind, what, name }) => `${kind} ${what} ${name}`)).toEqual([
    'changed Setting Title',
    'changed Setting State',
    'removed Question pregnant',
    'changed Question weeks',
    'added Question house',
    'added Question house/roof',
    'added Derived fact total',
    'changed Rule Weeks',
    'removed No duplicates Twice',
  ]);
  expect(changesBetween(before, after).find(({ what }) => what === 'Rule')).toMatchObject({
    before: 'Flag when weeks is at least 45.\nCheck.',
    after: 'Flag when weeks is at least 44.\nCheck.',
  });
  expect(changesBetween(after, after)).toEqual([]);
});

test('another order of members is not a change', () => {
  const one = stored({ questions: [{ name: 'a', type: 'text' }] });
  const other = stored({ questions: [{ type: 'text', name: 'a' }] });
  expect(changesBetween(one, other)).toEqual([]);
});

test('groups and notes are not questions to answer', () => {
  expect(countQuestions(stored({ questions: [pregnant, house, { name: 'thanks', type: 'note' }] }))).toBe(2);
});
