import { Big } from 'big.js';
import { type ConditionProperties, Engine, type TopLevelCondition } from 'json-rules-engine';
import type { FactSet, FactValue } from './facts.ts';
import type { FactKind } from './form-checks.ts';
import { type Comparison, type Condition, type Literal, type Operator, OPERATORS, type Rule } from './form-schema.ts';
import { toInstant } from './time.ts';

/** What stands on either side of a comparison. */
type Operand = FactValue | ReadonlySet<FactValue> | undefined;

/** Values of a {@link FactSet}, in the order of its names. */
type Values = readonly (FactValue | undefined)[];

/**
 * Prepares one json-rules-engine for a form's rules, over values that `facts` reads.
 *
 * One engine is reused for all checks and its runs never overlap: of runs that do, it can drop rules silently (7.3). A
 * run that fails rejects its own promise and no other.
 *
 * @returns the names of the rules whose conditions do not hold of the values
 */
export function compileEngine(
  rules: readonly Rule[],
  facts: FactSet,
): (values: Values) => Promise<ReadonlySet<string>> {
  // The values of the response that the engine is looking at.
  let current: Values = [];
  /*
   * The engine deep-clones a rule's conditions in every run, and hashes every fact that is given to a run; together that is
   * most of its time. Hence the right side of a comparison is a position in `operands` instead of an object to clone,
   * and facts are declared once, uncached, as functions of `current`.
   */
  const operands: (() => Operand)[] = [];
  const engine = new Engine([], { allowUndefinedFacts: true, pathResolver: (value) => value });
  for (const [position, name] of facts.names.entries()) {
    engine.addFact(name, () => current[position], { cache: false });
  }
  for (const operator of OPERATORS) {
    const holds = OPERATIONS[operator];
    engine.addOperator<Operand, number>(operator, (left, right) => holds(left, operands[right]?.()));
  }
  const operandOf = ({ fact, value }: Comparison): (() => Operand) => {
    if (isFact(value)) {
      const position = facts.names.indexOf(value.fact);
      return () => current[position];
    }
    const kind = facts.kindOf(fact);
    const literal = isList(value)
      ? new Set(value.map((element) => memberOf(readLiteral(element, kind))))
      : readLiteral(value, kind);
    return () => literal;
  };
  const toEngine = (condition: Condition): TopLevelCondition | ConditionProperties => {
    if ('all' in condition) return { all: condition.all.map(toEngine) };
    if ('any' in condition) return { any: condition.any.map(toEngine) };
    if ('not' in condition) return { not: toEngine(condition.not) };
    return { fact: condition.fact, operator: condition.operator, value: operands.push(operandOf(condition)) - 1 };
  };
  for (const { name, conditions } of rules) {
    const root = toEngine(conditions);
    engine.addRule({ name, conditions: 'fact' in root ? { all: [root] } : root, event: { type: 'kept' } });
  }

  let last: Promise<unknown> = Promise.resolve();
  return (values) => {
    const run = last.then(async () => {
      current = values;
      const { failureResults } = await engine.run();
      return new Set(failureResults.map(({ name }) => name));
    });
    last = run.catch(() => undefined);
    return run;
  };
}

const OPERATIONS: Readonly<Record<Operator, (left: Operand, right: Operand) => boolean>> = {
  equal: (left, right) => isSame(left, right),
  notEqual: (left, right) => !isSame(left, right),
  lessThan: (left, right) => order(left, right) < 0,
  lessThanInclusive: (left, right) => order(left, right) <= 0,
  greaterThan: (left, right) => order(left, right) > 0,
  greaterThanInclusive: (left, right) => order(left, right) >= 0,
  in: (left, right) => isIn(left, right),
  notIn: (left, right) => right instanceof Set && !isIn(left, right),
};

function isIn(left: Operand, right: Operand): boolean {
  return right instanceof Set && right.has(left instanceof Big ? memberOf(left) : left);
}

/** A value as sets hold it: a list may have 500 constants, and a decimal is only the same as another by its text. */
function memberOf(value: FactValue): FactValue {
  // Unlike toFixed, this writes -0 as 0.
  return value instanceof Big ? value.toString() : value;
}

function isSame(left: Operand, right: Operand): boolean {
  return left instanceof Big && right instanceof Big ? left.eq(right) : left === right;
}

/** Below 0, 0 or above 0 as left comes before, with or after right; NaN, which every comparison refuses, for what has no order. */
function order(left: Operand, right: Operand): number {
  if (left instanceof Big && right instanceof Big) return left.cmp(right);
  if (typeof left !== 'string' || typeof right !== 'string') return Number.NaN;
  return left < right ? -1 : left > right ? 1 : 0;
}

function readLiteral(literal: string | number | boolean, kind: FactKind): FactValue {
  const text = String(literal);
  if (kind === 'number') return new Big(text);
  if (kind === 'time') return toInstant(text) ?? text;
  return typeof literal === 'boolean' ? literal : text;
}

function isFact(value: Comparison['value']): value is { readonly fact: string } {
  return typeof value === 'object' && 'fact' in value;
}

function isList(value: Literal): value is Exclude<Literal, string | number | boolean> {
  return Array.isArray(value);
}
