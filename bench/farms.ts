/** A large form, as an agricultural survey has it: 200 questions, 3 repeats, 100 rules. */
import { readDefinition } from '../tests/support/form-samples.ts';

export const CROPS = [
  'maize',
  'beans',
  'rice',
  'sorghum',
  'millet',
  'cassava',
  'potatoes',
  'tomatoes',
  'onions',
  'bananas',
  'coffee',
  'cotton',
];

/** Entries of each repeat. */
export const ENTRIES = 20;

const choice = (name: string, options: readonly string[]) => ({ name, type: 'select_one', options });
const amount = (name: string) => ({ name, type: 'decimal', min: 0 });
const whole = (name: string, max: number) => ({ name, type: 'integer', min: 0, max });
const compare = (fact: string, operator: string, value: unknown) => ({ fact, operator, value });
const atMost = (fact: string, value: unknown) => compare(fact, 'lessThanInclusive', value);
const atLeast = (fact: string, value: unknown) => compare(fact, 'greaterThanInclusive', value);
const equal = (fact: string, value: unknown) => compare(fact, 'equal', value);
const constraint = (conditions: unknown) => ({ constraint: { conditions, message: 'Look at this number again.' } });

/** 14 questions. */
function cropQuestions(crop: string) {
  const at = (name: string) => `${crop}/details/${name}`;
  return {
    name: crop,
    type: 'group',
    questions: [
      choice('grown', ['yes', 'no']),
      {
        name: 'details',
        type: 'group',
        relevant: equal(`${crop}/grown`, 'yes'),
        questions: [
          choice('variety', ['local', 'improved', 'hybrid', 'mixed', 'unknown']),
          choice('source', ['own', 'market', 'shop', 'gift']),
          { ...amount('area'), max: 1000 },
          amount('harvested'),
          amount('sold'),
          {
            ...amount('price'),
            relevant: compare(at('sold'), 'greaterThan', 0),
            ...constraint(compare(at('price'), 'between', [0.01, 50])),
          },
          { name: 'uses', type: 'select_multiple', options: ['food', 'sale', 'feed', 'seed', 'gift'] },
          { name: 'planted', type: 'date' },
          { name: 'irrigated', type: 'boolean' },
          { name: 'storage', type: 'text', required: false },
          choice('losses', ['none', 'some', 'most']),
          { name: 'reason', type: 'text', required: equal(at('losses'), 'most') },
          { name: 'income', type: 'calculate', value: { multiply: [at('sold'), at('price')] } },
        ],
      },
    ],
  };
}

/** 6 rules. */
function cropRules(crop: string): [name: string, conditions: unknown][] {
  const at = (name: string) => `${crop}/details/${name}`;
  return [
    [`${crop} sold`, atMost(at('sold'), { fact: at('harvested') })],
    [`${crop} income`, { any: [atMost(at('income'), 100_000), { fact: at('storage'), operator: 'answered' }] }],
    [`${crop} yield`, atMost(`${crop}_yield`, 20_000)],
    [`${crop} planted`, compare(at('planted'), 'between', ['2024-01-01', '2026-12-31'])],
    [`${crop} losses`, { not: { all: [equal(at('losses'), 'most'), compare(at('sold'), 'greaterThan', 1000)] } }],
    [`${crop} uses`, { any: [compare(at('uses'), 'selected', 'sale'), equal(at('sold'), 0)] }],
  ];
}

/** 28 questions. */
const REPEATS = [
  {
    name: 'members',
    type: 'repeat',
    questions: [
      { name: 'name', type: 'text' },
      choice('sex', ['female', 'male']),
      { name: 'born', type: 'date' },
      choice('relation', ['head', 'spouse', 'child', 'other']),
      choice('school', ['none', 'primary', 'secondary', 'university']),
      { name: 'works', type: 'boolean' },
      { name: 'job', type: 'text', required: equal('members/works', true) },
      { ...whole('hours', 112), relevant: equal('members/works', true) },
      { ...amount('pay'), relevant: equal('members/works', true) },
      { name: 'ill', type: 'boolean' },
      {
        ...whole('days_ill', 366),
        relevant: equal('members/ill', true),
        ...constraint(atMost('members/days_ill', 31)),
      },
      {
        name: 'age',
        type: 'calculate',
        value: { divide: [{ days_between: ['members/born', 'submitted_time'] }, 365.25] },
      },
    ],
  },
  {
    name: 'plots',
    type: 'repeat',
    questions: [
      { name: 'name', type: 'text' },
      amount('area'),
      { name: 'owned', type: 'boolean' },
      { ...amount('rent'), relevant: equal('plots/owned', false) },
      choice('crop', CROPS),
      choice('slope', ['flat', 'gentle', 'steep']),
      { ...whole('trees', 10_000), ...constraint(atMost('plots/trees', 500)) },
      amount('yield'),
    ],
  },
  {
    name: 'animals',
    type: 'repeat',
    questions: [
      choice('kind', ['cow', 'ox', 'goat', 'sheep', 'hen']),
      whole('count', 10_000),
      { ...whole('bought', 10_000), ...constraint(atMost('animals/bought', 100)) },
      whole('sold', 10_000),
      whole('died', 10_000),
      amount('value'),
      { name: 'vaccinated', type: 'boolean' },
      { name: 'remark', type: 'text', required: false },
    ],
  },
];

/** 13 rules on the form as a whole, 15 on entries. */
const RULES: [name: string, conditions: unknown][] = [
  ['all plots', atMost('plots_area', 400)],
  ['members', atLeast('members_count', 1)],
  ['an adult', atLeast('oldest', 15)],
  ['oldest', atMost('oldest', 105)],
  ['youngest', atMost('youngest', 60)],
  ['animals value', atMost('animals_value', 50_000)],
  ['herd', atMost('herd', 1000)],
  ['village', compare('village', 'notIn', ['test', 'none'])],
  ['consent', equal('consent', true)],
  ['visited', atMost('visited', { fact: 'submitted_time' })],
  ['all pay', atMost('all_pay', 20_000)],
  ['all rent', atMost('all_rent', 5000)],
  ['location', compare('location', 'notEqual', 'nowhere')],
  ['age', compare('members/age', 'between', [0, 110])],
  ['head', { any: [compare('members/relation', 'notEqual', 'head'), atLeast('members/age', 15)] }],
  ['hours', atMost('members/hours', 84)],
  ['university', { any: [compare('members/school', 'notEqual', 'university'), atLeast('members/age', 16)] }],
  ['pay', { any: [atMost('members/pay', 3000), atLeast('members/hours', 20)] }],
  ['area', compare('plots/area', 'greaterThan', 0)],
  ['rent per area', atMost('rent_per_area', 2000)],
  ['yield', atMost('plots/yield', 20_000)],
  ['steep', { any: [compare('plots/slope', 'notEqual', 'steep'), atLeast('plots/trees', 1)] }],
  ['rent', { any: [equal('plots/owned', true), atMost('plots/rent', 4000)] }],
  ['animals sold', atMost('animals/sold', { fact: 'available' })],
  ['animals died', atMost('animals/died', { fact: 'available' })],
  ['value per head', atMost('value_per_head', 2000)],
  ['vaccinated', { any: [equal('animals/vaccinated', true), atMost('animals/count', 50)] }],
  ['oxen', { any: [compare('animals/kind', 'notEqual', 'ox'), atMost('animals/count', 40)] }],
];

export const farms = readDefinition({
  form_id: 'farms',
  title: 'Farms',
  questions: [
    { name: 'village', type: 'text' },
    { name: 'visited', type: 'datetime' },
    { name: 'consent', type: 'boolean' },
    { name: 'home', type: 'geopoint' },
    ...CROPS.map(cropQuestions),
    ...REPEATS.map((repeat) => ({ ...repeat, max: ENTRIES })),
  ],
  facts: [
    ...CROPS.map((crop) => ({
      name: `${crop}_yield`,
      value: { divide: [`${crop}/details/harvested`, `${crop}/details/area`] },
    })),
    { name: 'plots_area', value: { sum: 'plots/area' } },
    { name: 'members_count', value: { count: 'members/name' } },
    { name: 'oldest', value: { max: 'members/age' } },
    { name: 'youngest', value: { min: 'members/age' } },
    { name: 'animals_value', value: { sum: 'animals/value' } },
    { name: 'herd', value: { sum: 'animals/count' } },
    { name: 'all_pay', value: { sum: 'members/pay' } },
    { name: 'all_rent', value: { sum: 'plots/rent' } },
    { name: 'rent_per_area', value: { divide: ['plots/rent', 'plots/area'] } },
    { name: 'available', add: ['animals/count', 'animals/bought'] },
    { name: 'value_per_head', value: { divide: ['animals/value', 'animals/count'] } },
  ],
  rules: [...CROPS.flatMap(cropRules), ...RULES].map(([name, conditions]) => ({
    name,
    conditions,
    message: `Look again: ${name}.`,
  })),
});
