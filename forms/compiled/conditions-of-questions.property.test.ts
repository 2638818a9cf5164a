/**
 * Compares the conditions of questions with an evaluator that shares no code with them, on random conditions and
 * answers: every kind of fact with every operator, and metadata.
 */
import * as fc from 'fast-check';
import { metadata } from '../../tests/support/responses.ts';
import { runs } from '../../tests/support/thorough.ts';
import { compileForm } from './compiled-form.ts';
import { readStoredForm } from '../definition/read-form.ts';

type Leaf = { fact: string; operator: string; value?: unknown };
type Sent = { all: Sent[] } | { any: Sent[] } | { not: Sent } | Leaf;
type Answers = Record<string, unknown>;

const NAMES = ['a', 'b', 'well', 'tap'];
const SOURCES = ['well', 'river', 'tap'];
const USES = ['cattle', 'garden'];
const number = fc.constantFrom(-1, '0', 0, 0.1, '0.30', 0.3, 2, '4.0');
const text = fc.constantFrom(...NAMES, '', ' ');
const source = fc.constantFrom(...SOURCES);
const uses = fc.constantFrom(...USES);
const date = fc.constantFrom('2026-01-31', '2026-02-01', '2026-10-01');
const timeOfDay = fc.constantFrom('00:00', '06:30', '06:30:00', '06:30:00.5', '18:05:09', '18:05:09.000');
const time = fc.constantFrom(
  '2026-01-01T00:00:00Z',
  '2026-01-01T03:00:00+03:00',
  '2025-12-31T19:00:00.500-05:00',
  '2026-01-01T00:00:00.5Z',
  '2026-01-02T00:00:00Z',
);

const QUESTIONS: Record<string, { question: object; answer: fc.Arbitrary<unknown> }> = {
  people: { question: { type: 'integer' }, answer: fc.integer({ min: 0, max: 4 }) },
  price: { question: { type: 'decimal' }, answer: number },
  fee: { question: { type: 'decimal' }, answer: number },
  notes: { question: { type: 'text' }, answer: text },
  source: { question: { type: 'select_one', options: SOURCES }, answer: source },
  opened: { question: { type: 'date' }, answer: date },
  closed: { question: { type: 'date' }, answer: date },
  built: { question: { type: 'datetime' }, answer: time },
  repaired: { question: { type: 'time' }, answer: time },
  opens_at: { question: { type: 'time_of_day' }, answer: timeOfDay },
  closes_at: { question: { type: 'time_of_day' }, answer: timeOfDay },
  works: { question: { type: 'boolean' }, answer: fc.boolean() },
  paid: { question: { type: 'boolean' }, answer: fc.boolean() },
  uses: { question: { type: 'select_multiple', options: USES }, answer: fc.subarray(USES) },
  place: { question: { type: 'geopoint' }, answer: fc.constant({ latitude: 1, longitude: 2 }) },
};
/** `total` is computed by the form, `cost` is a derived fact. Both are the sum of these questions. */
const SUMMED = ['price', 'fee'];
const sum = { add: SUMMED };

const PRESENCE = ['answered', 'notAnswered'];
const LISTS = ['equal', 'notEqual', 'in', 'notIn'];
const ORDER = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive', 'between'];
const ORDERED = [...LISTS, ...ORDER, ...PRESENCE];
type Kind = { facts: string[]; others: string[]; operators: string[]; constant: fc.Arbitrary<unknown> };
const numbers = ['people', 'price', 'fee', 'total', 'cost'];
const texts = ['notes', 'source', 'username'];
/** The facts of each kind, the facts with which they can be compared, and their operators as docs/forms.md lists them. */
const KINDS: Record<string, Kind> = {
  number: { facts: ['people', 'price', 'fee', 'total'], others: numbers, operators: ORDERED, constant: number },
  derived: { facts: ['cost'], others: numbers, operators: [...LISTS, ...ORDER], constant: number },
  text: { facts: ['notes'], others: texts, operators: [...LISTS, 'matches', ...PRESENCE], constant: text },
  username: { facts: ['username'], others: texts, operators: LISTS, constant: text },
  select_one: { facts: ['source'], others: texts, operators: [...LISTS, 'selected', ...PRESENCE], constant: source },
  date: { facts: ['opened', 'closed'], others: ['opened', 'closed'], operators: ORDERED, constant: date },
  time: {
    facts: ['built', 'repaired'],
    others: ['built', 'repaired', 'submitted_time'],
    operators: ORDERED,
    constant: time,
  },
  submitted_time: {
    facts: ['submitted_time'],
    others: ['built', 'repaired'],
    operators: [...LISTS, ...ORDER],
    constant: time,
  },
  time_of_day: {
    facts: ['opens_at', 'closes_at'],
    others: ['opens_at', 'closes_at'],
    operators: ORDERED,
    constant: timeOfDay,
  },
  boolean: {
    facts: ['works', 'paid'],
    others: ['works', 'paid'],
    operators: ['equal', 'notEqual', ...PRESENCE],
    constant: fc.boolean(),
  },
  select_multiple: { facts: ['uses'], others: [], operators: ['selected', ...PRESENCE], constant: uses },
  geopoint: { facts: ['place'], others: [], operators: PRESENCE, constant: fc.constant(0) },
};

const kindOf = (fact: string) => Object.keys(KINDS).find((name) => KINDS[name]?.facts.includes(fact)) ?? '';
const OPERATIONS = Object.entries(KINDS).flatMap(([kind, { operators }]) =>
  operators.map((operator) => ({ kind, operator })),
);
const leaf: fc.Arbitrary<Leaf> = fc
  .constantFrom(...OPERATIONS)
  .chain(({ kind, operator }) =>
    fc.constantFrom(...(KINDS[kind]?.facts ?? [])).map((fact): Leaf => ({ fact, operator })),
  )
  .chain(({ fact, operator }) => {
    const { others = [], constant = text } = KINDS[kindOf(fact)] ?? {};
    if (PRESENCE.includes(operator)) return fc.constant({ fact, operator });
    if (operator === 'matches') {
      return fc.constantFrom('[ab]', ' *', '.', 'a?', 'we.*').map((value) => ({ fact, operator, value }));
    }
    if (operator === 'selected') return constant.map((value) => ({ fact, operator, value }));
    if (operator === 'in' || operator === 'notIn') {
      return fc.array(constant, { minLength: 1, maxLength: 3 }).map((value) => ({ fact, operator, value }));
    }
    if (operator === 'between') {
      return fc
        .tuple(constant, constant)
        .map((bounds) => bounds.toSorted((a, b) => (rank(fact, a) < rank(fact, b) ? -1 : 1)))
        .map((value) => ({ fact, operator, value }));
    }
    const other = fc.constantFrom(...others.filter((name) => name !== fact)).map((name) => ({ fact: name }));
    return fc.oneof(constant, other).map((value) => ({ fact, operator, value }));
  });
const nested = fc.letrec<{ condition: Sent }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    { weight: 2, arbitrary: leaf },
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ),
})).condition;
const condition = fc
  .tuple(fc.constantFrom('all', 'any'), fc.array(leaf, { minLength: 1, maxLength: 4 }), nested)
  .map(([group, leaves, more]): Sent => (group === 'all' ? { all: [...leaves, more] } : { any: [...leaves, more] }));
const response = fc
  .tuple(
    fc.record(Object.fromEntries(Object.entries(QUESTIONS).map(([name, { answer }]) => [name, answer])), {
      requiredKeys: [],
    }),
    fc.record({ username: fc.constantFrom(...NAMES), submitted_time: time }),
  )
  .map(([answers, about]): Answers => ({ ...metadata(), ...answers, ...about }));
const responses = fc.array(response, { minLength: 8, maxLength: 8 });

test('an answer is required and relevant if an independent evaluator says so', () => {
  const tried = new Set<string>();
  fc.assert(
    fc.property(condition, responses, (conditions, sent) => {
      for (const { fact, operator } of leavesIn(conditions)) tried.add(`${kindOf(fact)} ${operator}`);
      const form = formWith([
        ...questions(),
        { name: 'needed', type: 'text', required: conditions },
        { name: 'asked', type: 'calculate', relevant: conditions, value: 7 },
      ]);
      const expected = sent.map((each) => holds(conditions, each));
      const faults = sent.map((each) => {
        const result = form.readSubmission(each);
        return result.ok ? [] : result.errors.map(({ pointer }) => pointer);
      });
      expect(faults).toEqual(expected.map((isRequired) => (isRequired ? ['/needed'] : [])));
      expect(sent.map((each) => 'asked' in read(form, { ...each, needed: 'yes' }))).toEqual(expected);
    }),
    { numRuns: 400 },
  );
  expect(tried.size).toBe(OPERATIONS.length);
});

test('a constraint flags what an independent evaluator of rules flags', async () => {
  const times = runs(400);
  let flagged = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(QUESTIONS)),
      condition,
      responses,
      async (name, conditions, sent) => {
        const constrained = questions({ [name]: { constraint: { message: 'Look.', conditions } } });
        const form = formWith(constrained);
        for (const each of sent) {
          const expected = isAnswered(each[name]) && isBroken(conditions, each);
          if (expected) flagged += 1;
          const flags = await form.rules.check(read(form, each));
          expect(flags.map(({ rule }) => rule)).toEqual(expected ? [name] : []);
        }
      },
    ),
    times,
  );
  expect(flagged).toBeGreaterThan(times.numRuns / 2);
});

function questions(more: Record<string, object> = {}): object[] {
  const all = Object.entries(QUESTIONS).map(([name, { question }]) => ({
    name,
    required: false,
    ...question,
    ...more[name],
  }));
  return [...all, { name: 'total', type: 'calculate', value: sum }];
}

function formWith(list: object[]) {
  const facts = [{ name: 'cost', value: sum }];
  const definition = { form_id: 'wells', title: 'Wells', questions: list, facts };
  return compileForm(readStoredForm({ form_id: 'wells', version: 1, definition }), 1);
}

function read(form: ReturnType<typeof formWith>, sent: Answers) {
  const result = form.readSubmission(sent);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.submission.response;
}

function leavesIn(root: Sent): Leaf[] {
  if ('all' in root) return root.all.flatMap(leavesIn);
  if ('any' in root) return root.any.flatMap(leavesIn);
  return 'not' in root ? leavesIn(root.not) : [root];
}

/** The logic of XLSForm: a comparison of a missing value is false, except `notEqual` and `notIn`. */
function holds(root: Sent, answers: Answers): boolean {
  if ('all' in root) return root.all.every((part) => holds(part, answers));
  if ('any' in root) return root.any.some((part) => holds(part, answers));
  if ('not' in root) return !holds(root.not, answers);
  return comparisonOf(root, answers) ?? (root.operator === 'notEqual' || root.operator === 'notIn');
}

/** A rule needs a value of each fact, except of questions that it compares by `answered` or `notAnswered`. */
function isBroken(root: Sent, answers: Answers): boolean {
  const leaves = leavesIn(root);
  const asked = new Set(leaves.filter(({ operator }) => PRESENCE.includes(operator)).map(({ fact }) => fact));
  const compared = leaves.flatMap(({ fact, value }) => (isOther(value) ? [fact, value.fact] : [fact]));
  const needed = compared.flatMap((fact) => (fact === 'cost' ? SUMMED : [fact])).filter((fact) => !asked.has(fact));
  return needed.every((fact) => valueOf(fact, answers) !== undefined) && truthOf(root, answers) === false;
}

/** Kleene's logic; undefined if unknown. */
function truthOf(root: Sent, answers: Answers): boolean | undefined {
  if ('all' in root) return every(root.all.map((part) => truthOf(part, answers)));
  if ('any' in root) return negate(every(root.any.map((part) => negate(truthOf(part, answers)))));
  if ('not' in root) return negate(truthOf(root.not, answers));
  return comparisonOf(root, answers);
}

function comparisonOf({ fact, operator, value }: Leaf, answers: Answers): boolean | undefined {
  const left = valueOf(fact, answers);
  if (PRESENCE.includes(operator)) return isAnswered(left) === (operator === 'answered');
  const right = isOther(value) ? valueOf(value.fact, answers) : value;
  if (left === undefined || right === undefined) return undefined;
  if (operator === 'matches') return typeof left === 'string' && new RegExp(`^(?:${String(value)})$`).test(left);
  if (Array.isArray(left)) return left.includes(right);
  const at = rank(fact, left);
  const ranks = (Array.isArray(right) ? right : [right]).map((each) => rank(fact, each));
  const [low = '', high = ''] = ranks;
  switch (operator) {
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
      return ranks.includes(at) === ['equal', 'selected', 'in'].includes(operator);
  }
}

function every(parts: (boolean | undefined)[]): boolean | undefined {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

function negate(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth;
}

function valueOf(fact: string, answers: Answers): unknown {
  if (fact !== 'cost' && fact !== 'total') return answers[fact];
  const terms = SUMMED.map((term) => answers[term]);
  return terms.includes(undefined) ? undefined : terms.reduce((total: number, each) => total + tenths(each), 0) / 10;
}

/** Blanks and empty lists are not answers. */
function isAnswered(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'string' ? value.trim() !== '' : value !== undefined;
}

/** The sort key of a fact's value. */
function rank(fact: string, value: unknown): string | number | boolean {
  const kind = kindOf(fact);
  if (kind === 'number' || kind === 'derived') return tenths(value);
  if (kind === 'time' || kind === 'submitted_time') return Date.parse(String(value));
  if (kind === 'time_of_day') return Date.parse(`2026-01-01T${String(value)}Z`);
  return typeof value === 'boolean' ? value : String(value);
}

function tenths(value: unknown): number {
  return Math.round(Number(value) * 10);
}

function isOther(value: unknown): value is { fact: string } {
  return typeof value === 'object' && value !== null && 'fact' in value;
}
