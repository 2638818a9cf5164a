import { Big } from 'big.js';
import { type ConditionProperties, Engine, type TopLevelCondition } from 'json-rules-engine';
import { type Comparison, type Condition, constantsOf, isFact, type Operator, OPERATORS } from './condition.ts';
import type { FactSet } from './facts.ts';
import type { Rule } from './form-definition.ts';
import type { FactValue } from './kinds.ts';

/** Either side of a comparison. */
type Operand = FactValue | ReadonlySet<FactValue | undefined> | undefined;

/** Values of a {@link FactSet}, in the order of its names. */
type Values = readonly (FactValue | undefined)[];

/**
 * Prepares one json-rules-engine for a form's rules, over values that `facts` reads.
 *
 * All checks use one engine, and its runs never overlap: overlapping runs can drop rules silently (7.3). A run that fails
 * rejects its own promise and no other.
 *
 * @returns a function of a response's values; it resolves to the names of the rules whose conditions do not hold
 */
export function compileEngine(
  rules: readonly Rule[],
  facts: FactSet,
): (values: Values) => Promise<ReadonlySet<string>> {
  // The values of the response in the current run.
  let current: Values = [];
  /*
   * The engine deep-clones a rule's conditions in every run, and hashes every fact that is given to a run; together that
   * takes most of its time. So the right side of a comparison is a position in `operands` instead of an object to clone,
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
    const constants = constantsOf(value).map((constant) => facts.kindOf(fact)?.valueOf(constant));
    const operand = typeof value === 'object' ? new Set(constants.map(elementOf)) : constants[0];
    return () => operand;
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
  return right instanceof Set && right.has(left instanceof Big ? elementOf(left) : left);
}

/** A value as an element of a set: a decimal becomes text, because a set compares objects by identity. */
function elementOf(value: FactValue | undefined): FactValue | undefined {
  // Unlike toFixed, this writes -0 as 0.
  return value instanceof Big ? value.toString() : value;
}

function isSame(left: Operand, right: Operand): boolean {
  return left instanceof Big && right instanceof Big ? left.eq(right) : left === right;
}

/** Below 0, 0 or above 0 as left comes before, with or after right; NaN, so that no comparison holds, where there is no order. */
function order(left: Operand, right: Operand): number {
  if (left instanceof Big && right instanceof Big) return left.cmp(right);
  if (typeof left !== 'string' || typeof right !== 'string') return Number.NaN;
  return left < right ? -1 : left > right ? 1 : 0;
}
