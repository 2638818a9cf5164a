import * as fc from 'fast-check';
import { MAX_FIGURE_BYTES, MAX_FLAGS_BYTES } from './flags.ts';
import { compileForm } from './compiled-form.ts';
import { householdFinances } from '../definition/household-finances.ts';
import { parseJson } from '../values/json.ts';
import { compileRules } from './rules.ts';
import {
  CABLE,
  EXPENDITURE,
  FOOD,
  formWithRule,
  FUEL,
  HEALTHCARE,
  INCOME,
  readDefinition,
  sampleDefinition,
  sampleResponse,
  SAVINGS,
} from '../../tests/support/form-samples.ts';

const household = compileRules(householdFinances);
const rulesOf = async (changes: Record<string, unknown>) =>
  (await household.check(sampleResponse(changes))).map(({ rule }) => rule);

describe('the rules of household_finances', () => {
  test('accept a household that meets both rules', async () => {
    expect(await household.check(sampleResponse())).toEqual([]);
  });

  test('flag an expenditure below the sum of its parts, with the figures as submitted', async () => {
    const flags = await household.check(sampleResponse({ [EXPENDITURE]: '500.00', [SAVINGS]: 0 }));
    expect(flags).toEqual([
      {
        rule: 'Rule1',
        message:
          'Monthly expenditure is 500.00, but food 800, cable 20, healthcare 0 and fuel 60.25 add up to 880.25. ' +
          'Expenditure includes all four, so it cannot be less. Ask about these five amounts again and correct the wrong one.',
        questions: [EXPENDITURE, FOOD, CABLE, HEALTHCARE, FUEL],
        values: { [EXPENDITURE]: '500.00', [FOOD]: '800', [CABLE]: 20, [HEALTHCARE]: '0', [FUEL]: 60.25 },
      },
    ]);
  });

  test('flag savings above income minus expenditure, even if that difference is below 0', async () => {
    const [flag] = await household.check(sampleResponse({ [INCOME]: 1000 }));
    expect(flag).toMatchObject({
      rule: 'Rule2',
      message:
        'Monthly savings are 500.00, but income 1000 less expenditure 2000.5 is -1000.5. ' +
        'Savings cannot be more than that, nor below 0. Ask about these three amounts again and correct the wrong one.',
      questions: [INCOME, SAVINGS, EXPENDITURE],
    });
  });

  test('flag a household that breaks both rules, in the order of the definition', async () => {
    expect(await rulesOf({ [SAVINGS]: -1, [EXPENDITURE]: 1 })).toEqual(['Rule1', 'Rule2']);
  });

  test.each([
    ['0.1 and 0.2 add up to 0.3', { [EXPENDITURE]: 0.3, [FOOD]: 0.1, [CABLE]: '0.2', [HEALTHCARE]: 0, [FUEL]: 0 }],
    [
      'savings equal income minus expenditure',
      { [INCOME]: '0.3', [EXPENDITURE]: '0.1', [SAVINGS]: 0.2, [FOOD]: '0.10', [CABLE]: 0, [FUEL]: 0 },
    ],
    ['nothing is saved', { [SAVINGS]: '-0' }],
    ['all amounts are 0', { [INCOME]: 0, [SAVINGS]: 0, [EXPENDITURE]: 0, [FOOD]: 0, [CABLE]: 0, [FUEL]: 0 }],
    [
      'amounts have fifteen digits',
      {
        [INCOME]: '99999999999.9999',
        [EXPENDITURE]: '0.0001',
        [SAVINGS]: '99999999999.9998',
        [FOOD]: 0,
        [CABLE]: 0,
        [FUEL]: 0,
      },
    ],
  ])('allow the boundary if %s', async (_what, changes) => {
    expect(await rulesOf(changes)).toEqual([]);
  });

  test.each([
    [{ [EXPENDITURE]: '0.2999', [FOOD]: 0.1, [CABLE]: '0.2', [HEALTHCARE]: 0, [FUEL]: 0, [SAVINGS]: 0 }, ['Rule1']],
    [{ [SAVINGS]: '-0.0001' }, ['Rule2']],
    [{ [INCOME]: '99999999999.9999', [SAVINGS]: '97999999999.9999', [EXPENDITURE]: '2000000000.0001' }, ['Rule2']],
  ])('flag the smallest step beyond a boundary', async (changes, rules) => {
    expect(await rulesOf(changes)).toEqual(rules);
  });

  test('agree with whole-number arithmetic on any amounts', async () => {
    const amount = fc.tuple(fc.integer({ min: -30, max: 300 }), fc.integer({ min: 0, max: 4 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(amount, { minLength: 7, maxLength: 7 }), async (amounts) => {
        const keys = [INCOME, SAVINGS, EXPENDITURE, FOOD, CABLE, HEALTHCARE, FUEL];
        const changes = Object.fromEntries(keys.map((key, index) => [key, asAmount(amounts[index] ?? [0, 0, false])]));
        const scaled = amounts.map(([units, decimals]) => BigInt(units) * 10n ** BigInt(4 - decimals));
        const [income = 0n, savings = 0n, expenditure = 0n, ...parts] = scaled;
        const expected = [
          ...(expenditure >= parts.reduce((sum, part) => sum + part, 0n) ? [] : ['Rule1']),
          ...(income - expenditure >= savings && savings >= 0n ? [] : ['Rule2']),
        ];
        expect(await rulesOf(changes)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('are correct while a hundred checks overlap', async () => {
    const changes = Array.from({ length: 100 }, (_, n) => ({
      [SAVINGS]: n % 3 === 0 ? -n - 1 : 1,
      [EXPENDITURE]: n % 2 === 0 ? 1 : 2000,
    }));
    const expected = changes.map((_, n) => [...(n % 2 === 0 ? ['Rule1'] : []), ...(n % 3 === 0 ? ['Rule2'] : [])]);
    expect(await Promise.all(changes.map(rulesOf))).toEqual(expected);
  });

  test('check a response from JSON and write figures as sent', async () => {
    const sent = parseJson(JSON.stringify(sampleResponse({ [SAVINGS]: '@' })).replace('"@"', '1000.50'));
    const result = sent.ok && compileForm(householdFinances, 1).readSubmission(sent.value);
    const flags = result && result.ok ? await household.check(result.submission.response) : [];
    expect(flags.map(({ values }) => values[SAVINGS])).toEqual([1000.5]);
  });
});

const compare = (fact: string, operator: string, value: unknown) => ({ fact, operator, value });

describe('a rule', () => {
  const answers = {
    people: 30,
    price: '1.50',
    fee: 2,
    source: 'well',
    notes: 'a\nb',
    works: true,
    built: '2026-01-01T01:00:00+01:00',
    repaired: '2026-01-01T00:00:00Z',
  };
  const flags = async (conditions: unknown, changes: Record<string, unknown> = {}) =>
    (await compileRules(formWithRule(conditions)).check({ ...answers, ...changes })).length;

  test.each([
    [compare('price', 'equal', 1.5), compare('price', 'notEqual', '1.5000')],
    [compare('price', 'lessThan', { fact: 'fee' }), compare('fee', 'lessThanInclusive', { fact: 'price' })],
    [compare('cost', 'equal', '3.50'), compare('cost', 'greaterThan', 3.5)],
    [compare('margin', 'greaterThanInclusive', 26.5), compare('margin', 'lessThan', 26.5)],
    [compare('people', 'in', ['7', 30]), compare('people', 'notIn', [30])],
    [compare('people', 'greaterThan', 29.5), compare('people', 'in', [3])],
    [compare('price', 'between', [1, '1.50']), compare('price', 'between', ['1.5001', 2])],
    [
      compare('built', 'between', ['2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z']),
      compare('built', 'between', ['2026-01-01T00:00:01Z', '2027-01-01T00:00:00Z']),
    ],
    [compare('source', 'selected', 'well'), compare('source', 'selected', 'tap')],
    [compare('notes', 'matches', 'a\\n[a-z]'), compare('notes', 'matches', '[a-z]')],
    [
      { fact: 'notes', operator: 'answered' },
      { fact: 'notes', operator: 'notAnswered' },
    ],
    [compare('source', 'in', ['tap', 'well']), compare('source', 'equal', 'tap')],
    [compare('source', 'notIn', ['tap']), compare('source', 'notEqual', 'well')],
    [compare('notes', 'equal', 'a\nb'), compare('notes', 'equal', { fact: 'source' })],
    [compare('works', 'equal', true), compare('works', 'notEqual', true)],
    [compare('built', 'equal', { fact: 'repaired' }), compare('built', 'lessThan', { fact: 'repaired' })],
    [
      compare('built', 'greaterThan', '2025-12-31T23:59:59.999999999Z'),
      compare('built', 'in', ['2026-01-01T01:00:00Z']),
    ],
    [compare('built', 'in', ['2026-01-01T00:00:00.0Z']), compare('built', 'notEqual', '2025-12-31T23:00:00-01:00')],
  ])('accepts %j and flags a response that breaks %j', async (kept, broken) => {
    expect(await flags(kept)).toBe(0);
    expect(await flags(broken)).toBe(1);
    expect(await flags({ not: broken })).toBe(0);
    expect(await flags({ any: [broken, { all: [kept, { not: { any: [broken] } }] }] })).toBe(0);
    expect(await flags({ all: [kept, broken] })).toBe(1);
  });

  test.each([{ fee: undefined }, { fee: null }, { fee: 'much' }, { fee: true }, { price: '1e2' }])(
    'does not apply if an answer that its facts need is %j',
    async (changes) => {
      expect(await flags(compare('margin', 'lessThan', 0), changes)).toBe(0);
      expect(await flags({ not: compare('cost', 'lessThan', 100) }, changes)).toBe(0);
      expect(await flags({ any: [compare('people', 'lessThan', 1), compare('cost', 'lessThan', 0)] }, changes)).toBe(0);
    },
  );

  const answered = (fact: string) => ({ fact, operator: 'answered' });
  const notAnswered = (fact: string) => ({ fact, operator: 'notAnswered' });

  test('can require an answer that depends on another answer', async () => {
    const noteIfBroken = { any: [compare('works', 'equal', true), answered('notes')] };
    expect(await flags(noteIfBroken, { works: false })).toBe(0);
    expect(await flags(noteIfBroken, { works: false, notes: undefined })).toBe(1);
    expect(await flags(noteIfBroken, { works: false, notes: ' \n' })).toBe(1);
    expect(await flags(noteIfBroken, { works: undefined, notes: undefined })).toBe(0);
  });

  test('that asks whether a question is answered treats comparisons of a missing answer as unknown', async () => {
    const costIsLow = compare('cost', 'lessThan', 1);
    expect(await flags({ any: [notAnswered('fee'), costIsLow] }, { fee: null })).toBe(0);
    expect(await flags({ any: [notAnswered('fee'), costIsLow] })).toBe(1);
    expect(await flags({ all: [{ any: [answered('fee'), notAnswered('fee')] }, costIsLow] }, { fee: null })).toBe(0);
    expect(await flags({ all: [answered('fee'), costIsLow] }, { fee: null })).toBe(1);
    expect(await flags({ not: { all: [notAnswered('fee'), { not: costIsLow }] } }, { fee: null })).toBe(0);
    expect(await flags({ any: [answered('fee'), costIsLow] }, { fee: null, price: null })).toBe(0);
  });

  test('does not treat a stored answer of another type as a missing answer', async () => {
    const rules = compileRules(formWithRule(answered('fee')));
    expect(await rules.inspect({ fee: 'much' })).toEqual({ flags: [], applied: [], broken: [], unreadable: ['Test'] });
    expect(await rules.inspect({ fee: null })).toMatchObject({ flags: [{ rule: 'Test' }], unreadable: [] });
  });

  test('does not apply to a response whose form version lacks a question of the rule', async () => {
    const rules = compileRules(formWithRule(answered('fee')));
    expect(await rules.check({}, { paths: new Set(['price']) })).toEqual([]);
    expect(await rules.check({}, { paths: new Set(['price', 'fee']) })).toHaveLength(1);
  });

  test('names the questions of its derived facts, in the order of the form', async () => {
    const [flag] = await compileRules(formWithRule(compare('margin', 'lessThan', { fact: 'people' }))).check({
      ...answers,
      fee: -2,
    });
    expect(flag?.questions).toEqual(['people', 'price', 'fee']);
    expect(flag?.values).toEqual({ people: 30, price: '1.50', fee: -2 });
  });

  test('writes figures as plain decimals, and says "no answer" for an unanswered question that only its message names', async () => {
    const message = '{cost} {price} {notes} {built} $& $1';
    const rules = compileRules(formWithRule(compare('price', 'lessThan', 0), message));
    const [flag] = await rules.check({ price: '0.0001', notes: '{price} $&' });
    expect(flag?.message).toBe('no answer 0.0001 {price} $& no answer $& $1');
    const [plain] = await rules.check({ ...answers, price: '0.0001', fee: '-0.0002' });
    expect(plain?.message).toBe('-0.0001 0.0001 a\nb 2026-01-01T01:00:00+01:00 $& $1');
  });

  test('writes all digits of sums with more than fifteen digits', async () => {
    const [flag] = await compileRules(formWithRule(compare('cost', 'lessThan', 0), '{cost}')).check({
      price: '999999999999999',
      fee: '99999999999.9999',
    });
    expect(flag?.message).toBe('1000099999999998.9999');
  });

  test('cuts a long answer in a message, never inside a character', async () => {
    const rules = compileRules(formWithRule(compare('price', 'lessThan', 0), '{notes} and {price}'));
    const [flag] = await rules.check({ price: 1, notes: '🏠'.repeat(1_250) });
    expect(flag?.message).toMatch(/^(🏠)+… and 1$/u);
    expect(Buffer.byteLength(flag?.message ?? '')).toBeLessThanOrEqual(MAX_FIGURE_BYTES + ' and 1'.length);
  });

  test('has flags that fit a message of the queue and of the topic, even for the largest possible form', async () => {
    const keys = Array.from({ length: 40 }, (_, n) => `${n}`.padEnd(200, '"'));
    const [first = ''] = keys;
    const any = keys.slice(1, 11).map((key) => compare(first, 'equal', { fact: key }));
    const rules = compileRules(
      readDefinition({
        form_id: 'a',
        title: 'A',
        questions: keys.map((key, n) => ({ key, column: `c${n}`, type: 'text', max_length: 5_000 })),
        rules: Array.from({ length: 100 }, (_, n) => ({
          name: `${n} ${'😀'.repeat(90)}`,
          message: `{${first}}`.repeat(4),
          conditions: { any },
        })),
      }),
    );
    const flags = await rules.check(Object.fromEntries(keys.map((key, n) => [key, `${n}`.padEnd(5_000, '\n')])));
    expect(flags.map(({ rule }) => Number.parseInt(rule, 10))).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(Buffer.byteLength(JSON.stringify(flags))).toBeLessThanOrEqual(MAX_FLAGS_BYTES);
  });

  test('reads nothing from a prototype', async () => {
    const questions = [{ key: 'toString', column: 'a', type: 'text', required: false }];
    const rule = { name: 'R', message: '{toString}', conditions: compare('toString', 'equal', 'x') };
    const rules = compileRules(readDefinition({ form_id: 'a', title: 'A', questions, rules: [rule] }));
    expect(await rules.check({})).toEqual([]);
    expect(await rules.check(Object.create({ toString: 'y' }))).toEqual([]);
    expect(await rules.check({ toString: 'y' })).toEqual([
      { rule: 'R', message: 'y', questions: ['toString'], values: { toString: 'y' } },
    ]);
  });
});

test('a form without rules flags nothing', async () => {
  expect(await compileRules(readDefinition(sampleDefinition({ rules: [] }))).check({})).toEqual([]);
});

test('the flags of a hundred rules are in the order of the definition', async () => {
  const rules = Array.from({ length: 100 }, (_, n) => ({
    name: `${100 - n}`,
    message: 'Look.',
    conditions: { fact: 'price', operator: 'lessThan', value: n },
  }));
  const flags = await compileRules(readDefinition(sampleDefinition({ rules }))).check({ price: 49.5 });
  expect(flags.map(({ rule }) => rule)).toEqual(rules.slice(0, 50).map(({ name }) => name));
});

function asAmount([units, decimals, asText]: [number, number, boolean]): string | number {
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const text = `${units < 0 ? '-' : ''}${digits.slice(0, point)}${decimals > 0 ? `.${digits.slice(point)}` : ''}`;
  return asText ? text : Number(text);
}

test('the largest form is prepared in less than four seconds', async () => {
  const questions = Array.from({ length: 1_900 }, (_, n) => ({ name: `q${n}`, type: 'integer', required: false }));
  const sums = Array.from({ length: 19 }, (_, f) => ({
    name: `f${f}`,
    add: Array.from({ length: 99 }, (__, n) => `q${f * 99 + n}`),
  }));
  const rules = Array.from({ length: 200 }, (_, n) => ({
    name: `R${n}`,
    message: 'M',
    conditions: {
      any: [
        { fact: 'q0', operator: 'answered' },
        { fact: 'top', operator: 'lessThan', value: n },
      ],
    },
  }));
  const facts = [...sums, { name: 'top', add: sums.map(({ name }) => name) }];
  const definition = readDefinition({ form_id: 'large', title: 'Large', questions, facts, rules });

  const start = performance.now();
  const checker = compileRules(definition);

  // Without a cache of each fact's sources, this took 20 seconds.
  expect(performance.now() - start).toBeLessThan(4_000);
  expect(await checker.check({})).toEqual([]);
});
