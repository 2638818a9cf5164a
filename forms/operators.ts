/** The operators of conditions: only the comparing operators of json-rules-engine. */
import { Big } from 'big.js';

export const OPERATORS = [
  'equal',
  'notEqual',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
  'in',
  'notIn',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** One side of a comparison: a fact, a constant, or the set of a list's constants, in which decimals are text. */
export type Operand = Big | string | number | boolean | ReadonlySet<unknown> | undefined;

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
};

/** The operators that take a list. */
export const LIST_OPERATORS: ReadonlySet<Operator> = new Set(['in', 'notIn']);

/** A value as an element of a set: a decimal becomes text, because a set compares objects by identity. */
export function elementOf(value: Operand): Operand {
  // Unlike toFixed, this writes -0 as 0.
  return value instanceof Big ? value.toString() : value;
}

function isIn(left: Operand, right: Operand): boolean {
  return right instanceof Set && right.has(elementOf(left));
}

function isSame(left: Operand, right: Operand): boolean {
  return left instanceof Big && right instanceof Big ? left.eq(right) : left === right;
}

/**
 * Negative, 0 or positive if left is less than, equal to or greater than right. NaN without an order: all comparisons
 * are false.
 */
function order(left: Operand, right: Operand): number {
  if (left instanceof Big && right instanceof Big) return left.cmp(right);
  const areNumbers = typeof left === 'number' && typeof right === 'number';
  if (!areNumbers && (typeof left !== 'string' || typeof right !== 'string')) return Number.NaN;
  return left < right ? -1 : left > right ? 1 : 0;
}
