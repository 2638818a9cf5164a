/** Expressions of derived facts: their operators, how they are read, and how they are computed. */
import { Big } from 'big.js';
import type { Fault } from './fault.ts';
import { isJsonObject, JsonNumber } from './json.ts';
import { type FactValue, type Kind, NUMBER, TIME } from './kinds.ts';
import { LIMITS } from './limits.ts';
import { instantAt } from './time.ts';

/**
 * The name of a fact, a number, or an object with one member: an operator with its operands. A single operand stands
 * without a list, and an operator without operands has `{}`.
 */
export type Expression = string | number | { readonly [operator: string]: Expression | readonly Expression[] };

type Operator = {
  /** Min and max operands. */
  readonly operands: readonly [number, number];
  /** The names of the kinds that it takes. */
  readonly takes: readonly string[];
  readonly gives: Kind;
  /** The terms that it counts as besides its operands; 0 if omitted. */
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

/** The operators. Another one is a line here, a row in docs/forms.md, and a case in expression.test.ts. */
export const EXPRESSION_OPERATORS: Readonly<Record<string, Operator>> = {
  add: { operands: [1, LIMITS.terms], takes: ['number'], gives: NUMBER, apply: fold((sum, term) => sum.plus(term)) },
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
  now: { operands: [0, 0], takes: [], gives: TIME, terms: 1, apply: (_operands, now) => instantAt(now) },
};

function fold(step: (left: Big, right: Big) => Big | undefined): Operator['apply'] {
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

function dayNumber(time: string): number {
  return Date.parse(time.slice(0, DATE_LENGTH)) / 86_400_000;
}

function timeOfDay(time: string): string {
  return time.slice(DATE_LENGTH) || 'T00:00:00.000000000Z';
}

const DATE_LENGTH = 'YYYY-MM-DD'.length;

/** The operator of an expression and its operands; undefined if it is a name or a number. */
function applicationOf(expression: Expression): { operator: Operator; operands: readonly Expression[] } | undefined {
  if (typeof expression !== 'object') return undefined;
  const [[name, content] = ['', []]] = Object.entries(expression);
  const operator = EXPRESSION_OPERATORS[name];
  if (operator === undefined) return undefined;
  const [, most] = operator.operands;
  return { operator, operands: isList(content) ? content : most === 0 ? [] : [content] };
}

function isList(content: Expression | readonly Expression[]): content is readonly Expression[] {
  return Array.isArray(content);
}

/** The facts that an expression names. */
export function namesIn(expression: Expression): readonly string[] {
  if (typeof expression === 'string') return [expression];
  return applicationOf(expression)?.operands.flatMap(namesIn) ?? [];
}

/** The names and constants in an expression, and what its operators count as. */
export function countTerms(expression: Expression): number {
  const application = applicationOf(expression);
  if (application === undefined) return 1;
  const { operator, operands } = application;
  return operands.reduce((sum: number, operand) => sum + countTerms(operand), operator.terms ?? 0);
}

/** The kind of an expression's values; undefined if it is a name whose kind is not known. */
export function kindOfExpression(expression: Expression, kindOf: (name: string) => Kind | undefined): Kind | undefined {
  if (typeof expression === 'string') return kindOf(expression);
  return applicationOf(expression)?.operator.gives ?? NUMBER;
}

type Values = readonly (FactValue | undefined)[];

/**
 * Prepares an expression.
 *
 * @param positionOf where a fact's value is in the values
 * @returns a function of the facts' values and the time, in milliseconds since 1970. It returns undefined if a fact has
 * no value, a divisor is 0, or a number is too long
 */
export function compileExpression(
  expression: Expression,
  positionOf: (name: string) => number,
): (values: Values, now: number) => FactValue | undefined {
  if (typeof expression === 'string') {
    const position = positionOf(expression);
    return (values) => values[position];
  }
  const application = applicationOf(expression);
  if (application === undefined) {
    const constant = NUMBER.valueOf(expression);
    return () => constant;
  }
  const { apply } = application.operator;
  const parts = application.operands.map((operand) => compileExpression(operand, positionOf));
  return (values, now) => {
    const operands: FactValue[] = [];
    for (const part of parts) {
      const operand = part(values, now);
      if (operand === undefined) return undefined;
      operands.push(operand);
    }
    return apply(operands, now);
  };
}

/** The facts that an expression may name, with their kinds; undefined if a kind is not known. */
type Facts = ReadonlyMap<string, { readonly kind: Kind | undefined }>;

type Reading = { readonly catalogue: Facts; readonly faults: Fault[]; terms: number };

/**
 * Reads an expression of a derived fact.
 *
 * @param pointer where the expression is
 * @param catalogue the facts that it may name
 * @param faults every fault found is added here, up to about 100
 * @returns the expression, with each {@link JsonNumber} turned into a number; undefined if there are faults
 */
export function readExpression(
  input: unknown,
  pointer: string,
  catalogue: Facts,
  faults: Fault[],
): Expression | undefined {
  const before = faults.length;
  const reading = { catalogue, faults, terms: 0 };
  const expression = readPart(input, pointer, 1, reading);
  if (reading.terms > LIMITS.terms) {
    const detail = `Use at most ${LIMITS.terms} terms in a fact: names and numbers; divide counts as 10 more.`;
    faults.push({ pointer, detail });
  }
  return faults.length === before ? expression : undefined;
}

function readPart(input: unknown, pointer: string, depth: number, reading: Reading): Expression | undefined {
  if (reading.terms > LIMITS.terms) return undefined;
  const fault = (detail: string, at = '') => void reading.faults.push({ pointer: pointer + at, detail });
  if (!isJsonObject(input)) {
    reading.terms += 1;
    if (typeof input === 'string') {
      if (reading.catalogue.has(input)) return input;
      return fault('Name a question, metadata, or a derived fact declared before this one.');
    }
    const number = input instanceof JsonNumber ? Number(input.source) + 0 : input;
    if (typeof number === 'number' && NUMBER.valueOf(input) !== undefined) return number;
    return fault(typeof number === 'number' ? NUMBER.advice : WHAT_TO_SEND);
  }

  if (depth > LIMITS.depth) return fault(`Nest expressions at most ${LIMITS.depth} deep.`);
  const [name = '', ...more] = Object.keys(input);
  const operator = Object.hasOwn(EXPRESSION_OPERATORS, name) ? EXPRESSION_OPERATORS[name] : undefined;
  if (operator === undefined || more.length > 0) return fault(WHAT_TO_SEND);
  const content = input[name];
  const [least, most] = operator.operands;
  reading.terms += operator.terms ?? 0;
  if (most === 0) {
    if (isJsonObject(content) && Object.keys(content).length === 0) return { [name]: {} };
    return fault('Send {}; it has no operands.', `/${name}`);
  }
  const sent: unknown = most === 1 ? [content] : content;
  if (!Array.isArray(sent) || sent.length < least || sent.length > most) {
    return fault(`List ${least === most ? least : `${least} to ${most}`} expressions.`, `/${name}`);
  }
  const operands = sent.map((operand: unknown, index) => {
    const at = most === 1 ? `/${name}` : `/${name}/${index}`;
    const read = readPart(operand, pointer + at, depth + 1, reading);
    const kind = read === undefined ? undefined : kindOfExpression(read, (key) => reading.catalogue.get(key)?.kind);
    if (kind === undefined || operator.takes.includes(kind.name)) return read;
    return fault(`Name a ${operator.takes.join(' or a ')} here; this is a ${kind.name}.`, at);
  });
  const read = operands.filter((operand) => operand !== undefined);
  const [first] = read;
  if (first === undefined || read.length < operands.length) return undefined;
  return { [name]: most === 1 ? first : read };
}

const WHAT_TO_SEND = `Send the name of a fact, a number, or an object with one of: ${Object.keys(EXPRESSION_OPERATORS).join(', ')}.`;
