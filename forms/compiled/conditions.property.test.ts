/** Compares rules with an evaluator that shares no code with them, on random conditions and answers. */
import * as fc from 'fast-check';
import { compileRules } from './rules.ts';
import { readStoredForm } from '../definition/read-form.ts';

type Sent = { all: Sent[] } | { any: Sent[] } | { not: Sent } | { fact: string; operator: string; value?: unknown };
type Value = string | number | boolean | string[] | undefined;
type Responses = Record<string, Value>;

const SOURCES = ['well', 'river', 'tap'];
const USES = ['cattle', 'garden'];
const DATES = ['2026-01-31', '2026-02-01', '2026-10-01'];
const TEXTS = ['', ' ', 'a', 'b'];
/** The same instants in several spellings, in order. */
const TIMES = [
  ['2026-01-01T00:00:00Z', '2026-01-01T03:00:00+03:00'],
  ['2026-01-01T00:00:00.5Z', '2025-12-31T19:00:00.500-05:00'],
  ['2026-01-02T00:00:00Z', '2026-01-02T00:00:00.000+00:00'],
];

/** Random answers to each question. Several questions are numbers, times or texts, so facts can be compared. */
const ANSWERS: Record<string, fc.Arbitrary<string | number | boolean | string[]>> = {
  people: fc.integer({ min: 0, max: 4 }),
  price: fc.constantFrom(0, '0.1', 0.2, '0.30', 0.3, 4),
  fee: fc.constantFrom('-0.1', 0, 0.1, '0.2', 2),
  source: fc.constantFrom(...SOURCES),
  notes: fc.constantFrom(...TEXTS),
  built: fc.constantFrom(...TIMES.flat()),
  repaired: fc.constantFrom(...TIMES.flat()),
  works: fc.boolean(),
  uses: fc.subarray(USES),
  opened: fc.constantFrom(...DATES),
};
const KINDS: Record<string, string[]> = {
  number: ['people', 'price', 'fee', 'cost'],
  time: ['built', 'repaired'],
  text: ['source', 'notes'],
  boolean: ['works'],
  options: ['uses'],
  date: ['opened'],
};
const CONSTANTS: Record<string, fc.Arbitrary<string | number | boolean>> = {
  number: fc.constantFrom(-1, '0', 0.1, '0.30', 0.4, 2, '4.0'),
  time: fc.constantFrom(...TIMES.flat()),
  text: fc.constantFrom(...SOURCES, ...TEXTS),
  boolean: fc.boolean(),
  date: fc.constantFrom(...DATES),
};
const FORM = {
  form_id: 'water_points',
  title: 'Water points',
  questions: [
    { key: 'people', column: 'people', type: 'decimal' },
    { key: 'price', column: 'price', type: 'decimal' },
    { key: 'fee', column: 'fee', type: 'decimal' },
    { key: 'source', column: 'source', type: 'choice', options: SOURCES },
    { key: 'notes', column: 'notes', type: 'text' },
    { key: 'built', column: 'built_time', type: 'time' },
    { key: 'repaired', column: 'repaired_time', type: 'time' },
    { key: 'works', column: 'works', type: 'boolean' },
    { key: 'uses', column: 'uses', type: 'select_multiple', options: USES },
    { key: 'opened', column: 'opened', type: 'date' },
  ].map((question) => ({ ...question, required: false })),
  facts: [{ name: 'cost', add: ['price', 'fee'] }],
};

const ORDER = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];

function leavesOf(kind: string): fc.Arbitrary<Sent> {
  const facts = KINDS[kind] ?? [];
  const constant = CONSTANTS[kind] ?? fc.boolean();
  const isOrdered = kind === 'number' || kind === 'time' || kind === 'date';
  const fact = fc.constantFrom(...facts);
  const one = fc.record({
    fact,
    operator: fc.constantFrom('equal', 'notEqual', ...(isOrdered ? ORDER : [])),
    value: fc.oneof(constant, facts.length > 1 ? fc.record({ fact }) : constant),
  });
  const presence = fc.record({
    fact: fc.constantFrom(...facts.filter((name) => name !== 'cost')),
    operator: fc.constantFrom('answered', 'notAnswered'),
  });
  const list = fc.record({
    fact,
    operator: fc.constantFrom('in', 'notIn'),
    value: fc.array(constant, { minLength: 1, maxLength: 3 }),
  });
  const between = fc.record({ fact, operator: fc.constant('between'), value: fc.tuple(constant, constant) });
  const matches = fc.record({
    fact: fc.constant('notes'),
    operator: fc.constant('matches'),
    value: fc.constantFrom('[ab]', ' *', '.', 'a?'),
  });
  const selected = fc.record({
    fact: fc.constant('source'),
    operator: fc.constant('selected'),
    value: fc.constantFrom(...SOURCES),
  });
  const chosen = fc.record({ fact, operator: fc.constant('selected'), value: fc.constantFrom(...USES) });
  if (kind === 'options') return fc.oneof(presence, chosen);
  const leaf: fc.Arbitrary<Sent> = fc.oneof(
    one,
    presence,
    ...(kind === 'boolean' ? [] : [list]),
    ...(isOrdered ? [between] : []),
    ...(kind === 'text' ? [selected, matches] : []),
  );
  return leaf.filter(isAllowed);
}

/** Whether a form accepts the comparison: facts differ, constants are options, bounds are in order. */
function isAllowed(leaf: Sent): boolean {
  if (!('fact' in leaf)) return true;
  const { fact, operator, value } = leaf;
  if (isOther(value)) return value.fact !== fact;
  if (operator === 'between' && Array.isArray(value)) return rank(value[0]) <= rank(value[1]);
  const constants: unknown[] = Array.isArray(value) ? value : [value];
  return fact !== 'source' || value === undefined || constants.every((each) => SOURCES.includes(String(each)));
}

const condition = fc.letrec<{ condition: Sent }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.oneof(...Object.keys(KINDS).map(leavesOf)),
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ),
})).condition;

test('rules flag what an independent evaluator flags, for any conditions and answers', async () => {
  let flagged = 0;
  await fc.assert(
    fc.asyncProperty(
      condition,
      fc.array(fc.record(ANSWERS, { requiredKeys: [] }), { minLength: 8, maxLength: 8 }),
      async (conditions, responses) => {
        const rules = [{ name: 'R', message: 'Look.', conditions }];
        const definition = { ...FORM, rules };
        const checker = compileRules(readStoredForm({ form_id: FORM.form_id, version: 1, definition }));
        for (const answers of responses) {
          const expected = isBroken(conditions, answers);
          if (expected) flagged += 1;
          expect((await checker.check(answers)).length).toBe(expected ? 1 : 0);
        }
      },
    ),
    { numRuns: 500 },
  );
  expect(flagged).toBeGreaterThan(200);
});

function isBroken(root: Sent, answers: Responses): boolean {
  const leaves = leavesIn(root);
  const asked = new Set(leaves.filter(({ value }) => value === undefined).map(({ fact }) => fact));
  const compared = leaves.flatMap(({ fact, value }) => (isOther(value) ? [fact, value.fact] : [fact]));
  const needed = compared
    .map((fact) => (fact === 'cost' ? ['price', 'fee'] : [fact]))
    .flatMap((keys) => (keys.some((key) => asked.has(key)) ? keys.filter((key) => !asked.has(key)) : keys));
  return needed.every((key) => answers[key] !== undefined) && truthOf(root, answers) === false;
}

function leavesIn(root: Sent): { fact: string; operator: string; value?: unknown }[] {
  if ('all' in root) return root.all.flatMap(leavesIn);
  if ('any' in root) return root.any.flatMap(leavesIn);
  return 'not' in root ? leavesIn(root.not) : [root];
}

/** Undefined if unknown. */
function truthOf(root: Sent, answers: Responses): boolean | undefined {
  if ('all' in root) return every(root.all.map((part) => truthOf(part, answers)));
  if ('any' in root) return negate(every(root.any.map((part) => negate(truthOf(part, answers)))));
  if ('not' in root) return negate(truthOf(root.not, answers));
  const { fact, operator, value } = root;
  const left = valueOf(fact, answers);
  const isAnswered = left !== undefined && String(left).trim() !== '';
  if (value === undefined) return isAnswered === (operator === 'answered');
  if (operator === 'matches' && typeof value === 'string') {
    return left === undefined ? undefined : new RegExp(`^(?:${value})$`).test(String(left));
  }
  if (Array.isArray(left)) return left.some((use) => use === value);
  const right = isOther(value) ? valueOf(value.fact, answers) : value;
  if (left === undefined || right === undefined) return undefined;
  const rights = (Array.isArray(right) ? right : [right]).map(rank);
  const at = rank(left);
  const [low = 0, high = 0] = rights;
  switch (operator) {
    case 'equal':
    case 'selected':
      return at === low;
    case 'notEqual':
      return at !== low;
    case 'lessThan':
      return at < low;
    case 'lessThanInclusive':
      return at <= low;
    case 'greaterThan':
      return at > low;
    case 'greaterThanInclusive':
      return at >= low;
    case 'between':
      return low <= at && at <= high;
    default:
      return rights.includes(at) === (operator === 'in');
  }
}

function every(parts: (boolean | undefined)[]): boolean | undefined {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

function negate(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth;
}

/** The answer to a question, or the sum `cost`. */
function valueOf(fact: string, answers: Responses): Value {
  if (fact !== 'cost') return answers[fact];
  const { price, fee } = answers;
  return price === undefined || fee === undefined ? undefined : (rank(price) + rank(fee)) / 10;
}

/** A whole number with the order of the values: an amount in tenths, the position of a time, text or boolean. */
function rank(value: unknown): number {
  const time = TIMES.findIndex((spellings) => spellings.some((spelling) => spelling === value));
  if (time >= 0) return time;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const text = [...SOURCES, ...TEXTS, ...DATES].findIndex((each) => each === value);
  return text >= 0 ? text : Math.round(Number(value) * 10);
}

function isOther(value: unknown): value is { fact: string } {
  return typeof value === 'object' && value !== null && 'fact' in value;
}
