/** Which comparisons fit a question, and what is on their right side. */
import type { Check, Test } from './flag-when.ts';
import { constantsOf, factOf, type Comparison, type Scalar } from './language.ts';
import type { Kind } from './names.ts';

const EQUALITY: Test[] = ['equal', 'notEqual'];
const ORDER: Test[] = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];
const RANGE: Test[] = ['notBetween', 'between'];
const LISTS: Test[] = ['in', 'notIn'];
const PRESENCE: Test[] = ['notAnswered', 'answered'];

const TESTS: Record<Kind, Test[]> = {
  number: [...ORDER, ...EQUALITY, ...RANGE, ...LISTS, ...PRESENCE],
  date: [...ORDER, ...EQUALITY, ...RANGE, ...LISTS, ...PRESENCE],
  time: [...ORDER, ...EQUALITY, ...RANGE, ...LISTS, ...PRESENCE],
  'time of day': [...ORDER, ...EQUALITY, ...RANGE, ...LISTS, ...PRESENCE],
  choice: [...EQUALITY, ...LISTS, ...PRESENCE],
  text: [...EQUALITY, ...LISTS, 'matches', 'notMatches', ...PRESENCE],
  boolean: [...EQUALITY, ...PRESENCE],
  options: ['selected', 'notSelected', ...PRESENCE],
  presence: PRESENCE,
};

/** The kinds of facts that a value of a kind is compared with. */
export const comparableWith = (kind: Kind): Kind[] =>
  kind === 'text' || kind === 'choice' ? ['text', 'choice'] : [kind];

/** The tests to choose from; the chosen one is always among them. */
export const testsFor = (kind: Kind, chosen: Test): Test[] =>
  TESTS[kind].includes(chosen) ? TESTS[kind] : [...TESTS[kind], chosen];

/** What a test compares with: nothing, a constant or a fact, two constants, or a list of constants. */
export function rightOf(test: Test): 'none' | 'one' | 'two' | 'list' {
  if (PRESENCE.includes(test)) return 'none';
  if (RANGE.includes(test)) return 'two';
  return LISTS.includes(test) ? 'list' : 'one';
}

/** Whether a test can compare with another fact. */
export const takesFact = (test: Test): boolean =>
  rightOf(test) === 'one' && !['selected', 'notSelected', 'matches', 'notMatches'].includes(test);

/** A check with another test; its constants are kept as far as the test takes them. */
export function withTest({ fact, value }: Check, test: Test): Check {
  const constants = constantsOf(value);
  const right = rightOf(test);
  if (right === 'none') return { fact, test };
  if (right === 'two') return { fact, test, value: [constants[0] ?? '', constants[1] ?? ''] };
  if (right === 'list') return { fact, test, value: constants };
  const kept: Comparison['value'] = factOf(value) !== undefined && takesFact(test) ? value : constants[0];
  return kept === undefined ? { fact, test } : { fact, test, value: kept };
}

/** A check of another question. The test stays if it fits the question; options, and constants of another kind, do not. */
export function withFact(check: Check, fact: string, kind: Kind, before: Kind): Check {
  const [first = 'answered'] = TESTS[kind];
  const test = TESTS[kind].includes(check.test) ? check.test : first;
  const { value, ...bare } = check;
  const areOptions = (kind === 'choice' || kind === 'options') && factOf(value) === undefined;
  return withTest({ ...(kind === before && !areOptions ? check : bare), fact }, test);
}

/** The lines of a field as constants; numbers where the question takes numbers. */
export const linesOf = (text: string, kind: Kind): Scalar[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => (kind === 'number' && String(Number(line)) === line ? Number(line) : line));

/** Whether a check has a fact and every value that its test needs. */
export function isComplete({ fact, test, value }: Check): boolean {
  const right = rightOf(test);
  if (fact === '') return false;
  if (right === 'none' || factOf(value) !== undefined) return right === 'none' || factOf(value) !== '';
  const constants = constantsOf(value);
  return constants.length >= (right === 'two' ? 2 : 1) && constants.every((each) => each !== '');
}
