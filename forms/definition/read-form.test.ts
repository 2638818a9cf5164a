import * as fc from 'fast-check';
import { parseFormDefinition, readStoredForm, withProposal } from './read-form.ts';
import { householdFinances } from './household-finances.ts';
import definition from './household-finances.json' with { type: 'json' };
import { parseJson } from '../values/json.ts';
import { METADATA, SYSTEM_COLUMNS } from './metadata.ts';
import { nameOf } from '../question-types/index.ts';
import { pointersOf, readDefinition, sampleDefinition } from '../../tests/support/form-samples.ts';

const text = (changes: Record<string, unknown>) => ({ key: 'a', column: 'a', type: 'text', ...changes });
const pointers = (changes: Record<string, unknown>) => pointersOf(parseFormDefinition(sampleDefinition(changes)));
const ofQuestions = (...questions: unknown[]) => pointers({ questions, facts: [], rules: [] });
const ofFacts = (...facts: unknown[]) => pointers({ facts, rules: [] });

describe('a form that is accepted', () => {
  test('is household_finances, with the keys of its payload verbatim', () => {
    expect(householdFinances.questions.map(({ key }) => key)).toEqual([
      'name',
      'email',
      'mobile_number',
      'gender',
      'age',
      'what is the monthly income?',
      'what is the monthly savings?',
      'what is the monthly expenditure?',
      'How much money do you spend monthly on food?',
      'How much money do you spend monthly on your cable service?',
      'How much money do you spend monthly on healthcare?',
      'How much money do you spend monthly on fuel for your car?',
    ]);
    expect(definition.rules.map(({ name }) => name)).toEqual(['Rule1', 'Rule2']);
  });

  test('has its defaults filled in, and does not change when it is read again', () => {
    const form = readDefinition({ form_id: 'a', title: 'A', questions: [text({})] });
    expect(form).toEqual({
      form_id: 'a',
      title: 'A',
      questions: [{ key: 'a', column: 'a', type: 'text', required: true, max_length: 500, multiline: false }],
      facts: [],
      rules: [],
    });
    expect(readDefinition(form)).toEqual(form);
    expect(readDefinition(readDefinition(sampleDefinition()))).toEqual(readDefinition(sampleDefinition()));
  });

  test('keeps the names that were sent; the key is the name if no key was sent', () => {
    const [named, keyed, older] = readDefinition({
      form_id: 'a',
      title: 'A',
      questions: [{ name: 'a', type: 'date' }, { name: 'b', key: 'B?', type: 'date' }, text({ key: 'c', column: 'C' })],
    }).questions;
    expect([named, keyed, older]).toMatchObject([
      { key: 'a', name: 'a' },
      { key: 'B?', name: 'b' },
      { key: 'c', column: 'C' },
    ]);
    expect([named, keyed].some((question) => question !== undefined && 'column' in question)).toBe(false);
  });

  test('has 2,000 questions', () => {
    const questions = Array.from({ length: 2000 }, (_, n) => ({ name: `q${n}`, type: 'text' }));
    expect(readDefinition({ form_id: 'a', title: 'A', questions }).questions).toHaveLength(2000);
  });

  test('may name the spreadsheet for its exports', () => {
    expect(readDefinition(sampleDefinition({ spreadsheet_id: '1AbC_def-GHIjkl' })).spreadsheet_id).toBe(
      '1AbC_def-GHIjkl',
    );
    expect(pointers({ spreadsheet_id: 'https://docs.google.com/' })).toEqual(['/spreadsheet_id']);
  });
});

describe('a form that is refused', () => {
  test.each([null, undefined, 5, 'form', [], true])('is not an object: %p', (input) => {
    expect(pointersOf(parseFormDefinition(input))).toEqual(['']);
  });

  test.each(['', 'Upper', '1a', 'a-b', 'a'.repeat(64), 'constructor', "a'; --", 5])('has the id %j', (form_id) => {
    expect(pointers({ form_id })).toEqual(['/form_id']);
  });

  test('has unknown members, including prototype keys, and each gets a fault', () => {
    const sent = parseJson(
      '{"__proto__":1,"form_id":"a","title":"A","x/y":2,"questions":[{"key":"a","column":"a","type":"decimal","constructor":1,"low":0}]}',
    );
    expect(sent.ok && pointersOf(parseFormDefinition(sent.value))).toEqual([
      '/__proto__',
      '/questions/0/constructor',
      '/questions/0/low',
      '/x~1y',
    ]);
  });

  test('has faults in every part, which are reported together', () => {
    const result = parseFormDefinition({
      form_id: 'A',
      questions: [text({ column: 'user_id' }), text({ type: 'colour' }), text({ column: 'b', key: ' b' }), 5],
      facts: [{ name: 'f', add: ['a', 'nowhere'] }],
      rules: [{ name: 'R', message: '{b} {c}', conditions: { fact: 'd', operator: 'is', value: 1 }, priority: 2 }],
    });
    expect(pointersOf(result)).toEqual([
      '/facts/0/add/0',
      '/facts/0/add/1',
      '/form_id',
      '/questions/0/column',
      '/questions/1/key',
      '/questions/1/type',
      '/questions/2/key',
      '/questions/3',
      '/rules/0/conditions/fact',
      '/rules/0/conditions/operator',
      '/rules/0/message',
      '/rules/0/message',
      '/rules/0/priority',
      '/title',
    ]);
    for (const { detail } of result.ok ? [] : result.errors) expect(detail).toMatch(/^[A-Z].*\.$/);
  });

  test.each([
    ['two equal keys', [text({}), text({ column: 'b' })], ['/questions/1/key']],
    ['two columns that differ only in case', [text({}), text({ key: 'b', column: 'A' })], ['/questions/1/column']],
    ['a key of the metadata', [text({ key: 'user_id' })], ['/questions/0/key']],
    ['a column of the metadata', [text({ column: 'Synced_Time' })], ['/questions/0/column']],
    ['a column that is not an identifier', [text({ column: 'a b' })], ['/questions/0/column']],
    ['neither a name nor a column', [text({ column: undefined })], ['/questions/0/name']],
    ['a brace in a key', [text({ key: 'a{b}' })], ['/questions/0/key']],
    ['a control character in a key', [text({ key: 'a\u0000' })], ['/questions/0/key']],
    ['half of a surrogate pair in a key', [text({ key: '\ud800' })], ['/questions/0/key']],
    ['a key that is too long', [text({ key: 'a'.repeat(201) })], ['/questions/0/key']],
    ['an empty key', [text({ key: '' })], ['/questions/0/key']],
    ['a text with a max_length that is too large', [text({ max_length: 45_001 })], ['/questions/0/max_length']],
    ['a text with a max_length of 0', [text({ max_length: 0 })], ['/questions/0/max_length']],
    ['a pattern that cannot be matched in linear time', [text({ pattern: '(a)\\1' })], ['/questions/0/pattern']],
    ['a pattern for long texts', [text({ pattern: 'a+', max_length: 501 })], ['/questions/0/max_length']],
    ['a name with a capital', [{ name: 'Name', type: 'text' }], ['/questions/0/name']],
    ['a name and a column, the older word for it', [text({ name: 'b' })], ['/questions/0/column']],
    [
      'two equal names',
      [
        { name: 'a', type: 'text' },
        { name: 'a', type: 'text' },
      ],
      ['/questions/1/name'],
    ],
    [
      'a name that is the column of another question',
      [text({}), { name: 'a', key: 'b', type: 'text' }],
      ['/questions/1/name'],
    ],
    ['a name of the metadata', [{ name: 'user_id', type: 'text' }], ['/questions/0/name']],
    ['a default that is not an answer', [text({ default: 5 })], ['/questions/0/default']],
    ['a label without a language', [text({ label: {} })], ['/questions/0/label']],
    ['a hint in an invalid language', [text({ hint: { 'English!': 'Hm' } })], ['/questions/0/hint']],
    ['a label that is too long', [text({ label: 'a'.repeat(1001) })], ['/questions/0/label']],
    ['a decimal whose max is below its min', [text({ type: 'decimal', min: '0.3', max: 0.2 })], ['/questions/0/max']],
    ['a decimal with too many places', [text({ type: 'decimal', places: 11 })], ['/questions/0/places']],
    ['a bound that is not an amount', [text({ type: 'decimal', min: '1e5' })], ['/questions/0/min']],
    [
      'a blank in the name of one of several options',
      [text({ type: 'select_multiple', options: ['a b'] })],
      ['/questions/0/options/0'],
    ],
    [
      'more options to choose than there are',
      [text({ type: 'select_multiple', options: ['a'], min: 2 })],
      ['/questions/0/min'],
    ],
    ['a note that is required', [text({ type: 'note', required: true })], ['/questions/0/required']],
    [
      'a column of a place that another question has',
      [text({ key: 'at_latitude' }), { name: 'at', type: 'geopoint' }],
      ['/questions/1/name'],
    ],
    [
      'options that depend on a later question or on an option that is not there',
      [
        { name: 'a', type: 'select_one', options: [{ name: 'x', if: { question: 'b', is: ['y'] } }] },
        { name: 'b', type: 'select_one', options: ['y'] },
        { name: 'c', type: 'select_one', options: [{ name: 'x', if: { question: 'b', is: ['y', 'z'] } }] },
      ],
      ['/questions/0/options/0/if/question', '/questions/2/options/0/if/is/1'],
    ],
    ['a length that is not whole', [text({ max_length: 1.5 })], ['/questions/0/max_length']],
    ['a max below its min', [text({ type: 'integer', min: 2, max: 1 })], ['/questions/0/max']],
    ['a min beyond 15 digits', [text({ type: 'integer', min: -1e15 })], ['/questions/0/min']],
    ['no options', [text({ type: 'choice', options: [] })], ['/questions/0/options']],
    ['an option twice', [text({ type: 'choice', options: ['a', 'b', 'a'] })], ['/questions/0/options/2']],
    ['a member `required` that is not true or false', [text({ required: 'yes' })], ['/questions/0/required']],
    ['no questions', [], ['/questions']],
  ])('has %s', (_what, questions, expected) => {
    expect(ofQuestions(...questions)).toEqual(expected);
  });

  test.each([...SYSTEM_COLUMNS])("has a question in Collect's own column %s", (column) => {
    expect(ofQuestions(text({ column: column.toUpperCase() }))).toEqual(['/questions/0/column']);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('uses the reserved name %s anywhere', (name) => {
    const questions = [text({ key: name }), text({ key: 'b', column: name })];
    expect(ofQuestions(...questions)).toEqual(['/questions/0/key', '/questions/1/column']);
    expect(ofFacts({ name, add: ['price'] })).toEqual(['/facts/0/name']);
    const rule = { name, message: 'Look.', conditions: { fact: 'price', operator: 'lessThan', value: 1 } };
    expect(pointers({ rules: [rule] })).toEqual(['/rules/0/name']);
  });

  test('has longer patterns than the limit, in all questions together', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => text({ key: `k${n}`, column: `c${n}`, pattern: 'a'.repeat(500) }));
    expect(ofQuestions(...many(8))).toEqual([]);
    expect(ofQuestions(...many(9))).toEqual(['/questions']);
  });

  test('has patterns over a repeat that would take too long for its largest response', () => {
    const word = { name: 'word', type: 'text', max_length: 40 };
    const pattern = '[a-z]{10}';
    const list = (max: number, ...questions: unknown[]) => ({ name: 'list', type: 'repeat', max, questions });
    const matches = { fact: 'list/word', operator: 'matches', value: pattern };
    const more = { name: 'more', type: 'text', required: matches };
    const rules = Array.from({ length: 3 }, (_, n) => ({ name: `R${n}`, message: 'Look.', conditions: matches }));

    expect(ofQuestions(list(1_000, { ...word, pattern }))).toEqual([]);
    expect(ofQuestions(list(1_000, { ...word, pattern, max_length: 400 }))).toEqual(['/questions']);
    expect(ofQuestions(list(200, { ...word, pattern, max_length: 400 }))).toEqual([]);
    const others = Array.from({ length: 5 }, (_, n) => ({ ...more, name: `more${n}` }));
    expect(ofQuestions(list(1_000, word, ...others))).toEqual([]);
    expect(ofQuestions(list(1_000, word, ...others, more))).toEqual(['/questions']);
    expect(pointers({ questions: [list(1_000, word)], facts: [], rules })).toEqual(['/rules']);
    expect(pointers({ questions: [list(1_000, word)], facts: [], rules: rules.slice(1) })).toEqual([]);
  });

  test('has more questions, rules or facts than the limit', () => {
    const many = Array.from({ length: 2001 }, (_, n) => text({ key: `k${n}`, column: `c${n}` }));
    expect(ofQuestions(...many)).toEqual(['/questions']);
    expect(ofQuestions(...many.slice(1))).toEqual([]);
    expect(ofFacts(...Array.from({ length: 101 }, (_, n) => ({ name: `f${n}`, add: ['price'] })))).toEqual(['/facts']);
  });

  test('has more than 200 rules', () => {
    const conditions = { fact: 'price', operator: 'lessThan', value: 1 };
    const rules = Array.from({ length: 201 }, (_, n) => ({ name: `R${n}`, message: 'Look.', conditions }));
    expect(pointers({ rules })).toEqual(['/rules']);
    expect(pointers({ rules: rules.slice(1) })).toEqual([]);
  });

  test.each(['select_one', 'select_multiple', 'choice'])('has a %s with more than 500 options', (type) => {
    const options = Array.from({ length: 501 }, (_, n) => `o${n}`);
    expect(ofQuestions({ name: 'a', type, options })).toEqual(['/questions/0/options']);
    expect(ofQuestions({ name: 'a', type, options: options.slice(1) })).toEqual([]);
  });

  test('has a label or a hint in more than 20 languages', () => {
    const languages = Array.from({ length: 21 }, (_, n) => [`en-x${n}`, 'Name']);
    const many = Object.fromEntries(languages);
    const fewer = Object.fromEntries(languages.slice(1));
    const options = (label: unknown) => text({ type: 'select_one', options: [{ name: 'a', label }] });
    expect(ofQuestions(text({ label: many }))).toEqual(['/questions/0/label']);
    expect(ofQuestions(text({ hint: many }))).toEqual(['/questions/0/hint']);
    expect(ofQuestions(options(many))).toEqual(['/questions/0/options/0/label']);
    expect(ofQuestions(text({ label: fewer, hint: fewer }))).toEqual([]);
    expect(ofQuestions(options(fewer))).toEqual([]);
  });

  test.each(['revision', 'status', 'flags', 'form_version', 'saved_at', '0', '42'])(
    'has a question with the reserved key %s',
    (key) => {
      expect(ofQuestions(text({ key }))).toEqual(['/questions/0/key']);
    },
  );

  test('has more than 1,000 comparisons or 2,000 terms in all, which would take too long to check', () => {
    const bound = (value: number) => ({ fact: 'price', operator: 'lessThan', value });
    const rules = (count: number) =>
      Array.from({ length: count }, (_, n) => ({
        name: `R${n}`,
        message: 'Look.',
        conditions: { all: Array.from({ length: 100 }, (_each, m) => bound(m)) },
      }));
    const keys = Array.from({ length: 100 }, (_, n) => `k${n}`);
    const questions = keys.map((key) => ({ key, column: key, type: 'decimal' }));
    const facts = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `f${n}`, add: keys }));
    expect(pointers({ rules: rules(10) })).toEqual([]);
    expect(pointers({ rules: rules(11) })).toEqual(['/rules']);
    expect(pointers({ questions, facts: facts(20), rules: [] })).toEqual([]);
    expect(pointers({ questions, facts: facts(21), rules: [] })).toEqual(['/facts']);
    const definition = sampleDefinition({
      questions: [...questions, { ...questions[0], key: 'price', column: 'p' }],
      facts: facts(21),
      rules: rules(11),
    });
    expect(readStoredForm({ form_id: 'water_points', version: 1, definition }).rules).toHaveLength(11);
  });

  test('gets a limited number of faults, even if its lists are very long', () => {
    const many = (element: unknown) => Array.from({ length: 100_000 }, () => element);
    const rule = { name: 'R', message: '{}'.repeat(100_000), conditions: { all: many({ any: [] }) } };
    const result = parseFormDefinition({
      form_id: 'a',
      title: 'A',
      questions: many(5),
      facts: many(5),
      rules: [rule, ...many(5)],
    });
    expect(result.ok ? 0 : result.errors.length).toBeLessThan(2_000);
  });

  test.each([
    [
      'the name of another fact',
      [
        { name: 'f', add: ['price'] },
        { name: 'f', add: ['fee'] },
      ],
      ['/facts/1/name'],
    ],
    ["a name that is a question's key", [{ name: 'price', add: ['fee'] }], ['/facts/0/name']],
    ['a name that is not an identifier', [{ name: 'F x', add: ['fee'] }], ['/facts/0/name']],
    ['nothing to add up', [{ name: 'f' }], ['/facts/0']],
    ['itself as a term', [{ name: 'f', add: ['f'] }], ['/facts/0/add/0']],
    [
      'a fact declared later as a term',
      [
        { name: 'f', add: ['g'] },
        { name: 'g', add: ['fee'] },
      ],
      ['/facts/0/add/0'],
    ],
    ['a text as a term', [{ name: 'f', add: ['price'], subtract: ['notes'] }], ['/facts/0/subtract/0']],
    ['a term twice', [{ name: 'f', add: ['price', 'price'] }], ['/facts/0/add/1']],
    ['a term that cancels out', [{ name: 'f', add: ['price'], subtract: ['price'] }], ['/facts/0/subtract/0']],
    ['metadata as a term', [{ name: 'f', add: ['user_id'] }], ['/facts/0/add/0']],
  ])('has a derived fact with %s', (_what, facts, expected) => {
    expect(ofFacts(...facts)).toEqual(expected);
  });

  test.each(['{nothing}', '{}', 'a { b', 'a } b', '{{price}}', '{__proto__}', '{user}'])(
    'has a message with the placeholder %j',
    (place) => {
      const rule = {
        name: 'R',
        message: `See ${place}.`,
        conditions: { fact: 'price', operator: 'lessThan', value: 1 },
      };
      expect(pointers({ rules: [rule] })).toContain('/rules/0/message');
    },
  );

  test('has two rules with the same name', () => {
    const rule = { name: 'R', message: 'See {price}.', conditions: { fact: 'price', operator: 'lessThan', value: 1 } };
    expect(pointers({ rules: [rule, rule] })).toEqual(['/rules/1/name']);
  });

  test('never makes the parser throw, for any JSON value', () => {
    const member = fc.constantFrom('form_id', 'title', 'questions', 'facts', 'rules');
    const element = fc.dictionary(
      fc.constantFrom('key', 'column', 'type', 'name', 'add', 'conditions', '__proto__'),
      fc.jsonValue(),
    );
    const forms = fc.oneof(fc.jsonValue(), fc.dictionary(member, fc.oneof(fc.array(element), fc.jsonValue())));
    fc.assert(fc.property(forms, (value) => expect(() => parseFormDefinition(value)).not.toThrow()));
  });
});

test('all columns of the metadata and of Collect have different names', () => {
  const columns = [...METADATA.map(nameOf), ...SYSTEM_COLUMNS];
  expect(new Set(columns).size).toBe(columns.length);
});

test('a form stored by an earlier release can be read, and rules can be proposed for it', () => {
  const lessThan = (value: number) => ({ fact: 'price', operator: 'lessThan', value });
  const never = { name: 'R', message: 'Look.', conditions: { all: [lessThan(1), { not: lessThan(2) }] } };
  const definition = sampleDefinition({
    questions: [text({ key: 'status' }), { key: 'price', column: 'b', type: 'decimal' }],
    facts: [],
    rules: [never],
  });
  expect(pointersOf(parseFormDefinition(definition))).toEqual(['/questions/0/key', '/rules/0/conditions']);
  expect(readStoredForm({ form_id: 'water_points', version: 1, definition }).rules).toEqual([never]);
  expect(pointersOf(withProposal(definition, { rules: [{ ...never, conditions: lessThan(1) }] }))).toEqual([]);
  expect(pointersOf(withProposal(definition, { rules: [never] }))).toEqual(['/rules/0/conditions']);
});

test('a stored form with an impossible bound can be read', () => {
  const conditions = { fact: 'people', operator: 'lessThan', value: 0 };
  const definition = sampleDefinition({ rules: [{ name: 'R', message: 'Look.', conditions }] });
  expect(pointersOf(parseFormDefinition(definition))).toEqual(['/rules/0/conditions/value']);
  expect(readStoredForm({ form_id: 'water_points', version: 1, definition }).rules).toMatchObject([{ conditions }]);
});

test('proposed rules are checked against their form', () => {
  const rule = { name: 'New', message: '{age}?', conditions: { fact: 'age', operator: 'lessThan', value: 100 } };
  const result = withProposal(householdFinances, { rules: [rule] });
  expect(result.ok && result.form.rules).toEqual([rule]);
  expect(pointersOf(withProposal(householdFinances, { rules: [{ ...rule, message: '{years}?' }] }))).toEqual([
    '/rules/0/message',
  ]);
});

test.each([
  ['equal', 'tank', '/rules/0/conditions/value'],
  ['in', ['well', 'tank'], '/rules/0/conditions/value/1'],
])('a stored form whose rule has an option that was since removed can be read, with %s', (operator, value, pointer) => {
  const conditions = { fact: 'source', operator, value };
  const definition = sampleDefinition({
    questions: [{ key: 'source', column: 'a', type: 'select_one', options: ['well', 'spring'] }],
    facts: [],
    rules: [{ name: 'R', message: 'Look.', conditions }],
  });
  expect(pointersOf(parseFormDefinition(definition))).toEqual([pointer]);
  expect(readStoredForm({ form_id: 'water_points', version: 1, definition }).rules).toMatchObject([{ conditions }]);
});
