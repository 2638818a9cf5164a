import * as fc from 'fast-check';
import { formWithRule, pointersOf, readDefinition, sampleDefinition } from '../../tests/support/form-samples.ts';
import { JsonNumber } from '../values/json.ts';
import { parseFormDefinition } from '../definition/read-form.ts';
import { compileRules } from '../compiled/rules.ts';

const NOW = Date.parse('2026-09-10T12:00:00.5Z');
const ANSWERS = {
  submitted_time: '2026-09-01T06:00:00Z',
  username: 'amina',
  people: 30,
  price: '1.50',
  fee: 4,
  notes: '🏠 ab',
  uses: ['garden', 'drinking'],
  opened: '2026-09-01',
  built: '2026-09-08T12:00:00.500000001Z',
  repaired: '2026-09-08T15:00:00.5+03:00',
};

/** A form with a rule that every response breaks. The rule's message is the value of a fact. */
function formWithFact(value: unknown, ...earlier: unknown[]): object {
  const rules = [
    { name: 'Shown', message: '{shown}', conditions: { fact: 'answer_count', operator: 'equal', value: 0 } },
  ];
  const facts = [...earlier, { name: 'shown', value }, { name: 'answer_count', value: { multiply: [1, 1] } }];
  return sampleDefinition({ facts, rules });
}

/** The value of an expression as a message shows it. */
async function show(value: unknown, changes: Record<string, unknown> = {}, ...earlier: unknown[]): Promise<string> {
  const checker = compileRules(readDefinition(formWithFact(value, ...earlier)));
  const [flag] = await checker.check({ ...ANSWERS, ...changes }, { now: NOW });
  return flag?.message ?? 'not flagged';
}

describe('an expression', () => {
  test.each([
    ['people', '30'],
    [12.5, '12.5'],
    [new JsonNumber('12.50'), '12.5'],
    [{ add: ['people', 'price', 0.1] }, '31.6'],
    [{ subtract: ['price', 'people'] }, '-28.5'],
    [{ multiply: ['price', 'price', { add: ['fee', 1] }] }, '11.25'],
    [{ divide: ['people', 'fee'] }, '7.5'],
    [{ divide: [2, 3] }, '0.6666666667'],
    [{ divide: [-2, 3] }, '-0.6666666667'],
    [{ divide: [{ divide: [1, 100_000] }, 200_000] }, '0'],
    [{ divide: [{ divide: [3, 100_000] }, 200_000] }, '0.0000000002'],
    [{ length: 'notes' }, '4'],
    [{ length: 'uses' }, '2'],
    [{ days_between: ['opened', { now: {} }] }, '9'],
    [{ days_between: ['submitted_time', 'opened'] }, '-1'],
    [{ days_between: ['repaired', { now: {} }] }, '2'],
    [{ days_between: ['built', { now: {} }] }, '1'],
    [{ days_between: [{ now: {} }, 'repaired'] }, '-2'],
    [{ days_between: [{ now: {} }, 'built'] }, '-2'],
    [{ days_between: ['submitted_time', 'repaired'] }, '7'],
    [{ years_between: ['opened', { now: {} }] }, '0'],
    [{ years_between: [{ now: {} }, 'opened'] }, '-1'],
    [{ years_between: ['built', 'submitted_time'] }, '-1'],
    [{ now: {} }, '2026-09-10T12:00:00.5Z'],
    ['submitted_time', '2026-09-01T06:00:00Z'],
    ['username', 'amina'],
  ])('%j is %s', async (expression, value) => {
    expect(await show(expression)).toBe(value);
  });

  test.each([
    ['2008-09-10', '18'],
    ['2008-09-11', '17'],
    ['2024-02-29', '2'],
    ['2025-12-31', '0'],
  ])('years_between counts birthdays: from %s to 2026-09-10 it is %s', async (opened, years) => {
    expect(await show({ years_between: ['opened', { now: {} }] }, { opened })).toBe(years);
  });

  test.each([
    ['2025-02-28T23:59:59Z', '0'],
    ['2025-03-01T00:00:00Z', '1'],
    ['2028-02-28T23:00:00Z', '3'],
    ['2028-02-29T00:00:00Z', '4'],
  ])('years_between from 2024-02-29 to %s is %s', async (built, years) => {
    expect(await show({ years_between: ['opened', 'built'] }, { opened: '2024-02-29', built })).toBe(years);
  });

  test.each([
    ['drinking', '1'],
    ['', '0'],
    [[], '0'],
  ])(
    'length counts options, even in the answer %j, stored when the question took one option: %s',
    async (uses, count) => {
      expect(await show({ length: 'uses' }, { uses })).toBe(count);
    },
  );

  test.each([
    [{ divide: ['people', { subtract: ['fee', 4] }] }, {}],
    [{ divide: ['people', 'fee'] }, { fee: null }],
    [{ days_between: ['built', { now: {} }] }, { built: undefined }],
    [{ length: 'notes' }, { notes: 5 }],
  ])('%j has no value for the answers %j', async (expression, changes) => {
    expect(await show(expression, changes)).toBe('no answer');
  });

  test('without a value keeps a rule from applying, even if its other comparisons are false', async () => {
    const conditions = {
      all: [
        { fact: 'share', operator: 'lessThan', value: 1 },
        { fact: 'people', operator: 'lessThan', value: 1 },
      ],
    };
    const rules = [{ name: 'R', message: '{share}', conditions }];
    const facts = [{ name: 'share', value: { divide: ['price', 'fee'] } }];
    const checker = compileRules(readDefinition(sampleDefinition({ facts, rules })));

    expect(await checker.check({ ...ANSWERS, fee: 0 })).toEqual([]);
    expect(await checker.check(ANSWERS)).toMatchObject([{ message: '0.375', questions: ['people', 'price', 'fee'] }]);
  });

  test('can be used in other facts, and compared with them', async () => {
    const half = { name: 'half', value: { divide: ['people', 2] } };
    const cost = { name: 'cost', add: ['price', 'half'] };

    expect(await show({ add: ['half', 'cost'] }, {}, half, cost)).toBe('31.5');
  });

  test('of too many digits has no value', async () => {
    const digits = { name: 'digits', value: { multiply: [999_999_999_999_999, 999_999_999_999_999] } };

    expect(await show({ multiply: ['digits', 1_000_000_000] }, {}, digits)).toHaveLength(39);
    expect(await show({ multiply: ['digits', 'digits'] }, {}, digits)).toBe('no answer');
    expect(await show({ multiply: Array.from({ length: 99 }, () => 10) })).toBe('no answer');
    expect(await show({ multiply: Array.from({ length: 99 }, () => 0.1) })).toBe('no answer');
  });

  test('with the operator now is the time of the server’s clock, which a rule can compare', async () => {
    const conditions = { fact: 'built', operator: 'lessThanInclusive', value: { fact: 'today' } };
    const rules = [{ name: 'R', message: '{today}', conditions }];
    const form = sampleDefinition({ facts: [{ name: 'today', value: { now: {} } }], rules });
    const checker = compileRules(readDefinition(form));

    expect(await checker.check({ built: '2026-09-10T12:00:00.5Z' }, { now: NOW })).toEqual([]);
    expect(await checker.check({ built: '2026-09-10T12:00:00.6Z' }, { now: NOW })).toHaveLength(1);
    expect(await checker.check({ built: new Date(Date.now() - 60_000).toISOString() })).toEqual([]);
    expect(await checker.check({ built: new Date(Date.now() + 60_000).toISOString() })).toHaveLength(1);
  });

  test('is refused with a pointer to what is wrong', () => {
    const pointers = (value: unknown, ...more: object[]) =>
      pointersOf(parseFormDefinition(formWithFact(value, ...more))).map((pointer) =>
        pointer.replace(/^\/facts\/\d+\/value/, ''),
      );

    expect(pointers(true)).toEqual(['']);
    expect(pointers(null)).toEqual(['']);
    expect(pointers({})).toEqual(['']);
    expect(pointers({ power: [2, 3] })).toEqual(['']);
    expect(pointers({ constructor: [2, 3] })).toEqual(['']);
    expect(pointers({ add: [1], subtract: [1, 2] })).toEqual(['']);
    expect(pointers({ add: ['rice', 'shown', 'price'] })).toEqual(['/add/0', '/add/1']);
    expect(pointers({ add: ['source', { now: {} }] })).toEqual(['/add/0', '/add/1']);
    expect(pointers({ add: [] })).toEqual(['/add']);
    expect(pointers({ subtract: [1, 2, 3] })).toEqual(['/subtract']);
    expect(pointers({ divide: 'price' })).toEqual(['/divide']);
    expect(pointers({ length: 'price' })).toEqual(['/length']);
    expect(pointers({ length: ['notes'] })).toEqual(['/length']);
    expect(pointers({ now: [] })).toEqual(['/now']);
    expect(pointers({ days_between: ['built', 'price'] })).toEqual(['/days_between/1']);
    expect(pointers({ years_between: ['notes', 'built'] })).toEqual(['/years_between/0']);
    expect(pointers({ add: [1e21, 1, new JsonNumber('1e2')] })).toEqual(['/add/0', '/add/2']);
    expect(pointers({ add: Array.from({ length: 101 }, () => 1) })).toEqual(['/add']);
    expect(pointers({ add: [{ add: Array.from({ length: 99 }, () => 1) }, 1, 1] })).toEqual(['']);
    expect(pointers({ add: Array.from({ length: 9 }, () => ({ divide: [1, 2] })) })).toEqual(['']);
    const nested = (levels: number): unknown => ({ add: [levels === 1 ? 1 : nested(levels - 1)] });
    expect(pointers(nested(5))).toEqual([]);
    expect(pointers(nested(6))).toEqual(['/add/0/add/0/add/0/add/0/add/0']);
  });

  test('is refused in a fact that has add or subtract too, or that has the name of metadata', () => {
    const facts = [
      { name: 'a', value: 1, add: ['price'] },
      { name: 'submitted_time', value: 1 },
    ];
    expect(pointersOf(parseFormDefinition(sampleDefinition({ facts, rules: [] })))).toEqual([
      '/facts/0/add',
      '/facts/1/name',
    ]);
  });

  test('is stored as it was sent', () => {
    const value = { divide: [{ add: ['price', 1] }, { length: 'notes' }] };
    const form = readDefinition(sampleDefinition({ facts: [{ name: 'a', value }], rules: [] }));

    expect(form.facts).toEqual([{ name: 'a', add: [], subtract: [], value }]);
    expect(readDefinition(JSON.parse(JSON.stringify(form)))).toEqual(form);
  });
});

test('a derived fact that an earlier release stored under the name of metadata keeps its meaning', async () => {
  const definition = formWithRule({ fact: 'price', operator: 'greaterThan', value: 0 }, '{username}');
  const facts = [{ name: 'username', add: ['price', 'fee'], subtract: [] }];
  const [flag] = await compileRules({ ...definition, facts }).check({ username: 'amina', price: -2, fee: 1 });

  expect(flag?.message).toBe('-1');
});

type Sum = string | number | { add: Sum[] } | { subtract: Sum[] } | { multiply: Sum[] } | { divide: Sum[] };

test('an expression has the value that whole-number arithmetic gives, rounded half to even', async () => {
  const { sum } = fc.letrec<{ sum: Sum }>((tie) => ({
    sum: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      fc.constantFrom('people', 'price', 'fee'),
      fc.integer({ min: -9, max: 9 }),
      fc.constantFrom(0.5, 0.25, 1.0625),
      fc.record({ add: fc.array(tie('sum'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ subtract: fc.array(tie('sum'), { minLength: 2, maxLength: 2 }) }),
      fc.record({ multiply: fc.array(tie('sum'), { minLength: 2, maxLength: 2 }) }),
      fc.record({ divide: fc.array(tie('sum'), { minLength: 2, maxLength: 2 }) }),
    ),
  }));
  const amount = fc.integer({ min: -400, max: 400 }).map((n) => n / 8);
  const answers = fc.record(
    { people: fc.integer({ min: 0, max: 500 }), price: amount, fee: amount },
    { requiredKeys: ['people', 'price'] },
  );
  await fc.assert(
    fc.asyncProperty(sum, answers, async (expression, given) => {
      const exact = exactly(expression, given);
      const changes = { fee: undefined, ...given };
      expect(await show(expression, changes)).toBe(exact === undefined ? 'no answer' : written(exact));
    }),
    { numRuns: 500 },
  );
});

/** A decimal: `digits` / 10 ** `places`. */
type Decimal = { digits: bigint; places: number };

function exactly(expression: Sum, answers: Record<string, number>): Decimal | undefined {
  if (typeof expression === 'string') {
    const answer = answers[expression];
    return answer === undefined ? undefined : toDecimal(answer);
  }
  if (typeof expression === 'number') return toDecimal(expression);
  const [[operator, parts] = ['', []]] = Object.entries(expression);
  const [first, ...rest] = parts.map((part) => exactly(part, answers));
  if (first === undefined || rest.includes(undefined)) return undefined;
  return rest.reduce((left, right) => left && right && combine(operator, left, right), first);
}

function combine(operator: string, left: Decimal, right: Decimal): Decimal | undefined {
  const places = Math.max(left.places, right.places);
  const [a, b] = [scaled(left, places), scaled(right, places)];
  if (operator === 'add') return { digits: a + b, places };
  if (operator === 'subtract') return { digits: a - b, places };
  if (operator === 'multiply') return { digits: left.digits * right.digits, places: left.places + right.places };
  if (b === 0n) return undefined;
  const isNegative = a < 0n !== b < 0n;
  const [dividend, divisor] = [magnitude(a) * 10n ** 10n, magnitude(b)];
  const twice = 2n * (dividend % divisor);
  let digits = dividend / divisor;
  if (twice > divisor || (twice === divisor && digits % 2n === 1n)) digits += 1n;
  return { digits: isNegative ? -digits : digits, places: 10 };
}

function toDecimal(number: number): Decimal {
  const places = 4;
  return { digits: BigInt(Math.round(number * 10 ** places)), places };
}

function scaled({ digits, places }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - places);
}

function magnitude(number: bigint): bigint {
  return number < 0n ? -number : number;
}

function written({ digits, places }: Decimal): string {
  const text = String(magnitude(digits)).padStart(places + 1, '0');
  const fraction = text.slice(text.length - places).replace(/0+$/, '');
  const sign = digits < 0n ? '-' : '';
  return `${sign}${text.slice(0, text.length - places)}${fraction === '' ? '' : `.${fraction}`}`;
}
