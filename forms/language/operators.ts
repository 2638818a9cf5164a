/** The operators of conditions: the comparing operators of json-rules-engine, and some of Collect's own. */
import { Big } from 'big.js';
import { compilePattern } from '../values/pattern.ts';

export const OPERATORS = [
  'equal',
  'notEqual',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
  'in',
  'notIn',
  'between',
  'selected',
  'matches',
  'answered',
  'notAnswered',
] as const;
export type Operator = (typeof OPERATORS)[number];

type Value = Big | string | number | boolean;

/**
 * One side of a comparison: the value of a fact (undefined if it has none), a constant, the set of a list's constants
 * (decimals as text), the two bounds of `between`, or the prepared pattern of `matches`.
 */
export type Operand =
  | Value
  | ReadonlySet<unknown>
  | { readonly low: Operand; readonly high: Operand }
  | ((text: string) => boolean)
  | undefined;

/** Whether a comparison of its left with its right side is true. */
type Operation = (left: Operand, right: Operand) => boolean;

export const OPERATIONS: Readonly<Record<Operator, Operation>> = {
  equal: (left, right) => isSame(left, right),
  notEqual: (left, right) => !isSame(left, right),
  lessThan: (left, right) => order(left, right) < 0,
  lessThanInclusive: (left, right) => order(left, right) <= 0,
  greaterThan: (left, right) => order(left, right) > 0,
  greaterThanInclusive: (left, right) => order(left, right) >= 0,
  in: (left, right) => isIn(left, right),
  notIn: (left, right) => right instanceof Set && !isIn(left, right),
  between: (left, right) =>
    typeof right === 'object' && 'low' in right && order(left, right.low) >= 0 && order(left, right.high) <= 0,
  selected: (left, right) => (left instanceof Set ? left.has(right) : isSame(left, right)),
  matches: (left, right) => typeof left === 'string' && typeof right === 'function' && right(left),
  answered: (left) => isAnswer(left),
  notAnswered: (left) => !isAnswer(left),
};

/** The operators that take a list of constants, any number of them. */
export const LIST_OPERATORS: ReadonlySet<Operator> = new Set(['in', 'notIn']);

/** The operators that ask whether there is an answer, and take no value. */
export const PRESENCE_OPERATORS: ReadonlySet<Operator> = new Set(['answered', 'notAnswered']);

/** The right side of a comparison with constants. */
export function rightSide(operator: Operator, constants: readonly Operand[]): Operand {
  if (LIST_OPERATORS.has(operator)) return new Set(constants.map(elementOf));
  const [first, second] = constants;
  if (operator === 'matches' && typeof first === 'string') return compilePattern(first);
  return operator === 'between' ? { low: first, high: second } : first;
}

/** A value as an element of a set: a decimal becomes text, because a set compares objects by identity. */
function elementOf(value: Operand): Operand {
  // Unlike toFixed, this writes -0 as 0.
  return value instanceof Big ? value.toString() : value;
}

/** A blank text and an empty list count as no answer, as they do for a required question. */
function isAnswer(value: Operand): boolean {
  if (value instanceof Set) return value.size > 0;
  return typeof value === 'string' ? value.trim() !== '' : value !== undefined;
}

function isIn(left: Operand, right: Operand): boolean {
  return right instanceof Set && right.has(elementOf(left));
}

function isSame(left: Operand, right: Operand): boolean {
  return left instanceof Big && right instanceof Big ? left.eq(right) : left === right;
}

/**
 * Negative, 0 or positive if left is less than, equal to or greater than right. NaN if they have no order, so that
 * every comparison is false.
 */
function order(left: Operand, right: Operand): number {
  if (left instanceof Big && right instanceof Big) return left.cmp(right);
  const areNumbers = typeof left === 'number' && typeof right === 'number';
  if (!areNumbers && (typeof left !== 'string' || typeof right !== 'string')) return Number.NaN;
  return left < right ? -1 : left > right ? 1 : 0;
}
