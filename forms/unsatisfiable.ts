/** Finds what decides nothing in a rule: comparisons and groups that hold for every answer, or for none. */
import { Big } from 'big.js';
import type { Answer } from './answer.ts';
import { type Comparison, comparisonsOf, type Condition, type Constants, constantsOf, isFact } from './condition.ts';
import { type Fault, pointerTo } from './fault.ts';
import type { FactCatalogue } from './form-checks.ts';
import type { Kind } from './kinds.ts';
import { type AnswerLimits, limitsOf } from './question-types/index.ts';

/** What a condition can evaluate to while one fact has a given value, whatever the other facts are. */
const TRUE = 1;
const FALSE = 2;
const EITHER = TRUE | FALSE;

/** A condition with what `evaluate` has seen it come to. */
type Node = { readonly condition: Condition; readonly pointer: string; readonly parts: readonly Node[]; seen: number };

/** Max places times comparisons of a rule; a larger rule is not checked. A rule written by hand has a few hundred. */
const MAX_WORK = 100_000;

/**
 * Faults conditions that hold for every answer or for none, such as `all: a<5, a>10` and `any: a<5, a>=5`. It faults the
 * innermost of them, in groups at any depth.
 *
 * It looks at one fact at a time and assumes that the others, and comparisons between two facts, can be true as well as
 * false. So what it faults is certain; a contradiction between two facts is not found. The constants that a rule compares
 * a fact with cut the fact's values into points and gaps in which no comparison changes: one value of each is enough.
 */
export function checkDecides(condition: Condition, pointer: string, catalogue: FactCatalogue, faults: Fault[]): void {
  const root = toNode(condition, pointer);
  const comparisons = comparisonsOf(condition).filter(isWithConstants);
  const faulted = new Set<string>();
  for (const fact of new Set(comparisons.map((comparison) => comparison.fact))) {
    const { kind, question } = catalogue.get(fact) ?? {};
    if (kind === undefined) continue;
    const limits = question && limitsOf(question);
    const own = comparisons.filter((comparison) => comparison.fact === fact);
    const places = findPlaces(own, kind, limits);
    if (places.inhabited.length * comparisons.length > MAX_WORK) continue;
    const tests = new Map<Condition, Test>(own.map((comparison) => [comparison, toTest(comparison, places.placeOf)]));
    forget(root);
    for (const place of places.inhabited) evaluate(root, tests, place);
    for (const node of innermostDecided(root)) {
      if (faulted.has(node.pointer)) continue;
      faulted.add(node.pointer);
      faults.push(faultOf(node, fact, limits));
    }
  }
}

function faultOf({ condition, pointer, seen }: Node, fact: string, limits: AnswerLimits | undefined): Fault {
  const isOneConstant = 'fact' in condition && typeof condition.value !== 'object';
  if (isOneConstant && limits !== undefined) {
    const detail = `Choose another constant; ${seen === TRUE ? 'every' : 'no'} answer meets this. The answers are ${limits.description}.`;
    return { pointer: `${pointer}/value`, detail };
  }
  const detail = `This ${seen === TRUE ? 'always' : 'never'} holds, whatever ${JSON.stringify(fact)} is. Change or remove a comparison.`;
  return { pointer, detail };
}

type WithConstants = Comparison & { readonly value: Constants };

function isWithConstants(comparison: Comparison): comparison is WithConstants {
  return !isFact(comparison.value);
}

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

function forget(node: Node): void {
  node.seen = 0;
  for (const part of node.parts) forget(part);
}

function innermostDecided(node: Node): Node[] {
  const within = node.parts.flatMap(innermostDecided);
  return within.length > 0 || node.seen === EITHER || node.seen === 0 ? within : [node];
}

/** What the condition can evaluate to while the fact's value is in this place. Adds it to `seen` of each part. */
function evaluate(node: Node, tests: ReadonlyMap<Condition, Test>, place: number): number {
  const { condition, parts } = node;
  const outcomes = parts.map((part) => evaluate(part, tests, place));
  const test = tests.get(condition);
  let outcome = EITHER;
  if ('all' in condition) outcome = join(outcomes);
  else if ('any' in condition) outcome = negate(join(outcomes.map(negate)));
  else if ('not' in condition) outcome = negate(outcomes[0] ?? EITHER);
  else if (test !== undefined) outcome = test(place) ? TRUE : FALSE;
  node.seen |= outcome;
  return outcome;
}

/** The outcomes of `all`: true if every part can be true, false if one part can be false. */
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
  const list = new Set(constantsOf(value).map(placeOf));
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

type PlaceOf = (constant: Answer) => number;

/**
 * The places of a fact's values: of n constants in order, the i-th (from 0) is at 2i+1, and the gap before it at 2i.
 * `inhabited` are the places at which the fact can have a value. For a kind without an order, gap 0 stands for all gaps.
 */
function findPlaces(
  comparisons: readonly WithConstants[],
  kind: Kind,
  limits: AnswerLimits | undefined,
): { placeOf: PlaceOf; inhabited: number[] } {
  const keyOf = (constant: Answer) => {
    const value = kind.valueOf(constant);
    // At most 15 digits: a double tells any two amounts apart.
    return value instanceof Big ? value.toNumber() : String(value);
  };
  const constants = new Map(
    comparisons.flatMap(({ value }) => constantsOf(value)).map((constant) => [keyOf(constant), constant]),
  );
  const keys = [...constants.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  const places = new Map(keys.map((key, index) => [key, 2 * index + 1]));
  const isInhabited = (place: number): boolean => {
    if (limits === undefined) return kind.isOrdered || place % 2 === 1 || place === 0;
    if (place % 2 === 1) return limits.allows(constants.get(keys[(place - 1) / 2] ?? '') ?? '');
    if (!kind.isOrdered) return place === 0 && limits.count(-Infinity, Infinity) > keys.length;
    return limits.count(Number(keys[place / 2 - 1] ?? -Infinity), Number(keys[place / 2] ?? Infinity)) > 0;
  };
  return {
    placeOf: (constant) => places.get(keyOf(constant)) ?? 0,
    inhabited: Array.from({ length: 2 * keys.length + 1 }, (_, place) => place).filter(isInhabited),
  };
}
