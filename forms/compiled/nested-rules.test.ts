import { Big } from 'big.js';
import * as fc from 'fast-check';
import { readDefinition } from '../../tests/support/form-samples.ts';
import { compileRules } from './rules.ts';
import { parseFormDefinition } from '../definition/read-form.ts';

const number = (name: string) => ({ name, type: 'integer', required: false });
const questions = [
  number('limit'),
  {
    name: 'house',
    type: 'group',
    questions: [
      number('rooms'),
      {
        name: 'people',
        type: 'repeat',
        questions: [number('age'), { name: 'visits', type: 'repeat', questions: [number('cost')] }],
      },
    ],
  },
  { name: 'fields', type: 'repeat', questions: [number('size')] },
];
const AGE = 'house/people/age';
const COST = 'house/people/visits/cost';
const checker = (conditions: object, message = 'Look.', facts: object[] = []) =>
  compileRules(
    readDefinition({ form_id: 'a', title: 'A', questions, facts, rules: [{ name: 'R', message, conditions }] }),
  );
const refusals = (conditions: object, message = 'Look.', facts: object[] = []) => {
  const result = parseFormDefinition({
    form_id: 'a',
    title: 'A',
    questions,
    facts,
    rules: [{ name: 'R', message, conditions }],
  });
  return result.ok ? [] : result.errors.map(({ pointer }) => pointer);
};
const lessThan = (fact: string, value: unknown) => ({ fact, operator: 'lessThan', value });

describe('a rule over a repeat', () => {
  test('is judged for each entry, and its flag names the entry', async () => {
    const rules = checker(lessThan(AGE, 100), 'Person {house/people} is {house/people/age}; the limit is {limit}.');

    expect(await rules.check({ limit: 7, house: { people: [{ age: 9 }, { age: 130 }, {}, { age: 100 }] } })).toEqual([
      {
        rule: 'R',
        message: 'Person 2 is 130; the limit is 7.',
        entry: '/house/people/1',
        questions: [AGE],
        values: { [AGE]: 130 },
      },
      {
        rule: 'R',
        message: 'Person 4 is 100; the limit is 7.',
        entry: '/house/people/3',
        questions: [AGE],
        values: { [AGE]: 100 },
      },
    ]);
  });

  test('compares an answer in an entry with answers around the entry', async () => {
    const rules = checker({ all: [lessThan(COST, { fact: AGE }), lessThan(AGE, { fact: 'limit' })] });
    const people = [{ age: 10, visits: [{ cost: 1 }, { cost: 11 }] }, { age: 60, visits: [{ cost: 2 }] }, { age: 70 }];

    expect((await rules.check({ limit: 50, house: { people } })).map(({ entry }) => entry)).toEqual([
      '/house/people/0/visits/1',
      '/house/people/1/visits/0',
    ]);
    expect(await rules.check({ house: { people } })).toEqual([]);
  });

  test('finds no entries if the key belonged to another question in an earlier version', async () => {
    const rules = checker({ fact: 'sizes', operator: 'equal', value: 0 }, 'Look.', [
      { name: 'sizes', value: { count: 'fields' } },
    ]);

    expect(await rules.check({ fields: ['maize', 'beans'] })).toEqual([]);
    expect(await rules.check({ fields: 3 })).toEqual([]);
    expect(await rules.check({ fields: [{}] })).toMatchObject([{ rule: 'R' }]);
    expect(await checker(lessThan('house/rooms', 1)).check({ house: [1, 2, 3] })).toEqual([]);
  });

  test('flags at most 50 entries', async () => {
    const people = Array.from({ length: 60 }, () => ({ age: 101 }));

    expect(await checker(lessThan(AGE, 100)).check({ house: { people } })).toHaveLength(50);
  });

  test('flags fewer entries if many rules are broken, so that each flag has room for its message', async () => {
    const rules = Array.from({ length: 30 }, (_, n) => ({
      name: `R${n}`,
      message: `Rule ${n}: look at person {house/people}. ${'Please. '.repeat(20)}`.trim(),
      conditions: lessThan(AGE, 100 - n),
    }));
    const definition = readDefinition({ form_id: 'a', title: 'A', questions, rules });
    const people = Array.from({ length: 60 }, () => ({ age: 101 }));

    const { flags, broken } = await compileRules(definition).inspect({ house: { people } });

    expect(flags).toHaveLength(180);
    expect(flags.every(({ message }) => message.endsWith('Please.'))).toBe(true);
    expect(broken).toEqual(rules.map(({ name }) => name));
  });

  test('reads each entry of another repeat once, not once for each entry that it judges', async () => {
    const rules = checker(lessThan(AGE, { fact: 'largest' }), 'Look.', [
      { name: 'largest', value: { max: 'fields/size' } },
    ]);
    let reads = 0;
    const fields = Array.from({ length: 500 }, () => ({
      get size() {
        reads += 1;
        return 200;
      },
    }));

    expect(await rules.check({ house: { people: Array.from({ length: 500 }, () => ({ age: 3 })) }, fields })).toEqual(
      [],
    );
    expect(reads).toBeLessThan(2_000);
  });

  test('may use an aggregate of the entries around it, which is computed once for each of them', async () => {
    const share = [{ name: 'share', value: { subtract: [{ sum: COST }, COST] } }];
    const both = [{ name: 'both', value: { add: [AGE, { sum: 'fields/size' }] } }];
    const visits = [{ cost: 1 }, { cost: 4 }];
    const people = [
      { age: 1, visits },
      { age: 2, visits: [{ cost: 1 }] },
      { age: 3, visits },
    ];

    expect(
      (await checker(lessThan('share', 4), '{share}', share).check({ house: { people } })).map(({ entry }) => entry),
    ).toEqual(['/house/people/0/visits/0', '/house/people/2/visits/0']);

    const rules = checker(lessThan('both', 99), '{both}', both);
    const plus = jest.spyOn(Big.prototype, 'plus');
    const fields = Array.from({ length: 90 }, () => ({ size: 1 }));
    const many = Array.from({ length: 90 }, (_, age) => ({ age }));
    expect(await rules.check({ fields, house: { people: many } })).toHaveLength(50);
    expect(plus.mock.calls.length).toBeLessThan(1_000);
    plus.mockRestore();
  });

  test('reads the entries of a repeat that many rules sum up once, not once for each rule', async () => {
    const rules = Array.from({ length: 100 }, (_, n) => ({
      name: `R${n}`,
      message: 'Look.',
      conditions: { fact: 'total', operator: 'greaterThan', value: n },
    }));
    const facts = [{ name: 'total', value: { sum: 'fields/size' } }];
    const form = compileRules(readDefinition({ form_id: 'a', title: 'A', questions, facts, rules }));
    let reads = 0;
    const field = {
      get size() {
        reads += 1;
        return 200;
      },
    };

    expect(await form.check({ fields: Array.from({ length: 500 }, () => field) })).toEqual([]);
    expect(reads).toBeLessThan(2_000);
  });

  test('may compare the number of an entry, and ask whether a question in it is answered', async () => {
    const rules = checker({
      any: [
        { fact: 'house/people', operator: 'notEqual', value: 1 },
        { fact: AGE, operator: 'answered' },
      ],
    });

    expect((await rules.check({ house: { people: [{}, {}] } })).map(({ entry }) => entry)).toEqual(['/house/people/0']);
    expect(await rules.check({ house: { people: [{ age: 1 }, {}] } })).toEqual([]);
  });

  test('does not apply to a response whose form version has no such repeat', async () => {
    const rules = checker({ fact: 'people', operator: 'greaterThan', value: 0 }, 'Look.', [
      { name: 'people', value: { count: 'house/people' } },
    ]);

    expect(await rules.check({})).toHaveLength(1);
    expect(await rules.check({}, { paths: new Set(['limit']) })).toEqual([]);
  });

  test('is unreadable if an answer in an entry has another type', async () => {
    const sum = [{ name: 'total', value: { sum: AGE } }];
    const people = [{ age: 3 }, { age: 'old' }];

    expect(await checker(lessThan(AGE, 2)).inspect({ house: { people } })).toMatchObject({
      flags: [{ entry: '/house/people/0' }],
      unreadable: [],
    });
    expect(await checker(lessThan('total', 2), 'Look.', sum).inspect({ house: { people } })).toEqual({
      flags: [],
      applied: [],
      broken: [],
      unreadable: ['R'],
    });
  });
});

describe('an aggregate', () => {
  const facts = [
    { name: 'people', value: { count: 'house/people' } },
    { name: 'with_age', value: { count: AGE } },
    { name: 'oldest', value: { max: AGE } },
    { name: 'youngest', value: { min: AGE } },
    { name: 'cost', value: { sum: COST } },
    { name: 'all_costs', value: { sum: 'cost' } },
    { name: 'share', value: { divide: ['cost', 'all_costs'] } },
  ];
  const shown = '{people} {with_age} {oldest} {youngest} {all_costs}';

  test('makes one value of the entries of a repeat', async () => {
    const rules = checker(lessThan('limit', 0), shown, facts);
    const people = [{ age: 3, visits: [{ cost: 2 }, { cost: 3 }] }, { visits: [{}] }, { age: 40 }];

    expect(await rules.check({ limit: 1, house: { people } })).toMatchObject([{ message: '3 2 40 3 5' }]);
    expect(await rules.check({ limit: 1 })).toMatchObject([{ message: '0 0 no answer no answer 0' }]);
  });

  test('of an inner repeat has a value for each entry of the outer one', async () => {
    const rules = checker(lessThan('share', 0.6), '{house/people}: {cost} of {all_costs}', facts);
    const people = [{ visits: [{ cost: 1 }] }, { visits: [{ cost: 1 }, { cost: 2 }] }];

    expect(await rules.check({ house: { people } })).toMatchObject([
      { entry: '/house/people/1', message: '2: 3 of 4' },
    ]);
  });

  test('adds its question to the flag of a rule, but no values', async () => {
    const [flag] = await checker(lessThan('oldest', 10), 'Look.', facts).check({ house: { people: [{ age: 11 }] } });

    expect(flag).toEqual({ rule: 'R', message: 'Look.', questions: [AGE], values: {} });
  });
});

describe('a rule is refused if it', () => {
  test.each([
    [
      'compares two repeats of which neither is inside the other',
      { all: [lessThan(AGE, 1), lessThan('fields/size', 1)] },
      'Look.',
      [],
      ['/rules/0/conditions'],
    ],
    [
      'shows a value of each entry in a message about the whole response',
      lessThan('limit', 1),
      '{fields/size}',
      [],
      ['/rules/0/message'],
    ],
    [
      'uses a fact of two repeats',
      lessThan('limit', 1),
      'Look.',
      [{ name: 'f', value: { add: [AGE, 'fields/size'] } }],
      ['/facts/0/value'],
    ],
    [
      'aggregates a question outside of repeats',
      lessThan('limit', 1),
      'Look.',
      [{ name: 'f', value: { sum: 'limit' } }],
      ['/facts/0/value'],
    ],
    ['names a question of a group without the group', lessThan('rooms', 1), 'Look.', [], ['/rules/0/conditions/fact']],
  ])('%s', (_what, conditions, message, facts, pointers) => {
    expect(refusals(conditions, message, facts)).toEqual(pointers);
  });

  test('needs too many comparisons for the largest response', () => {
    const rule = (n: number) => ({ name: `R${n}`, message: 'M', conditions: lessThan(AGE, n) });
    const rules = (count: number) => Array.from({ length: count }, (_, n) => rule(n));
    const ofRules = (count: number) =>
      parseFormDefinition({ form_id: 'a', title: 'A', questions, rules: rules(count) });

    expect(ofRules(30).ok).toBe(true);
    expect(ofRules(31)).toMatchObject({ errors: [{ pointer: '/rules' }] });
  });
});

test('a constraint flags under the name of its question, and only if the question is answered', async () => {
  const definition = readDefinition({
    form_id: 'a',
    title: 'A',
    questions: [
      { name: 'limit', type: 'integer', required: false },
      {
        name: 'people',
        key: 'Who lives here?',
        type: 'repeat',
        questions: [
          {
            ...number('age'),
            constraint: {
              message: '{Who lives here?/age} is too old.',
              conditions: { any: [lessThan('Who lives here?/age', 100), { fact: 'limit', operator: 'answered' }] },
            },
          },
        ],
      },
    ],
    rules: [{ name: 'Limit', message: 'M', conditions: lessThan('limit', 5) }],
  });
  const rules = compileRules(definition);

  expect(await rules.check({ limit: 9 })).toMatchObject([{ rule: 'Limit' }]);
  expect(await rules.check({ 'Who lives here?': [{ age: 3 }, {}, { age: 130 }] })).toMatchObject([
    { rule: 'people/age', message: '130 is too old.', entry: '/Who lives here?/2' },
  ]);
});

test('a constraint may compare metadata and show it in its message', async () => {
  const isBefore = { fact: 'built', operator: 'lessThan', value: { fact: 'submitted_time' } };
  const constraint = { message: '{username}: {built} is in the future.', conditions: isBefore };
  const built = { name: 'built', type: 'datetime', required: false, constraint };
  const rules = compileRules(readDefinition({ form_id: 'a', title: 'A', questions: [built] }));
  const about = { username: 'Amina', submitted_time: '2026-09-01T06:00:00Z' };

  expect(await rules.check(about)).toEqual([]);
  expect(await rules.check({ ...about, built: '2026-09-01T08:00:00+03:00' })).toEqual([]);
  expect(await rules.check({ ...about, built: '2026-09-01T07:00:00Z' })).toMatchObject([
    { rule: 'built', message: 'Amina: 2026-09-01T07:00:00Z is in the future.' },
  ]);
});

test('a constraint does not apply to a blank text', async () => {
  const isShort = { fact: 'name', operator: 'matches', value: '[a-z]+' };
  const name = { name: 'name', type: 'text', required: false, constraint: { message: 'M', conditions: isShort } };
  const rules = compileRules(readDefinition({ form_id: 'a', title: 'A', questions: [name] }));

  expect(await rules.check({ name: ' ' })).toEqual([]);
  expect(await rules.check({ name: 'A' })).toHaveLength(1);
});

test('rules over repeats agree with a plain loop', async () => {
  const age = fc.option(fc.nat(9), { nil: undefined });
  const visits = fc.array(fc.record({ cost: age }, { requiredKeys: [] }), { maxLength: 3 });
  const people = fc.array(fc.record({ age, visits }, { requiredKeys: [] }), { maxLength: 4 });
  const facts = [{ name: 'paid', value: { sum: COST } }];
  const rules = checker({ any: [lessThan(AGE, { fact: 'limit' }), { not: lessThan('paid', 7) }] }, 'Look.', facts);
  await fc.assert(
    fc.asyncProperty(people, age, async (list, limit) => {
      const response: Record<string, unknown> = JSON.parse(JSON.stringify({ limit, house: { people: list } }));
      const expected = list.flatMap((person, index) => {
        const paid = (person.visits ?? []).reduce((sum, { cost = 0 }) => sum + cost, 0);
        if (person.age === undefined || limit === undefined) return [];
        return person.age < limit || paid >= 7 ? [] : [`/house/people/${index}`];
      });
      expect((await rules.check(response)).map(({ entry }) => entry)).toEqual(expected);
    }),
  );
});
