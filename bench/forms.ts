/** Measures reading and checking responses to large forms, in CPU time. Uses one core. */
import assert from 'node:assert/strict';
import { type CompiledForm, compileForm } from '../forms/compiled/compiled-form.ts';
import type { Flag } from '../forms/compiled/flags.ts';
import { LIMITS } from '../forms/values/limits.ts';
import { readDefinition } from '../tests/support/form-samples.ts';
import { checkFarm } from './farms-by-hand.ts';
import { farms } from './farms.ts';
import { type Answers, generateFarms } from './generate-farms.ts';
import { leastCpu, printTable } from './report.ts';

const FARMS = 500;
const RUNS = 5;

export async function benchForms(): Promise<void> {
  await benchFarms();
  await benchLargest();
  await benchCompile();
}

/** Flags a response; undefined if it does not fit the form. */
async function judge(form: CompiledForm, sent: unknown): Promise<readonly Flag[] | undefined> {
  const read = form.readSubmission(sent);
  if (!read.ok) return undefined;
  const { response, paths } = read.submission;
  return form.rules.check(response, { paths });
}

async function benchFarms(): Promise<void> {
  const form = compileForm(farms, 1);
  const responses = [...generateFarms(FARMS, 1)];
  const counts = { accepted: 0, flagged: 0, refused: 0 };
  for (const response of responses) {
    const flags = await judge(form, response);
    const names = flags?.map(({ rule, entry }) => (entry === undefined ? rule : `${rule} ${entry}`)).toSorted();
    assert.deepEqual(names, checkFarm(response)?.toSorted());
    counts[names === undefined ? 'refused' : names.length > 0 ? 'flagged' : 'accepted'] += 1;
  }

  const engine = await leastCpu(RUNS, async () => {
    for (const response of responses) await judge(form, response);
  });
  const hand = await leastCpu(RUNS, () => {
    for (const response of responses) checkFarm(response);
    return Promise.resolve();
  });
  const found = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
  printTable(
    `A form with 200 questions, 3 repeats of 20 entries, 100 rules: responses a second (${found.join(', ')})`,
    [
      { what: 'form definition', 'responses/s': Math.round(FARMS / engine), ratio: (hand / engine).toFixed(2) },
      { what: 'by hand', 'responses/s': Math.round(FARMS / hand), ratio: '1.00' },
    ],
  );
}

/** The largest responses to forms at the limits of limits.ts. */
async function benchLargest(): Promise<void> {
  const rows = [
    { what: 'all rules hold', ...(await measureLargest(largestForm(-1_000))) },
    { what: 'all rules hold, below four `not`', ...(await measureLargest(largestForm(-1_000, 4))) },
    { what: 'all rules are broken', ...(await measureLargest(largestForm(1_000))) },
    { what: 'rules with slow patterns', ...(await measureLargest(formOfPatterns())) },
  ];
  printTable('The largest forms, a response of 256 KB with 1,000 entries: milliseconds', rows);
}

async function measureLargest(form: CompiledForm) {
  const response = largestResponse();
  const read = form.readSubmission(response);
  assert.ok(read.ok);
  const { response: answers, paths } = read.submission;
  const reading = await leastCpu(RUNS, () => Promise.resolve(form.readSubmission(response)));
  const rules = await leastCpu(RUNS, () => form.rules.check(answers, { paths }));
  return { read: (reading * 1_000).toFixed(0), rules: (rules * 1_000).toFixed(0) };
}

const AMOUNTS = ['a', 'b', 'c', 'd', 'e'];
const numbers = AMOUNTS.map((name) => ({ name, type: 'decimal' }));
const text = { name: 'text', type: 'text' };
const entries = { name: 'entries', type: 'repeat', questions: [...numbers, { ...text, name: 'note' }] };

const amount = (index: number) => AMOUNTS[index % AMOUNTS.length] ?? '';
const compare = (fact: string, value: number): unknown => ({ fact, operator: 'greaterThan', value });

/** A form with the maximum number of rules over entries. Its other rules share the remaining comparisons. */
function largestForm(threshold: number, nots = 0): CompiledForm {
  const overEntries = LIMITS.judged_comparisons / LIMITS.entries - 1;
  const others = LIMITS.rules - overEntries;
  const nest = (condition: unknown, depth: number): unknown =>
    depth === 0 ? condition : { not: nest(condition, depth - 1) };
  return compile({
    questions: [...numbers, text, entries],
    facts: [{ name: 'total', value: { add: list(LIMITS.terms, (term) => `entries/${amount(term)}`) } }],
    rules: [
      ...list(overEntries, (rule) => ({
        name: `entry ${rule}`,
        message: `Look at${' {total}'.repeat(120)}.`,
        conditions: nest(compare(rule === 0 ? 'total' : `entries/${amount(rule)}`, threshold + rule), nots),
      })),
      ...list(others, (rule) => ({
        name: `form ${rule}`,
        message: 'Look at {a}.',
        conditions: {
          all: list(Math.floor((LIMITS.all_comparisons - overEntries) / others), (index) =>
            compare(amount(index), threshold + rule),
          ),
        },
      })),
    ],
  });
}

/** A form with slow patterns, which need many steps for each character of a text. */
function formOfPatterns(): CompiledForm {
  const part = 'a{0,16}';
  const characters = LIMITS.rule_pattern_steps / LIMITS.matched_text;
  const rules = list(characters / LIMITS.pattern, (rule) => ({
    name: `pattern ${rule}`,
    message: 'Look at the text.',
    conditions: { fact: 'text', operator: 'matches', value: part.repeat(LIMITS.pattern / part.length) },
  }));
  return compile({ questions: [...numbers, text, entries], rules });
}

function compile(definition: Record<string, unknown>): CompiledForm {
  return compileForm(readDefinition({ form_id: 'largest', title: 'Largest', ...definition }), 1);
}

function largestResponse(): Answers {
  const amounts = Object.fromEntries(AMOUNTS.map((name, index) => [name, `${index + 1}.25`]));
  const entry = { ...amounts, note: 'n'.repeat(187) };
  return {
    response_id: 'largest',
    response_family_id: 'family',
    user_id: 'collector-1',
    username: 'amina',
    location: 'Kisumu',
    submitted_time: '2026-09-01T09:00:00Z',
    synced_time: '2026-09-01T09:01:00Z',
    last_modified_time: '2026-09-01T09:00:00Z',
    ...amounts,
    text: `${'a'.repeat(LIMITS.matched_text - 1)}b`,
    entries: list(LIMITS.entries, () => entry),
  };
}

async function benchCompile(): Promise<void> {
  const questions = list(LIMITS.questions, (n) => ({ name: `q${n}`, type: 'decimal' }));
  const facts = list(LIMITS.facts, (n) => ({
    name: `f${n}`,
    add: list(LIMITS.all_terms / LIMITS.facts, (term) => `q${n + term}`),
  }));
  const rules = list(LIMITS.rules, (n) => ({
    name: `R${n}`,
    message: `Look at {q${n}}.`,
    conditions: {
      all: list(LIMITS.all_comparisons / LIMITS.rules, (index) => ({
        fact: index === 0 ? `f${n % LIMITS.facts}` : `q${n * 5 + index}`,
        operator: 'greaterThan',
        value: n,
      })),
    },
  }));
  const input = { form_id: 'long', title: 'Long', questions, facts, rules };
  const definition = readDefinition(input);
  const reading = await leastCpu(RUNS, () => Promise.resolve(readDefinition(input)));
  const compiling = await leastCpu(RUNS, () => Promise.resolve(compileForm(definition, 1)));
  printTable(`A definition with ${LIMITS.questions} questions and ${LIMITS.rules} rules: milliseconds`, [
    { read: (reading * 1_000).toFixed(0), compile: (compiling * 1_000).toFixed(0) },
  ]);
}

function list<T>(length: number, element: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => element(index));
}
