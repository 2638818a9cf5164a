/**
 * Compares the soft checks of generated forms, evaluated by JavaRosa, with the server's own judging, on random rules and
 * answers near their boundaries.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { compileRules } from '../../forms/compiled/rules.ts';
import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import { parseFormDefinition } from '../../forms/definition/read-form.ts';
import { generateXform } from '../../forms/xforms/generate/generate-xform.ts';
import { plainInstanceOf } from '../../forms/xforms/instance-nodes.ts';
import { instanceOf, type InstanceNode } from '../../forms/xforms/instance.ts';
import { softChecksOf, uncheckedRules } from '../../forms/xforms/generate/soft-checks.ts';
import { describeWithBatch, fillBatch, type Filled } from '../support/phone-batch.ts';

type Sent = { all: Sent[] } | { any: Sent[] } | { not: Sent } | { fact: string; operator: string; value?: unknown };
type Household = Record<string, unknown> & { people: Record<string, unknown>[] };

/** Each run has another seed, which a failure prints. */
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** The number of random forms. Each takes ten seconds. */
const FORMS = Number(process.env['RANDOM_FORMS'] ?? 1);
const RULES = 60;
const HOUSEHOLDS = 40;

/** A time zone that is far from UTC. */
const TIME_ZONE = 'America/Bogota';

const AMOUNTS = ['0', '0.1', '0.2', '0.3', '0.7', '1.1', '2.2', '3.3', '-0.1', '1000000.1', '99999999.99', '12.35'];
const FINE_AMOUNTS = [...AMOUNTS, '0.0001', '0.2999', '-7.0007'];
const WHOLE = ['0', '1', '2', '3', '7', '-3', '100'];
const DATES = ['2024-02-29', '2025-02-28', '2025-03-01', '2026-02-28', '2026-03-01', '1990-04-12'];
const TIMES = ['2025-02-28T23:30:00Z', '2025-03-01T00:00:00Z', '2025-03-01T03:00:00+03:00', '2026-03-01T12:00:00.5Z'];
const CLOCK = ['00:00', '08:30', '08:30:00.5', '23:59:59.999'];
const TEXTS = ['a', 'b', "it's", 'say "x"', ' ', 'a.b'];
const SOURCES = ['well', 'river', 'big tap'];
const USES = ['cattle', 'garden', 'drinking'];

const question = (name: string, type: string, more: object = {}) => ({ name, type, required: false, ...more });
const QUESTIONS = [
  ...['a', 'b'].map((name) => question(name, 'decimal', { places: 2 })),
  question('c', 'decimal'),
  ...['n', 'm'].map((name) => question(name, 'integer')),
  question('source', 'select_one', { options: SOURCES }),
  question('t', 'text', { max_length: 20 }),
  question('w', 'boolean'),
  question('uses', 'select_multiple', { options: USES }),
  ...['d', 'e'].map((name) => question(name, 'date')),
  ...['v', 'x'].map((name) => question(name, 'datetime')),
  question('o', 'time_of_day'),
  { name: 'k', type: 'calculate', value: { add: ['a', 'c'] } },
  {
    name: 'people',
    max: 9,
    type: 'repeat',
    questions: [question('age', 'integer'), question('pay', 'decimal', { places: 2 }), question('born', 'date')],
  },
];
const FACTS = Object.entries({
  sum: { add: ['a', 'b', 0.1] },
  rest: { subtract: ['sum', 'c'] },
  twentieth: { multiply: ['n', 0.05] },
  area: { multiply: ['a', 'b'] },
  fine: { multiply: ['c', 'c'] },
  share: { divide: ['a', 'n'] },
  percent: { multiply: [{ divide: ['a', 'b'] }, -100] },
  mean: { divide: ['rest', 3] },
  written: { length: 't' },
  chosen: { length: 'uses' },
  days: { days_between: ['d', 'e'] },
  years: { years_between: ['d', 'e'] },
  since: { days_between: ['d', 'v'] },
  between: { days_between: ['v', 'x'] },
  age: { years_between: ['d', 'v'] },
  paid: { sum: 'people/pay' },
  oldest: { max: 'people/age' },
  least: { min: 'people/pay' },
  residents: { count: 'people' },
  counted: { count: 'people/age' },
  left: { subtract: ['people/pay', 'a'] },
  worked: { sum: { multiply: ['people/pay', 'people/age', 0.5] } },
  lowest: { min: { add: ['people/pay', 1] } },
  shared: { max: { divide: ['people/pay', 'people/age'] } },
  kept: { sum: 'left' },
  keepers: { count: 'left' },
}).map(([name, value]) => ({ name, value }));

/**
 * Facts for which the phone may miss a broken rule: within the error of its doubles, within a day, or if a maximum is not
 * above 0.
 */
const NEARLY_KNOWN = new Set(['shared', 'oldest', 'fine', 'share', 'percent', 'mean', 'since', 'between', 'age']);

const NUMBERS = ['a', 'b', 'c', 'n', 'm', 'k', ...FACTS.map(({ name }) => name).filter((name) => name !== 'left')];
const NUMBERS_OF_ENTRIES = [...NUMBERS.slice(0, 12), 'people', 'people/age', 'people/pay', 'left'];
const ORDER = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive', 'equal', 'notEqual'];

const constants = fc.constantFrom(...FINE_AMOUNTS, ...WHOLE, '0.6', '0.05', '-100', '0.0001', '33.3333333333');

function ordered(facts: readonly string[], values: fc.Arbitrary<unknown>): fc.Arbitrary<Sent> {
  const fact = fc.constantFrom(...facts);
  const pair = fc.tuple(values, values).map((each) => each.toSorted());
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ fact, operator: fc.constantFrom(...ORDER), value: values }) },
    { weight: 4, arbitrary: fc.record({ fact, operator: fc.constantFrom(...ORDER), value: fc.record({ fact }) }) },
    fc.record({ fact, operator: fc.constant('between'), value: pair }),
    fc.record({
      fact,
      operator: fc.constantFrom('in', 'notIn'),
      value: fc.array(values, { minLength: 1, maxLength: 3 }),
    }),
  );
}

function leaf(numbers: readonly string[], presence: readonly string[]): fc.Arbitrary<Sent> {
  const equality = fc.constantFrom('equal', 'notEqual');
  return fc.oneof(
    { weight: 8, arbitrary: ordered(numbers, constants) },
    { weight: 2, arbitrary: ordered(['d', 'e'], fc.constantFrom(...DATES)) },
    { weight: 2, arbitrary: ordered(['v', 'x'], fc.constantFrom(...TIMES)) },
    ordered(['o'], fc.constantFrom(...CLOCK)),
    fc.record({ fact: fc.constant('t'), operator: equality, value: fc.constantFrom(...TEXTS) }),
    fc.record({
      fact: fc.constant('t'),
      operator: fc.constant('matches'),
      value: fc.constantFrom('[ab]', String.raw`\s`, String.raw`a\.b`, `.*'s|say ".+"`),
    }),
    fc.record({
      fact: fc.constant('source'),
      operator: fc.constantFrom('equal', 'notEqual', 'selected'),
      value: fc.constantFrom(...SOURCES),
    }),
    fc.record({ fact: fc.constant('uses'), operator: fc.constant('selected'), value: fc.constantFrom(...USES) }),
    fc.record({ fact: fc.constant('w'), operator: equality, value: fc.boolean() }),
    {
      weight: 2,
      arbitrary: fc.record({
        fact: fc.constantFrom(...presence),
        operator: fc.constantFrom('answered', 'notAnswered'),
      }),
    },
  );
}

function conditionOf(numbers: readonly string[], presence: readonly string[]): fc.Arbitrary<Sent> {
  return fc.letrec<{ condition: Sent }>((tie) => ({
    condition: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      { weight: 3, arbitrary: leaf(numbers, presence) },
      fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie('condition') }),
    ),
  })).condition;
}

const PRESENCE = ['a', 'n', 't', 'uses', 'd', 'source'];
const condition = fc.oneof(
  { weight: 3, arbitrary: conditionOf(NUMBERS, PRESENCE) },
  { weight: 1, arbitrary: conditionOf(NUMBERS_OF_ENTRIES, [...PRESENCE, 'people/pay']) },
);

const sometimes = (values: readonly string[]) => fc.option(fc.constantFrom(...values), { freq: 5, nil: undefined });
const household: fc.Arbitrary<Household> = fc
  .record({
    a: sometimes(AMOUNTS),
    b: sometimes(AMOUNTS),
    c: sometimes(FINE_AMOUNTS),
    n: sometimes(WHOLE),
    m: sometimes(WHOLE),
    source: sometimes(SOURCES),
    t: sometimes(TEXTS),
    w: fc.option(fc.boolean(), { nil: undefined }),
    uses: fc.subarray(USES),
    d: sometimes(DATES),
    e: sometimes(DATES),
    v: sometimes(TIMES),
    x: sometimes(TIMES),
    o: sometimes(CLOCK),
    people: fc.array(
      fc.record({ age: sometimes(WHOLE), pay: sometimes(AMOUNTS), born: sometimes(DATES) }).map(answersOf),
      { maxLength: 3 },
    ),
  })
  .map((each) => ({ ...answersOf(each), people: each.people }));

/** Leaves out questions without an answer. */
function answersOf(answers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(answers).flatMap(([name, value]): [string, unknown][] => {
      if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
      return [[name, ['n', 'm', 'age'].includes(name) ? Number(value) : value]];
    }),
  );
}

/** What a person enters on the phone. */
function entered({ people, ...answers }: Household): Record<string, unknown> {
  const own = Object.entries(answers).map(([name, value]) => [`/data/${name}`, name === 'o' ? fullTime(value) : value]);
  const entries = people.flatMap((person, index) =>
    Object.entries(person).map(([name, value]) => [`/data/people[${index + 1}]/${name}`, value]),
  );
  return { ...Object.fromEntries([...own, ...entries]), '/data/people': people.length };
}

function fullTime(value: unknown): string {
  const time = String(value);
  return time + '00:00:00.000'.slice(time.length);
}

/** The broken rules, each with the number of its entry, as the phone's violations name them. */
function warnings({ violations }: Filled, nodes: readonly InstanceNode[]): string[] {
  const rules = new Map(
    nodes.flatMap((each) => [
      ...checksIn([each], '/data'),
      ...('nodes' in each ? checksIn(each.nodes, `/data/${each.node}`) : []),
    ]),
  );
  return violations.map(({ path: at }) => `${rules.get(at.replace(/\[\d+\]/, ''))}${/\[\d+\]/.exec(at)?.[0] ?? ''}`);
}

function checksIn(nodes: readonly InstanceNode[], around: string): [string, string][] {
  return nodes.flatMap((each) => (each.kind === 'check' ? [[`${around}/${each.node}`, each.rule]] : []));
}

/** Whether a condition names a fact of NEARLY_KNOWN. */
function isNearlyKnown(conditions: unknown): boolean {
  return [...JSON.stringify(conditions).matchAll(/"fact":"([^"]+)"/g)].some(([, fact = '']) => NEARLY_KNOWN.has(fact));
}

function formOf(conditions: readonly Sent[]): FormDefinition {
  const rules = conditions.map((each, index) => ({ name: `R${index}`, message: `{a}`, conditions: each }));
  const definition = { title: 'Random', questions: QUESTIONS, facts: FACTS, rules };
  const result = parseFormDefinition({ form_id: 'random', ...definition });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.form;
}

/** A form refuses a comparison of a fact with itself, and bounds that are not in order. */
function isAccepted(conditions: Sent): boolean {
  try {
    return JSON.stringify(conditions).length < 800 && formOf([conditions]).rules.length === 1;
  } catch {
    return false;
  }
}

describeWithBatch('random rules on a phone', () => {
  test(
    `warn of nothing that the server allows, and of all that it flags (SEED=${SEED})`,
    async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'soft-checks-'));
      let [flagged, missed] = [0, 0];
      for (let number = 0; number < FORMS; number += 1) {
        const conditions = fc
          .sample(condition, { numRuns: 4 * RULES, seed: SEED + number })
          .filter(isAccepted)
          .slice(0, RULES);
        const households = fc.sample(household, { numRuns: HOUSEHOLDS, seed: SEED + number });
        const definition = formOf(conditions);
        const form = path.join(folder, `${number}.xml`);
        writeFileSync(form, generateXform(definition, 1));
        const { nodes } = instanceOf(definition, 1);
        const unchecked = new Set(uncheckedRules(definition));
        const rules = compileRules(definition);
        const isLeft = (rule: string) =>
          unchecked.has(rule.replace(/\[.*/, '')) || isNearlyKnown(conditionsOf(rule, conditions));
        const checks = softChecksOf(definition, plainInstanceOf(definition, 1));
        const brokenOf = (rule: string) => ({
          conditions: conditionsOf(rule, conditions),
          asked: checks.find((check) => check.rule === rule.replace(/\[.*/, ''))?.broken,
        });

        const filled = await fillBatch(
          households.map((each) => ({ form, answers: entered(each) })),
          TIME_ZONE,
        );
        for (const [index, each] of households.entries()) {
          const phone = filled[index];
          if (phone === undefined) throw new Error('The phone skipped a form.');
          const warned = new Set(warnings(phone, nodes));
          const flags = await rules.check(withCalculation(each));
          const server = new Set(
            flags.map(({ rule, entry }) => rule + (entry?.replace(/^.*\/(\d+)$/, nextNumber) ?? '')),
          );
          const wrong = [...warned].filter((rule) => !server.has(rule));
          const forgotten = [...server].filter((rule) => !warned.has(rule));
          const unexpected = [...wrong, ...forgotten.filter((rule) => !isLeft(rule))];
          expect(unexpected.map((rule) => ({ rule, broken: brokenOf(rule), household: each }))).toEqual([]);
          flagged += server.size;
          missed += forgotten.length;
        }
      }
      expect(flagged).toBeGreaterThan(100 * FORMS);
      expect(missed).toBeLessThan(flagged / 5);
    },
    60_000 * FORMS,
  );
});

/** The answers with the calculation `k`, which the server computes before it checks the rules. */
function withCalculation(answers: Household): Household {
  const { a, c } = answers;
  if (a === undefined || c === undefined) return answers;
  return { ...answers, k: (Math.round(Number(a) * 10_000) + Math.round(Number(c) * 10_000)) / 10_000 };
}

function nextNumber(_whole: string, index: string): string {
  return `[${Number(index) + 1}]`;
}

function conditionsOf(rule: string, conditions: readonly Sent[]): Sent | undefined {
  return conditions[Number(/\d+/.exec(rule)?.[0])];
}
