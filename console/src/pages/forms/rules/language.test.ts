import { isCondition, type Condition, type Fact, type Rule } from './language.ts';
import { partsOf, valueIn, withFacts, withLabels } from './message.ts';
import { namedIn } from './names.ts';
import { createWording, plain } from './sentences.ts';
import { readFileSync } from 'node:fs';
import { flagWhen, mustHold } from './flag-when.ts';
import household from '../../../../../forms/definition/household-finances.json';

const facts = household.facts.map((fact): Fact => ({ add: fact.add, subtract: fact.subtract ?? [], name: fact.name }));
const form = { questions: household.questions, facts };
const wells = {
  questions: [
    { name: 'depth', label: { fr: 'Profondeur', en: 'Depth' }, type: 'decimal' },
    { name: 'dug_on', type: 'date' },
    { name: 'in_use', type: 'boolean' },
    { name: 'people', type: 'repeat', questions: [{ name: 'age', type: 'integer' }] },
    { name: 'depth_now', label: 'Depth', type: 'decimal' },
    { name: 'water', type: 'select_one', options: ['salty', { name: 'ok', label: 'Good to drink' }] },
    { name: 'opens', type: 'time_of_day' },
    { name: 'age_of_pump', type: 'calculate', value: 'dug_on' },
  ],
  facts: [{ name: 'oldest', add: [], subtract: [], value: { max: 'people/age' } }],
};
const sentenceOf = (conditions: unknown, definition = wells): string => {
  const sentence = createWording(definition).rule(conditions);
  return sentence === undefined ? 'not understood' : plain(sentence);
};

test('the rules of the household form read as sentences, with the names of their questions', () => {
  const wording = createWording(form);
  expect(wording.rule(household.rules[0]?.conditions)).toEqual([
    { text: 'Flag when ' },
    { term: 'monthly expenditure' },
    { text: ' is less than' },
    { text: ' ' },
    { text: 'the sum of ' },
    { term: 'monthly food' },
    { text: ', ' },
    { term: 'monthly cable' },
    { text: ', ' },
    { term: 'monthly healthcare' },
    { text: ', ' },
    { term: 'monthly fuel' },
  ]);
  expect(plain(wording.rule(household.rules[1]?.conditions) ?? [])).toBe(
    'Flag when monthly income minus monthly expenditure is less than monthly savings, or monthly savings is less than 0',
  );
});

test.each<[Condition, string]>([
  [{ fact: 'dug_on', operator: 'greaterThan', value: '2020-01-01' }, 'dug on is not after “2020-01-01”'],
  [{ fact: 'in_use', operator: 'equal', value: true }, 'in use is not yes'],
  [{ not: { fact: 'depth_now', operator: 'between', value: [1, 2] } }, 'Depth (depth_now) is between 1 and 2'],
  [{ fact: 'dug_on', operator: 'answered' }, 'dug on is not answered'],
  [{ fact: 'water', operator: 'notIn', value: ['salty', 'ok'] }, 'water is one of “salty”, “Good to drink”'],
  [{ fact: 'opens', operator: 'lessThan', value: '09:00' }, 'opens is not before “09:00”'],
  [{ fact: '', operator: 'greaterThanInclusive', value: '' }, '… is less than …'],
  [{ fact: 'oldest', operator: 'lessThan', value: 120 }, 'the largest age, people is at least 120'],
  [
    {
      any: [
        { fact: 'oldest', operator: 'in', value: [1, 2] },
        {
          not: {
            any: [
              { fact: 'in_use', operator: 'equal', value: false },
              { fact: 'dug_on', operator: 'notAnswered' },
            ],
          },
        },
      ],
    },
    'the largest age, people is none of 1, 2, and (in use is no, or dug on is not answered)',
  ],
])('%j flags when the opposite is true', (condition, words) => {
  expect(sentenceOf(condition)).toBe(`Flag when ${words}`);
});

test('a condition of an unknown shape has no sentence, and an unknown question keeps its key', () => {
  expect(sentenceOf({ xor: [] })).toBe('not understood');
  expect(sentenceOf({ fact: 'depth', operator: 'almost', value: 1 })).toBe('not understood');
  expect(sentenceOf({ fact: 'gone', operator: 'equal', value: 1 })).toBe('Flag when gone is not 1');
});

test.each([
  [{ add: ['a', 'b'] }, 'a plus b'],
  [{ divide: [{ subtract: ['a', 1] }, 'b'] }, '(a minus 1) divided by b'],
  [{ days_between: ['a', { now: {} }] }, 'the days from a to now'],
  [{ sum: { multiply: ['people/age', 2] } }, 'the sum over all (age, people times 2)'],
])('the expression %j is worded', (expression, words) => {
  expect(createWording(wells).expression(expression)).toBe(words);
});

test('questions in repeats are named by their path; minimums and calculations have the kind of their operand', () => {
  const dated = { ...wells, facts: [{ name: 'first', add: [], subtract: [], value: { min: 'dug_on' } }] };
  const kinds = new Map(namedIn(dated).map(({ fact, kind }) => [fact, kind]));
  expect(kinds.get('people/age')).toBe('number');
  expect(kinds.get('first')).toBe('date');
  expect(kinds.get('age_of_pump')).toBe('date');
});

test('a message names the same facts after it was edited, even if a label is also the label or the key of another question', () => {
  const named = namedIn({
    questions: [
      { name: 'depth', label: 'height', type: 'decimal' },
      { name: 'height', label: 'total cost', type: 'decimal' },
      { name: 'user', label: 'collector', type: 'text' },
    ],
    facts: [{ name: 'total_cost', add: ['depth'], subtract: [] }],
  });
  const message = named.map(({ fact }) => `{${fact}}`).join(' ');
  expect(withFacts(withLabels(message, named), named)).toBe(message);
});

const rule = (household.rules as Rule[])[0];
const message = rule?.message ?? '';

test('a message is edited with labels, and stored with keys', () => {
  const named = namedIn(form);
  const edited = withLabels(message, named);
  expect(edited).toContain('food {monthly food}, cable {monthly cable}');
  expect(withFacts(edited, named)).toBe(message);
  expect(withFacts('{monthly food} {unknown} {age}', named)).toBe(
    '{How much money do you spend monthly on food?} {unknown} {age}',
  );
});

test('the values of a message come from a response, sums exactly', () => {
  const answers = {
    'what is the monthly income?': 3,
    'what is the monthly expenditure?': '5.10',
    'How much money do you spend monthly on food?': 0.1,
    'How much money do you spend monthly on your cable service?': '0.2',
    'How much money do you spend monthly on healthcare?': 0,
    'How much money do you spend monthly on fuel for your car?': '10.00',
  };
  const shown = partsOf('It is {listed_expenses}, {income_less_expenditure} of {age}.').map((part) =>
    'fact' in part ? (valueIn(answers, part.fact, facts) ?? '…') : part.text,
  );
  expect(shown.join('')).toBe('It is 10.3, -2.1 of ….');
  expect(valueIn({ people: [{ age: 41 }] }, 'people/age', [])).toBe('41');
});

/** The conditions and expressions in the tables of docs/forms.md. */
const documented = [...readFileSync('docs/forms.md', 'utf8').matchAll(/\| `(\{"[^`]+\})` \|/g)].map(
  ([, json = '']): unknown => JSON.parse(json),
);
const conditions = documented.filter(isCondition);
const visit = JSON.parse(readFileSync('docs/examples/visit.json', 'utf8')) as { questions: unknown[] };
const wordingOfVisits = createWording({ questions: visit.questions, facts: [] });

test('the documentation has conditions and expressions to read', () => {
  expect(conditions.length).toBeGreaterThan(12);
  expect(documented.length - conditions.length).toBeGreaterThan(12);
});

test.each(conditions.map((condition) => [JSON.stringify(condition), condition] as const))(
  'the documented condition %s has a sentence, and the builder changes nothing in it',
  (_, condition) => {
    expect(plain(wordingOfVisits.rule(condition) ?? [])).toMatch(/^Flag when /);
    expect(flagWhen(mustHold(flagWhen(condition)))).toEqual(flagWhen(condition));
  },
);

test.each(documented.filter((each) => !isCondition(each)).map((each) => [JSON.stringify(each), each] as const))(
  'the documented expression %s is worded',
  (_, expression) => {
    expect(wordingOfVisits.expression(expression)).not.toMatch(/[{}]/);
  },
);
