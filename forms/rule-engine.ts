import { type ConditionProperties, Engine, type TopLevelCondition } from 'json-rules-engine';
import { type Comparison, type Condition, constantsOf, isFact, isPresence } from './condition.ts';
import type { FactSet } from './facts.ts';
import type { Rule } from './form-definition.ts';
import type { FactValue } from './kinds.ts';
import { type Operand, OPERATIONS, OPERATORS, rightSide } from './operators.ts';

/** Values of a {@link FactSet}, in the order of its names. */
type Values = readonly (FactValue | undefined)[];

/**
 * Prepares one json-rules-engine for a form's rules. The engine takes the values in the order of `facts.names`.
 *
 * All checks use one engine, and its runs never overlap: overlapping runs drop rules silently (seen in json-rules-engine
 * 7.3). A run that fails rejects only its own promise.
 *
 * @returns a function of a response's values, which resolves to the names of the rules that the response breaks
 */
export function compileEngine(
  rules: readonly Rule[],
  facts: FactSet,
): (values: Values) => Promise<ReadonlySet<string>> {
  // The values of the response in the current run.
  let current: Values = [];
  /*
   * The engine deep-clones a rule's conditions in every run and hashes every fact given to a run, which would take most
   * of its time. So the engine gets a position in `comparisons` as the right side, instead of an object to clone, and
   * facts are declared once, uncached, as functions of `current`.
   */
  const comparisons: ((left: Operand) => boolean)[] = [];
  const engine = new Engine([], { allowUndefinedFacts: true, pathResolver: (value) => value });
  for (const [position, name] of facts.names.entries()) {
    engine.addFact(name, () => current[position], { cache: false });
  }
  for (const operator of OPERATORS) {
    engine.addOperator<Operand, number>(operator, (left, position) => comparisons[position]?.(left) ?? false);
  }
  const operandOf = ({ fact, operator, value }: Comparison): (() => Operand) => {
    if (isFact(value)) {
      const position = facts.names.indexOf(value.fact);
      return () => current[position];
    }
    const constants = constantsOf(value).map((constant) => facts.kindOf(fact)?.valueOf(constant));
    const operand = rightSide(operator, constants);
    return () => operand;
  };
  const compile = (comparison: Comparison, isUnknownTrue: boolean): ((left: Operand) => boolean) => {
    const holds = OPERATIONS[comparison.operator];
    if (isPresence(comparison)) return (left) => holds(left, undefined);
    const operandOn = operandOf(comparison);
    return (left) => {
      const right = operandOn();
      return left === undefined || right === undefined ? isUnknownTrue : holds(left, right);
    };
  };
  /*
   * A comparison without an answer is unknown. The engine knows only true and false, so it is told the outcome that lets
   * the rule pass: true, or false below an odd number of `not`. So a rule fails only if it is false in Kleene's
   * three-valued logic.
   */
  const toEngine = (condition: Condition, isUnknownTrue: boolean): TopLevelCondition | ConditionProperties => {
    if ('all' in condition) return { all: condition.all.map((part) => toEngine(part, isUnknownTrue)) };
    if ('any' in condition) return { any: condition.any.map((part) => toEngine(part, isUnknownTrue)) };
    if ('not' in condition) return { not: toEngine(condition.not, !isUnknownTrue) };
    const { fact, operator } = condition;
    return { fact, operator, value: comparisons.push(compile(condition, isUnknownTrue)) - 1 };
  };
  for (const { name, conditions } of rules) {
    const root = toEngine(conditions, true);
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
