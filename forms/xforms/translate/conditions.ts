/** Turns XPath conditions into conditions of Collect's language, with the meaning that they have on a phone. */
import type { Comparison, Condition } from '../../language/condition.ts';
import { answered, matchOf, notAnswered, selectedOf } from './matches.ts';
import { compareWithToday } from './today.ts';
import { type Entry, Untranslatable } from './draft.ts';
import {
  type ConditionPlace,
  isAlwaysAnswered,
  NOT_ALWAYS,
  type Place,
  type Relation,
  type Value,
  valueOf,
} from './xpath-values.ts';
import type { Operator, XPath } from './xpath.ts';

/** A condition, or the value that it always has. */
export type Outcome = Condition | boolean;

/**
 * Translates a condition.
 *
 * @param isPositive false inside an odd number of `not()`
 * @throws {Untranslatable} if Collect could not decide it as a phone does
 */
export function conditionOf(xpath: XPath, place: ConditionPlace, isPositive = true): Outcome {
  switch (xpath.kind) {
    case 'all':
      if (place.isConstraint && isPositive) return join('all', translatable(xpath.parts, place));
      return join(
        'all',
        xpath.parts.map((part) => conditionOf(part, place, isPositive)),
      );
    case 'any':
      return join(
        'any',
        xpath.parts.map((part) => conditionOf(part, place, isPositive)),
      );
    case 'operation':
      return comparisonOf(xpath, place, isPositive);
    case 'call':
      return callOf(xpath, place, isPositive);
    case 'path':
      return truthOf(valueOf(xpath, place));
    default:
      throw new Untranslatable('It uses a number or a text as true or false.');
  }
}

/** The parts that can be translated: a constraint that is broken in one part is broken as a whole. */
function translatable(parts: readonly XPath[], place: ConditionPlace): Outcome[] {
  const why: string[] = [];
  const outcomes = parts.flatMap((part) => {
    try {
      return [conditionOf(part, place)];
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      why.push(error.message);
      return [];
    }
  });
  const [first] = why;
  if (first !== undefined && !outcomes.some((outcome) => typeof outcome === 'object')) throw new Untranslatable(first);
  place.leftOut.push(...why);
  return outcomes;
}

/** Joins conditions; groups of the same kind become one, because conditions are at most five deep. */
function join(kind: 'all' | 'any', parts: readonly Outcome[]): Outcome {
  const decisive = kind === 'any';
  if (parts.includes(decisive)) return decisive;
  const conditions = parts
    .filter((part) => typeof part === 'object')
    .flatMap((part) => {
      if (kind === 'all') return 'all' in part ? part.all : [part];
      return 'any' in part ? part.any : [part];
    });
  const [first] = conditions;
  if (first === undefined) return !decisive;
  if (conditions.length === 1) return first;
  return kind === 'all' ? { all: conditions } : { any: conditions };
}

function negate(outcome: Outcome): Outcome {
  if (typeof outcome === 'boolean') return !outcome;
  if ('not' in outcome) return outcome.not;
  if ('operator' in outcome) {
    const { fact, operator } = outcome;
    if (operator === 'answered') return { fact, operator: 'notAnswered' };
    if (operator === 'notAnswered') return { fact, operator: 'answered' };
  }
  return { not: outcome };
}

function callOf({ name, args }: XPath & { kind: 'call' }, place: ConditionPlace, isPositive: boolean): Outcome {
  const [first, second] = args;
  if (args.length === 0 && (name === 'true' || name === 'false')) return name === 'true';
  if (args.length === 1 && first !== undefined) {
    if (name === 'not') return negate(conditionOf(first, place, !isPositive));
    if (name === 'boolean') return conditionOf(first, place, isPositive);
  }
  if (args.length === 2 && first !== undefined && second !== undefined) {
    if (name === 'selected') return selectedOf(valueOf(first, place), valueOf(second, place));
    if (name === 'regex') return matchOf(valueOf(first, place), valueOf(second, place));
  }
  throw new Untranslatable(`The server does not compute ${name}().`);
}

/** What a path means as a condition: whether there is an answer; for a number, also whether it is not 0. */
function truthOf({ kind, question, names, isRoundedByPhone }: Value): Outcome {
  if (isRoundedByPhone === true) throw new Untranslatable(ROUNDED_BY_PHONE);
  const isCalculated = question?.bind?.calculate !== undefined && names === undefined;
  if (question === undefined || kind === 'other' || isCalculated) {
    throw new Untranslatable('It uses a value as true or false.');
  }
  if (kind !== 'number') return answered(question.path);
  return { all: [answered(question.path), { fact: question.path, operator: 'notEqual', value: 0 }] };
}

const OPERATORS: Readonly<Record<Relation, Comparison['operator']>> = {
  '=': 'equal',
  '!=': 'notEqual',
  '<': 'lessThan',
  '<=': 'lessThanInclusive',
  '>': 'greaterThan',
  '>=': 'greaterThanInclusive',
};

const FLIPPED: Readonly<Record<Relation, Relation>> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function relationOf(operator: Operator): Relation | undefined {
  return (['=', '!=', '<', '<=', '>', '>='] as const).find((each) => each === operator);
}

/** Whether two numbers are in a relation. */
const HOLDS: Readonly<Record<Relation, (left: number, right: number) => boolean>> = {
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function comparisonOf(xpath: XPath & { kind: 'operation' }, place: ConditionPlace, isPositive: boolean): Outcome {
  const relation = relationOf(xpath.operator);
  if (relation === undefined) throw new Untranslatable('It uses a number as true or false.');
  const { left, right } = xpath;
  const withToday = compareWithToday(relation, FLIPPED[relation], left, right, place, isPositive);
  if (withToday !== undefined) return withToday;
  const [first, second] = [valueOf(left, place), valueOf(right, place)];
  return first.constant !== undefined && second.constant === undefined
    ? compare(FLIPPED[relation], second, first, place)
    : compare(relation, first, second, place);
}

/** @param right may be a constant; `left` is not one */
function compare(relation: Relation, left: Value, right: Value, place: Place): Outcome {
  if (left.constant !== undefined) throw new Untranslatable('It compares two constants.');
  const { question } = left;
  if (right.constant === '') {
    if (question === undefined || (relation !== '=' && relation !== '!=')) {
      throw new Untranslatable('It compares a calculation with an empty text.');
    }
    return relation === '=' ? notAnswered(question.path) : answered(question.path);
  }
  if (left.names !== undefined && left.kind !== 'options' && right.kind === 'number' && right.constant !== undefined) {
    return compareNames(relation, left.names, question, Number(right.constant));
  }
  if (left.kind === 'options' && right.kind === 'text') return compareList(relation, left, right, place);
  if (left.kind === 'number') {
    const number = numeric(right);
    // On a phone, a number never equals a text that is not a number.
    return number === undefined ? relation === '!=' : compareNumbers(relation, left, number, place);
  }
  if (left.kind === 'time' && right.kind === 'time' && relation !== '=' && relation !== '!=') {
    return ordered(relation, left, right);
  }
  const areTexts = [left, right].every(({ kind }) => kind === 'text' || kind === 'choice');
  const areDates = left.kind === 'date' && right.kind === 'date';
  const isEquality = relation === '=' || relation === '!=';
  if (!areDates && !(areTexts && isEquality)) throw new Untranslatable('It compares values of different kinds.');
  return isEquality ? equality(relation, left, right) : ordered(relation, left, right);
}

/** Reads a constant text as a number, if it is one. @returns undefined for other constant texts */
function numeric(value: Value): Value | undefined {
  if (value.kind === 'number') return value;
  if (value.kind !== 'text' || value.constant === undefined) {
    throw new Untranslatable('It compares a number with a text.');
  }
  const constant = value.constant.trim();
  return /^-?\d{1,15}(?:\.\d{1,10})?$/.test(constant)
    ? { kind: 'number', constant, expression: Number(constant) }
    : undefined;
}

/** Compares a text with a number, as phones do: they read the text as a number. All values of the text are known. */
function compareNames(
  relation: Relation,
  names: readonly string[],
  question: Entry | undefined,
  number: number,
): Outcome {
  const numbers = names.map((name) => [name, Number(name)] as const);
  const isOdd = numbers.some(([name, value]) => !/^-?\d+(?:\.\d+)?$/.test(name) && !Number.isNaN(value));
  if (question === undefined || isOdd) throw new Untranslatable('It compares the name of an option with a number.');
  const asked = relation === '!=' ? '=' : relation;
  const found = numbers.filter(([, value]) => HOLDS[asked](value, number)).map(([name]) => name);
  if (found.length === 0) return relation === '!=';
  return { fact: question.path, operator: relation === '!=' ? 'notIn' : 'in', value: found };
}

/** A list of options equals a name if it has only this option. */
function compareList(relation: Relation, { question, names }: Value, { constant }: Value, place: Place): Outcome {
  if (question === undefined || constant === undefined || (relation !== '=' && relation !== '!=')) {
    throw new Untranslatable('It compares a list of options.');
  }
  if (names?.includes(constant) !== true) return relation === '!=';
  const only: Condition = {
    all: [
      { fact: question.path, operator: 'selected', value: constant },
      { fact: place.factOf({ length: question.path }), operator: 'equal', value: 1 },
    ],
  };
  return relation === '=' ? only : { not: only };
}

/** Why a comparison of a number that doubles may calculate inexactly is not translated. */
const ROUNDED_BY_PHONE = 'The phone rounds calculations with decimals in another way than the server.';

function compareNumbers(relation: Relation, left: Value, right: Value, place: Place): Outcome {
  if (left.isRoundedByPhone === true || right.isRoundedByPhone === true) throw new Untranslatable(ROUNDED_BY_PHONE);
  const fact = factOf(left, place);
  const isEquality = relation === '=' || relation === '!=';
  const lengths = [left, right].flatMap(({ lengthOf }) => (lengthOf === undefined ? [] : [lengthOf]));
  const isZero = lengths.some((question) => !isAlwaysAnswered(question));
  if (isZero && right.constant === undefined) throw new Untranslatable(NOT_ALWAYS);
  if (isEquality && left.question !== undefined && right.question !== undefined) return equality(relation, left, right);
  const compared = comparison(fact, relation, right, place);
  const [length] = lengths;
  if (length === undefined || !isZero) return compared;
  if (HOLDS[relation](0, Number(right.constant))) return { any: [notAnswered(length.path), compared] };
  // Without an answer, the length is 0 on a phone, but on the server `notEqual` alone would be true.
  return relation === '!=' ? { all: [answered(length.path), compared] } : compared;
}

function comparison(fact: string, relation: Relation, right: Value, place: Place): Condition {
  const value = right.constant === undefined ? { fact: factOf(right, place) } : Number(right.constant);
  return { fact, operator: OPERATORS[relation], value };
}

/** The name of a fact with this value. */
function factOf({ expression }: Value, place: Place): string {
  if (expression === undefined) throw new Untranslatable('It compares two constants.');
  return typeof expression === 'string' ? expression : place.factOf(expression);
}

/** On a phone, two unanswered questions are equal. */
function equality(relation: '=' | '!=', left: Value, right: Value): Outcome {
  const [first, second] = [left.question, right.question];
  if (first === undefined) throw new Untranslatable('It compares two constants.');
  if (second === undefined) {
    const value = right.constant ?? '';
    if (left.names?.includes(value) === false) return relation === '!=';
    return { fact: first.path, operator: OPERATORS[relation], value };
  }
  const equal: Condition = { fact: first.path, operator: 'equal', value: { fact: second.path } };
  const bothMayLack = ![first, second].some(isAlwaysAnswered);
  const outcome: Condition = bothMayLack
    ? { any: [{ all: [notAnswered(first.path), notAnswered(second.path)] }, equal] }
    : equal;
  return relation === '=' ? outcome : { not: outcome };
}

function ordered(relation: Relation, { question }: Value, right: Value): Outcome {
  if (question === undefined) throw new Untranslatable('It compares two constants.');
  const value = right.question === undefined ? (right.constant ?? '') : { fact: right.question.path };
  return { fact: question.path, operator: OPERATORS[relation], value };
}
