/** The operators of expressions. */
import { Big } from 'big.js';
import { LIMITS } from '../values/limits.ts';
import { instantAt } from '../values/time.ts';
import { type FactValue, type Kind, NUMBER, TIME } from './kinds.ts';
import { OPERATIONS } from './operators.ts';

export type ExpressionOperator = {
  /** Min and max operands. */
  readonly operands: readonly [number, number];
  /** The names of the kinds that it takes. */
  readonly takes: readonly string[];
  /** `operand` is the kind of the operand. */
  readonly gives: Kind | 'operand';
  /** Whether it combines the values that its one operand has in all entries of a repeat. */
  readonly isAggregate?: true;
  /** How many terms it counts as, besides its operands; 0 if omitted. */
  readonly terms?: number;
  /** @param now milliseconds since 1970 @returns undefined if there is no value */
  readonly apply: (operands: readonly FactValue[], now: number) => FactValue | undefined;
};

/** Decimal places of a quotient. */
const QUOTIENT_PLACES = 10;

/** Max digits of a product or quotient, before and after the point together. They bound the work of nested products. */
const MAX_DIGITS = 40;

// A constructor of its own, so that other divisions keep their places and rounding.
const Quotient = Big();
Quotient.DP = QUOTIENT_PLACES;
Quotient.RM = Big.roundHalfEven;

const plus = fold((sum, term) => sum.plus(term));

const ORDERED = ['number', 'date', 'time', 'time of day'] as const;
const ANY = [...ORDERED, 'text', 'boolean', 'options', 'place'] as const;

/** The operators. Another one is a line here, a row in docs/forms.md, and a case in expression.test.ts. */
export const EXPRESSION_OPERATORS: Readonly<Record<string, ExpressionOperator>> = {
  add: { operands: [1, LIMITS.terms], takes: ['number'], gives: NUMBER, apply: plus },
  subtract: { operands: [2, 2], takes: ['number'], gives: NUMBER, apply: fold((left, right) => left.minus(right)) },
  multiply: {
    operands: [2, LIMITS.terms],
    takes: ['number'],
    gives: NUMBER,
    apply: fold((product, factor) => bounded(product.times(factor))),
  },
  divide: {
    operands: [2, 2],
    takes: ['number'],
    gives: NUMBER,
    // A division takes as long as ten additions.
    terms: 10,
    apply: fold((left, right) => (right.eq(0) ? undefined : bounded(new Quotient(left).div(right)))),
  },
  length: { operands: [1, 1], takes: ['text', 'options'], gives: NUMBER, apply: ([value]) => lengthOf(value) },
  days_between: { operands: [2, 2], takes: ['time', 'date'], gives: NUMBER, apply: ([from, to]) => daysFrom(from, to) },
  years_between: {
    operands: [2, 2],
    takes: ['time', 'date'],
    gives: NUMBER,
    apply: ([from, to]) => yearsFrom(from, to),
  },
  now: { operands: [0, 0], takes: [], gives: TIME, terms: 1, apply: (_operands, now) => instantAt(now) },
  count: aggregate(ANY, NUMBER, (values) => new Big(values.length)),
  sum: aggregate(['number'], NUMBER, (values, now) => (values.length === 0 ? new Big(0) : plus(values, now))),
  min: aggregate(ORDERED, 'operand', (values) => extreme(values, OPERATIONS.lessThan)),
  max: aggregate(ORDERED, 'operand', (values) => extreme(values, OPERATIONS.greaterThan)),
};

/** An operator over the values that an expression has in the entries of a repeat. */
function aggregate(
  takes: ExpressionOperator['takes'],
  gives: ExpressionOperator['gives'],
  apply: ExpressionOperator['apply'],
): ExpressionOperator {
  return { operands: [1, 1], takes, gives, isAggregate: true, apply };
}

function extreme(
  values: readonly FactValue[],
  isBetter: (left: FactValue, right: FactValue) => boolean,
): FactValue | undefined {
  let best: FactValue | undefined;
  for (const value of values) if (best === undefined || isBetter(value, best)) best = value;
  return best;
}

function fold(step: (left: Big, right: Big) => Big | undefined): ExpressionOperator['apply'] {
  return (operands) => {
    let result: Big | undefined;
    for (const operand of operands) {
      if (!(operand instanceof Big)) return undefined;
      result = result === undefined ? operand : step(result, operand);
      if (result === undefined) return undefined;
    }
    return result;
  };
}

function bounded(number: Big): Big | undefined {
  const decimals = Math.max(0, number.c.length - 1 - number.e);
  return Math.max(0, number.e) + 1 + decimals > MAX_DIGITS ? undefined : number;
}

/** The Unicode code points of a text, or the number of chosen options. */
function lengthOf(value: FactValue | undefined): FactValue | undefined {
  if (value instanceof Set) return new Big(value.size);
  return typeof value === 'string' ? new Big(Array.from(value).length) : undefined;
}

/** Whole days of 24 hours, rounded down: negative if the second time is earlier. A date starts at midnight UTC. */
function daysFrom(from: FactValue | undefined, to: FactValue | undefined): FactValue | undefined {
  if (typeof from !== 'string' || typeof to !== 'string') return undefined;
  const days = dayNumber(to) - dayNumber(from);
  return new Big(timeOfDay(to) < timeOfDay(from) ? days - 1 : days);
}

/** Whole years, rounded down, as an age is counted. A person born on 29 February is a year older from 1 March. */
function yearsFrom(from: FactValue | undefined, to: FactValue | undefined): FactValue | undefined {
  if (typeof from !== 'string' || typeof to !== 'string') return undefined;
  const years = Number(to.slice(0, YEAR_LENGTH)) - Number(from.slice(0, YEAR_LENGTH));
  return new Big(timeOfYear(to) < timeOfYear(from) ? years - 1 : years);
}

function timeOfYear(time: string): string {
  return time.slice(YEAR_LENGTH, DATE_LENGTH) + timeOfDay(time);
}

function dayNumber(time: string): number {
  return Date.parse(time.slice(0, DATE_LENGTH)) / 86_400_000;
}

function timeOfDay(time: string): string {
  return time.slice(DATE_LENGTH) || 'T00:00:00.000000000Z';
}

const YEAR_LENGTH = 'YYYY'.length;
const DATE_LENGTH = 'YYYY-MM-DD'.length;
