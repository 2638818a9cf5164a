/** Expressions of derived facts: which facts they name, and how they are computed. */
import * as z from 'zod';
import { EXPRESSION_OPERATORS, type ExpressionOperator } from './expression-operators.ts';
import { type At, entriesIn, type Frame } from './frame.ts';
import { type FactValue, type Kind, NUMBER } from './kinds.ts';
import { innermost, type Scope } from './scope.ts';

/**
 * The name of a fact, a number, or an object with one member: an operator with its operands. A single operand needs
 * no list, and an operator without operands has `{}`.
 */
export type Expression = string | number | { readonly [operator: string]: Expression | readonly Expression[] };

/** Accepts any value; `readExpression` checks it. */
export const expressionSchema = z.custom<Expression>((value) => value !== undefined, 'Send an expression.');

/** The operator of an expression and its operands; undefined if it is a name or a number. */
function applicationOf(
  expression: Expression,
): { operator: ExpressionOperator; operands: readonly Expression[] } | undefined {
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

/** Whether an expression is a length or a number of entries, so that its values are whole numbers from 0. */
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
 * @param valueOf returns a function that reads a fact
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
 * @param depth the depth of the scope in which the aggregate has its values
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
