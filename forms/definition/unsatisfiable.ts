/**
 * Finds conditions of a rule that decide nothing: comparisons and groups that are true for every answer, or for none.
 */
import { Big } from 'big.js';
import { isScalar, type Scalar } from '../values/answer.ts';
import { type Comparison, type Condition, constantsOf, isFact, isPresence } from '../language/condition.ts';
import type { Fault } from '../values/fault.ts';
import type { FactCatalogue } from './form-checks.ts';
import { type Kind, OPTIONS } from '../language/kinds.ts';
import { type Operand, OPERATIONS, rightSide } from '../language/operators.ts';
import type { AnswerLimits } from '../question-types/index.ts';

/**
 * The possible outcomes of a condition while one fact has a given value and the other facts have any value. An unknown
 * outcome is neither true nor false.
 */
const UNKNOWN = 0;
const TRUE = 1;
const FALSE = 2;
const EITHER = TRUE | FALSE;

/** A condition that is true for every answer, or for none. */
type Decided = { readonly condition: Condition; readonly pointer: string; readonly always: boolean };

/**
 * Max product of a rule's places (see `Places`) and comparisons; a rule written by hand has a few hundred. If the
 * product is larger, only the single comparisons are checked, not their groups.
 */
const MAX_WORK = 100_000;

/**
 * Adds a fault for each condition that is never true or never false, such as `all: a<5, a>10` and `any: a<5, a>=5`. If
 * such conditions are nested, only the innermost gets a fault.
 *
 * The check looks at one fact at a time and assumes that comparisons of other facts, and between two facts, can be true
 * or false. So it never refuses a useful condition, but it does not find a contradiction between two facts. The
 * constants with which a rule compares a fact divide the fact's values into points and gaps. Within a gap no comparison
 * changes, so one value per point and gap is tested. If the rule asks whether an optional question is
 * answered, the missing answer is tested too.
 */
export function checkDecides(root: Condition, pointer: string, catalogue: FactCatalogue, faults: Fault[]): void {
  const leaves = leavesOf(root, pointer);
  const comparisons = leaves
    .map((leaf) => leaf.comparison)
    .filter(({ value }) => value === undefined || !isFact(value));
  const faulted = new Set<string>();
  const addFaults = (found: { decided: readonly Decided[] }, fact: string, limits: AnswerLimits | undefined) => {
    for (const decided of found.decided) {
      if (faulted.has(decided.pointer)) continue;
      faulted.add(decided.pointer);
      faults.push(faultOf(decided, fact, limits));
    }
  };
  for (const fact of new Set(comparisons.map((comparison) => comparison.fact))) {
    const { kind, limits: limitsOf, isOptional = false } = catalogue.get(fact) ?? {};
    if (kind === undefined) continue;
    const limits = limitsOf?.();
    const ofFact = comparisons.filter((comparison) => comparison.fact === fact);
    if (kind === OPTIONS) {
      for (const places of findOptionPlaces(ofFact, isOptional, limits?.chosen))
        addFaults(evaluate(root, pointer, places), fact, limits);
      continue;
    }
    const places = findPlaces(ofFact, kind, limits, isOptional);
    if (places.inhabited.length === 0) continue;
    if (places.inhabited.length * comparisons.length > MAX_WORK) {
      // Without limits, and if a value lies between any two values of the kind, every comparison can be true or false.
      for (const leaf of limits === undefined && kind.hasBetween === undefined ? [] : leaves) {
        if (leaf.comparison.fact === fact) checkDecides(leaf.comparison, leaf.pointer, catalogue, faults);
      }
      continue;
    }
    addFaults(evaluate(root, pointer, places), fact, limits);
  }
}

function faultOf({ condition, pointer, always }: Decided, fact: string, limits: AnswerLimits | undefined): Fault {
  if ('fact' in condition && isPresence(condition)) {
    return { pointer, detail: 'Remove this comparison; every response answers this required question.' };
  }
  const isOneConstant = 'fact' in condition && typeof condition.value !== 'object';
  if (isOneConstant && limits !== undefined) {
    const detail = `Choose another constant; ${always ? 'every' : 'no'} answer meets this. The answers are ${limits.description}.`;
    return { pointer: `${pointer}/value`, detail };
  }
  const detail = `This is ${always ? 'always' : 'never'} true, whatever the value of ${JSON.stringify(fact)}. Change or remove a comparison.`;
  return { pointer, detail };
}

/**
 * The possible outcomes of the condition in each place of a fact's values, and the innermost conditions that decide
 * nothing.
 */
function evaluate(
  condition: Condition,
  pointer: string,
  places: Places,
): { outcomes: readonly number[]; decided: readonly Decided[] } {
  const parts = partsOf(condition).map(([step, part]) => evaluate(part, pointer + step, places));
  const outcomes = places.inhabited.map((place, index) => {
    const within = parts.map((part) => part.outcomes[index] ?? EITHER);
    if ('all' in condition) return join(within);
    if ('any' in condition) return negate(join(within.map(negate)));
    if ('not' in condition) return negate(join(within));
    return places.outcomeAt(place, condition);
  });
  const decided = parts.flatMap((part) => part.decided);
  const all = outcomes.reduce((seen, outcome) => seen | outcome, 0);
  if (decided.length === 0 && all !== EITHER) decided.push({ condition, pointer, always: (all & FALSE) === 0 });
  return { outcomes, decided };
}

/** The parts of a group, each with its pointer; a comparison has no parts. */
function partsOf(condition: Condition): [string, Condition][] {
  if ('all' in condition) return condition.all.map((part, index) => [`/all/${index}`, part]);
  if ('any' in condition) return condition.any.map((part, index) => [`/any/${index}`, part]);
  return 'not' in condition ? [['/not', condition.not]] : [];
}

/** The comparisons in a condition, each with the pointer to it. */
function leavesOf(condition: Condition, pointer: string): { comparison: Comparison; pointer: string }[] {
  if ('fact' in condition) return [{ comparison: condition, pointer }];
  return partsOf(condition).flatMap(([step, part]) => leavesOf(part, pointer + step));
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

/**
 * A place of a fact's values: of n constants in order, the i-th (from 0) is at 2i+1, and the gap before it at 2i. For a
 * kind without an order, gap 0 stands for all gaps. `undefined` stands for no answer.
 */
type Place = number | undefined;

type Places = {
  /** Where the fact can have a value. */
  readonly inhabited: readonly Place[];
  /** The possible outcomes of a comparison at a place. */
  readonly outcomeAt: (place: Place, comparison: Comparison) => number;
};

function findPlaces(
  comparisons: readonly Comparison[],
  kind: Kind,
  limits: AnswerLimits | undefined,
  isOptional: boolean,
): Places {
  const keyOf = (constant: Scalar) => {
    const value = kind.valueOf(constant);
    // Amounts have at most 15 digits, so different amounts are different doubles.
    return value instanceof Big ? value.toNumber() : isScalar(value) ? String(value) : '';
  };
  const constants = new Map(
    comparisons
      .filter(({ operator }) => operator !== 'matches')
      .flatMap(({ value }) => constantsOf(value))
      .map((constant) => [keyOf(constant), constant]),
  );
  const keys = [...constants.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  const places = new Map(keys.map((key, index) => [key, 2 * index + 1]));
  const placeOf = (constant: Scalar) => places.get(keyOf(constant));
  const textAt = (index: number) => (keys[index] === undefined ? undefined : String(keys[index]));
  const isInhabited = (place: number): boolean => {
    if (place % 2 === 0 && kind.hasBetween?.(textAt(place / 2 - 1), textAt(place / 2)) === false) return false;
    if (limits === undefined) return kind.isOrdered || place % 2 === 1 || place === 0;
    if (place % 2 === 1) return limits.allows(constants.get(keys[(place - 1) / 2] ?? '') ?? '');
    if (!kind.isOrdered) return place === 0 && limits.count(-Infinity, Infinity) > keys.length;
    return limits.count(Number(keys[place / 2 - 1] ?? -Infinity), Number(keys[place / 2] ?? Infinity)) > 0;
  };
  /** A text that is not one of the constants may match or not. */
  const outcomeOfPattern = (place: number, { value }: Comparison) => {
    const text = keys[(place - 1) / 2];
    if (text === undefined) return EITHER;
    return OPERATIONS.matches(String(text), rightSide('matches', constantsOf(value))) ? TRUE : FALSE;
  };
  const rightSides = new Map<Comparison, Operand>(
    comparisons.map((comparison) => [
      comparison,
      rightSide(comparison.operator, constantsOf(comparison.value).map(placeOf)),
    ]),
  );
  // `answered` and `notAnswered` treat a blank text as no answer; all other operators treat it as an answer.
  const isBlankable = (place: number) =>
    isOptional && kind.name === 'text' && String(keys[(place - 1) / 2] ?? '').trim() === '';
  const canBeAbsent = isOptional && comparisons.some(isPresence);
  const inhabited: Place[] = Array.from({ length: 2 * keys.length + 1 }, (_, place) => place).filter(isInhabited);
  return {
    inhabited: canBeAbsent ? [undefined, ...inhabited] : inhabited,
    outcomeAt: (place, comparison) => {
      if (!rightSides.has(comparison)) return EITHER;
      const isAnswered = place === undefined ? FALSE : isBlankable(place) ? EITHER : TRUE;
      if (comparison.operator === 'answered') return isAnswered;
      if (comparison.operator === 'notAnswered') return negate(isAnswered);
      if (place === undefined) return UNKNOWN;
      if (comparison.operator === 'matches') return outcomeOfPattern(place, comparison);
      return OPERATIONS[comparison.operator](place, rightSides.get(comparison)) ? TRUE : FALSE;
    },
  };
}

const CHOSEN = 1;

/**
 * The places of a list of options, for one named option at a time: chosen, not chosen and, if the rule asks for it, no
 * answer. Comparisons with the other options can be true or false, unless the number of options that an answer has
 * decides them.
 */
function findOptionPlaces(
  comparisons: readonly Comparison[],
  isOptional: boolean,
  chosen: AnswerLimits['chosen'],
): Places[] {
  const { min, max, options: all } = chosen ?? { min: 0, max: Infinity, options: Infinity };
  const chosenOrNot = min === all ? [CHOSEN] : [0, CHOSEN];
  const outcomeOfOther = (place: number) => {
    if (place === CHOSEN) return max === 1 ? FALSE : EITHER;
    return min === all - 1 ? TRUE : EITHER;
  };
  const own = new Set(comparisons);
  const options = new Set(comparisons.flatMap(({ value }) => constantsOf(value)));
  const canBeAbsent = isOptional && comparisons.some(isPresence);
  return [...(options.size > 0 ? options : [''])].map((option) => ({
    inhabited: canBeAbsent ? [undefined, ...chosenOrNot] : chosenOrNot,
    outcomeAt: (place, comparison) => {
      if (!own.has(comparison)) return EITHER;
      // The list of an optional question may be empty, which counts as no answer.
      const isAnswered = place === undefined ? FALSE : place === CHOSEN || !canBeAbsent ? TRUE : EITHER;
      if (comparison.operator === 'answered') return isAnswered;
      if (comparison.operator === 'notAnswered') return negate(isAnswered);
      if (place === undefined) return UNKNOWN;
      if (comparison.value !== option) return outcomeOfOther(place);
      return place === CHOSEN ? TRUE : FALSE;
    },
  }));
}
