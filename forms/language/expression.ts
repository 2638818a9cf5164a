/** Expressions of derived facts: their operators, how they are read, and how they are computed. */
import { Big } from 'big.js';
import * as z from 'zod';
import type { Fault } from '../values/fault.ts';
import { isJsonObject, JsonNumber } from '../values/json.ts';
import { type At, entriesIn, type Frame } from './frame.ts';
import { type FactValue, type Kind, NUMBER, TIME } from './kinds.ts';
import { LIMITS } from '../values/limits.ts';
import { OPERATIONS } from './operators.ts';
import { innermost, ROOT, type Scope } from './scope.ts';
import { instantAt } from '../values/time.ts';

/**
 * The name of a fact, a number, or an object with one member: an operator with its operands. A single operand stands
 * without a list, and an operator without operands has `{}`.
 */
export type Expression = string | number | { readonly [operator: string]: Expression | readonly Expression[] };

/** Accepts any value; `readExpression` checks it. */
export const expressionSchema = z.custom<Expression>((value) => value !== undefined, 'Send an expression.');

type Operator = {
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
export const EXPRESSION_OPERATORS: Readonly<Record<string, Operator>> = {
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
function aggregate(takes: Operator['takes'], gives: Operator['gives'], apply: Operator['apply']): Operator {
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

/** Whole years, rounded down, as an age is counted: who was born on 29 February is a year older from 1 March. */
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

/**
 * The facts that an expression names.
 *
 * @param reach `same entry` leaves out the facts inside an aggregate, which takes their values in all entries
 */
export function namesIn(expression: Expression, reach: 'all' | 'same entry'): readonly string[] {
  if (typeof expression === 'string') return [expression];
  const application = applicationOf(expression);
  if (application === undefined || (reach === 'same entry' && application.operator.isAggregate)) return [];
  return application.operands.flatMap((operand) => namesIn(operand, reach));
}

/**
 * The scope in whose entries an expression has one value each: the innermost scope of its facts; for an aggregate, the
 * scope around that. Undefined if the facts are in different repeats, or if an aggregate has no fact inside a repeat.
 */
export function scopeOfExpression(expression: Expression, scopeOf: (name: string) => Scope): Scope | undefined {
  if (typeof expression === 'string') return scopeOf(expression);
  const { operator, operands = [] } = applicationOf(expression) ?? {};
  const scopes = operands.map((operand) => scopeOfExpression(operand, scopeOf));
  const known = scopes.filter((scope) => scope !== undefined);
  const scope = known.length < scopes.length ? undefined : innermost(known);
  return operator?.isAggregate ? scope?.parent : scope;
}

/** Whether an expression's value depends on when the server computes it. @param ofFact whether a fact's value does */
export function dependsOnNow(expression: Expression, ofFact: (name: string) => boolean): boolean {
  if (typeof expression === 'string') return ofFact(expression);
  const { operator, operands = [] } = applicationOf(expression) ?? {};
  return operator === EXPRESSION_OPERATORS['now'] || operands.some((operand) => dependsOnNow(operand, ofFact));
}

/** The number of terms: names, constants, and what the operators count as. */
export function countTerms(expression: Expression): number {
  const application = applicationOf(expression);
  if (application === undefined) return 1;
  const { operator, operands } = application;
  return operands.reduce((sum: number, operand) => sum + countTerms(operand), operator.terms ?? 0);
}

/** Whether its values are the length of something, or a number of entries: whole numbers from 0. */
export function isCount(expression: Expression | undefined): boolean {
  return typeof expression === 'object' && ('length' in expression || 'count' in expression);
}

/** The kind of an expression's values; undefined if it is a name whose kind is not known. */
export function kindOfExpression(expression: Expression, kindOf: (name: string) => Kind | undefined): Kind | undefined {
  if (typeof expression === 'string') return kindOf(expression);
  const { operator, operands: [operand] = [] } = applicationOf(expression) ?? {};
  if (operator?.gives !== 'operand') return operator?.gives ?? NUMBER;
  return operand === undefined ? undefined : kindOfExpression(operand, kindOf);
}

type Compute = (frame: Frame, at: At) => FactValue | undefined;

/**
 * Prepares an expression.
 *
 * @param valueOf prepares reading a fact
 * @returns a function that computes the value at a place in the expression's scope. It returns undefined if a fact has
 * no value, a divisor is 0, or a number is too long; an aggregate leaves out the entries that have no value
 */
export function compileExpression(
  expression: Expression,
  valueOf: (name: string) => Compute,
  scopeOf: (name: string) => Scope,
): Compute {
  if (typeof expression === 'string') return valueOf(expression);
  const application = applicationOf(expression);
  if (application === undefined) {
    const constant = NUMBER.valueOf(expression);
    return () => constant;
  }
  const { apply, isAggregate } = application.operator;
  const parts = application.operands.map((operand) => compileExpression(operand, valueOf, scopeOf));
  const [part] = parts;
  const [operand = 0] = application.operands;
  const scope = isAggregate ? scopeOfExpression(operand, scopeOf) : undefined;
  if (scope?.parent !== undefined && part !== undefined) {
    const { depth } = scope.parent;
    return oncePerEntry(depth, (frame, at) => {
      const values = entriesIn(frame, scope, at).map((entry) => part(frame, entry));
      return apply(
        values.filter((value) => value !== undefined),
        frame.now,
      );
    });
  }
  return (frame, at) => {
    const values: FactValue[] = [];
    for (const each of parts) {
      const value = each(frame, at);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return apply(values, frame.now);
  };
}

/**
 * Caches the values of an aggregate. Otherwise an expression in a repeat would read all entries of another repeat for
 * each of its own entries.
 *
 * @param depth of the scope in which the aggregate has its values
 */
function oncePerEntry(depth: number, compute: Compute): Compute {
  const computed = new WeakMap<Frame, (readonly [FactValue | undefined])[]>();
  return (frame, at) => {
    const values = computed.get(frame) ?? [];
    computed.set(frame, values);
    const entry = at[depth] ?? 0;
    const [value] = (values[entry] ??= [compute(frame, at)]);
    return value;
  };
}

/** The facts that an expression may name, with their kinds; undefined if a kind is not known. */
type Facts = ReadonlyMap<string, { readonly kind: Kind | undefined; readonly scope: Scope }>;

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
  if (expression !== undefined && faults.length === before) checkScope(expression, pointer, catalogue, faults);
  return faults.length === before ? expression : undefined;
}

/** Adds a fault if the facts of an expression are in different repeats, or if an aggregate has none in a repeat. */
export function checkScope(expression: Expression, pointer: string, catalogue: Facts, faults: Fault[]): void {
  const scope = scopeOfExpression(expression, (name) => catalogue.get(name)?.scope ?? ROOT);
  if (scope !== undefined) return;
  const detail =
    'Use facts of one repeat and of the groups, repeats and form around it. count, sum, min and max take a fact of a repeat, and give one value for all its entries.';
  faults.push({ pointer, detail });
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
    return fault(
      `Use a value of the kind ${operator.takes.join(' or ')} here; this one is of the kind ${kind.name}.`,
      at,
    );
  });
  const read = operands.filter((operand) => operand !== undefined);
  const [first] = read;
  if (first === undefined || read.length < operands.length) return undefined;
  return { [name]: most === 1 ? first : read };
}

const WHAT_TO_SEND = `Send the name of a fact, a number, or an object with one of: ${Object.keys(EXPRESSION_OPERATORS).join(', ')}.`;
