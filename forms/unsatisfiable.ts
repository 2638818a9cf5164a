/** Finds what decides nothing in a rule: comparisons and groups that every answer meets, or none. */
import { Big } from 'big.js';
import { MAX_WHOLE_NUMBER } from './amount.ts';
import { type Fault, pointerTo } from './fault.ts';
import type { FactCatalogue } from './form-checks.ts';
import type { Comparison, Condition, Literal, Operator, Question } from './form-schema.ts';
import { textFault } from './text.ts';
import { toInstant } from './time.ts';

/**
 * What is wrong with comparing a question with a constant that decides nothing: one that is never its answer, or a
 * bound that all its answers keep or all break.
 *
 * @param literal of the question's kind, and an element of the list for `in` and `notIn`
 * @returns undefined where answers can make the comparison true as well as false
 */
export function literalFault(
  question: Question,
  operator: Operator,
  literal: string | number | boolean,
): string | undefined {
  switch (question.type) {
    case 'choice':
      return question.options.some((option) => option === literal)
        ? undefined
        : `Use one of the options of the question: ${question.options.slice(0, 10).join(', ')}.`;
    case 'text': {
      const fault = textFault(String(literal), question);
      return fault === undefined ? undefined : `No answer can be this text. ${fault}`;
    }
    case 'integer':
      return integerFault(question, operator, new Big(String(literal)));
    default:
      return undefined;
  }
}

function integerFault(
  { min, max }: { min?: number | undefined; max?: number | undefined },
  operator: Operator,
  literal: Big,
) {
  const below = min !== undefined && literal.lt(min);
  const above = max !== undefined && literal.gt(max);
  const atMin = min !== undefined && literal.eq(min);
  const atMax = max !== undefined && literal.eq(max);
  const range = `the answers are whole numbers${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` up to ${max}`}`;
  const never = `Choose another number; no answer meets this, ${range}.`;
  const always = `Choose another number; every answer meets this, ${range}.`;
  switch (operator) {
    case 'equal':
    case 'in':
      return below || above || !isWhole(literal) ? never : undefined;
    case 'notEqual':
    case 'notIn':
      return below || above || !isWhole(literal) ? always : undefined;
    case 'lessThan':
      return below || atMin ? never : above ? always : undefined;
    case 'lessThanInclusive':
      return below ? never : above || atMax ? always : undefined;
    case 'greaterThan':
      return above || atMax ? never : below ? always : undefined;
    case 'greaterThanInclusive':
      break;
  }
  return above ? never : below || atMin ? always : undefined;
}

function isWhole(literal: Big): boolean {
  return literal.round(0).eq(literal);
}

/** What a condition can come to for one value of a fact, whatever the other facts are. */
const TRUE = 1;
const FALSE = 2;
const EITHER = TRUE | FALSE;

type Node = { readonly condition: Condition; readonly pointer: string; readonly parts: readonly Node[]; seen: number };

/**
 * Faults conditions that hold for every answer or for none, such as `all: a<5, a>10` and `any: a<5, a>=5`: the innermost
 * of them, in groups at any depth.
 *
 * It looks at one fact at a time and takes the others, and comparisons between two facts, to come to either: what it
 * faults is certain, and what depends on two facts together it does not find. The constants that a rule compares a fact
 * with cut the fact's values into points and gaps in which no comparison changes, so that one look at each is enough.
 */
export function checkDecides(condition: Condition, pointer: string, catalogue: FactCatalogue, faults: Fault[]): void {
  const root = toNode(condition, pointer);
  const comparisons = comparisonsOf(root).filter(isWithConstants);
  const faulted = new Set<string>();
  for (const fact of new Set(comparisons.map((comparison) => comparison.fact))) {
    const own = comparisons.filter((comparison) => comparison.fact === fact);
    const places = findPlaces(own, catalogue.get(fact));
    if (places === undefined || places.inhabited.length * comparisons.length > MAX_WORK) continue;
    const tests = new Map<Condition, Test>(own.map((comparison) => [comparison, toTest(comparison, places.placeOf)]));
    forget(root);
    for (const place of places.inhabited) look(root, tests, place);
    for (const { pointer: at, seen } of innermostDecided(root)) {
      if (faulted.has(at)) continue;
      faulted.add(at);
      const detail = `This ${seen === TRUE ? 'always' : 'never'} holds, whatever ${JSON.stringify(fact)} is. Change or remove a comparison.`;
      faults.push({ pointer: at, detail });
    }
  }
}

type WithConstants = Comparison & { readonly value: Literal };

function isWithConstants(comparison: Comparison): comparison is WithConstants {
  const { value } = comparison;
  return typeof value !== 'object' || Array.isArray(value);
}

/** Places times comparisons of a rule beyond which it is taken as it is; a rule that somebody wrote by hand has a few hundred. */
const MAX_WORK = 100_000;

function toNode(condition: Condition, pointer: string): Node {
  const part = (inner: Condition, ...path: (string | number)[]) => toNode(inner, pointer + pointerTo(...path));
  const parts =
    'all' in condition
      ? condition.all.map((inner, index) => part(inner, 'all', index))
      : 'any' in condition
        ? condition.any.map((inner, index) => part(inner, 'any', index))
        : 'not' in condition
          ? [part(condition.not, 'not')]
          : [];
  return { condition, pointer, parts, seen: 0 };
}

function comparisonsOf({ condition, parts }: Node): Comparison[] {
  return 'fact' in condition ? [condition] : parts.flatMap(comparisonsOf);
}

function forget(node: Node): void {
  node.seen = 0;
  for (const part of node.parts) forget(part);
}

function innermostDecided(node: Node): Node[] {
  const within = node.parts.flatMap(innermostDecided);
  return within.length > 0 || node.seen === EITHER || node.seen === 0 ? within : [node];
}

/** What the condition can come to where the fact has its value in this place; noted in `seen` of each part. */
function look(node: Node, tests: ReadonlyMap<Condition, Test>, place: number): number {
  const { condition, parts } = node;
  const outcomes = parts.map((part) => look(part, tests, place));
  const test = tests.get(condition);
  let outcome = EITHER;
  if ('all' in condition) outcome = join(outcomes);
  else if ('any' in condition) outcome = negate(join(outcomes.map(negate)));
  else if ('not' in condition) outcome = negate(outcomes[0] ?? EITHER);
  else if (test !== undefined) outcome = test(place) ? TRUE : FALSE;
  node.seen |= outcome;
  return outcome;
}

/** Of conditions that must all hold: true where all can be, false where one can be. */
function join(outcomes: readonly number[]): number {
  const canBeTrue = outcomes.every((outcome) => (outcome & TRUE) !== 0);
  const canBeFalse = outcomes.some((outcome) => (outcome & FALSE) !== 0);
  return (canBeTrue ? TRUE : 0) | (canBeFalse ? FALSE : 0);
}

function negate(outcome: number): number {
  return ((outcome & TRUE) === 0 ? 0 : FALSE) | ((outcome & FALSE) === 0 ? 0 : TRUE);
}

/** Whether a comparison holds of values in a place. */
type Test = (place: number) => boolean;

function toTest({ operator, value }: WithConstants, placeOf: PlaceOf): Test {
  const list = new Set(literalsOf(value).map(placeOf));
  const [constant = 0] = list;
  switch (operator) {
    case 'equal':
    case 'in':
      return (place) => list.has(place);
    case 'notEqual':
    case 'notIn':
      return (place) => !list.has(place);
    case 'lessThan':
      return (place) => place < constant;
    case 'lessThanInclusive':
      return (place) => place <= constant;
    case 'greaterThan':
      return (place) => place > constant;
    case 'greaterThanInclusive':
      break;
  }
  return (place) => place >= constant;
}

type PlaceOf = (literal: string | number | boolean) => number;

/**
 * The places of a fact's values, in order: of n constants the i-th (from 0) is at 2i+1, and the values before it are at
 * 2i. `inhabited` are those at which the fact may have a value. A kind without an order has all other values at 0.
 */
function findPlaces(comparisons: readonly WithConstants[], entry: ReturnType<FactCatalogue['get']>) {
  const literals = comparisons.flatMap(({ value }) => literalsOf(value));
  if (entry === undefined || entry.kind === 'unknown') return undefined;
  const { kind, question } = entry;
  const valueOf = (literal: string | number | boolean) =>
    kind === 'number' ? Number(literal) : kind === 'time' ? (toInstant(String(literal)) ?? '') : String(literal);
  const known = kind === 'boolean' ? [true, false] : literals;
  const constants = [...new Set(known.map(valueOf))].toSorted((a, b) => (a < b ? -1 : 1));
  const places = new Map(constants.map((constant, index) => [constant, 2 * index + 1]));
  const numbers = constants.map(Number);
  const all = Array.from({ length: 2 * constants.length + 1 }, (_, place) => place);
  return {
    placeOf: (literal: string | number | boolean) => places.get(valueOf(literal)) ?? 0,
    inhabited: all.filter((place) => {
      const isGap = place % 2 === 0;
      if (question?.type === 'integer') return hasWholeNumber(question, numbers, place);
      if (kind === 'number' || kind === 'time' || !isGap) return true;
      // Of the gaps of texts the first stands for all.
      return (
        place === 0 && kind === 'text' && !(question?.type === 'choice' && question.options.length <= constants.length)
      );
    }),
  };
}

/** Whether an answer to a question of type integer can be in this place. Fifteen digits are exact as doubles. */
function hasWholeNumber(
  question: Question & { type: 'integer' },
  constants: readonly number[],
  place: number,
): boolean {
  const { min = -MAX_WHOLE_NUMBER, max = MAX_WHOLE_NUMBER } = question;
  const at = (place - 1) / 2;
  if (place % 2 === 1) {
    const constant = constants[at] ?? Number.NaN;
    return Number.isInteger(constant) && constant >= min && constant <= max;
  }
  const below = constants[at - 0.5] ?? -Infinity;
  const above = constants[at + 0.5] ?? Infinity;
  return Math.max(min, Math.floor(below) + 1) <= Math.min(max, Math.ceil(above) - 1);
}

function literalsOf(value: Literal): readonly (string | number | boolean)[] {
  return typeof value === 'object' ? value : [value];
}
