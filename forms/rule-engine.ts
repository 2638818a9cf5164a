import { type ConditionProperties, Engine, type TopLevelCondition } from 'json-rules-engine';
import { type Comparison, type Condition, constantsOf, isFact } from './condition.ts';
import type { FactSet } from './facts.ts';
import type { Rule } from './form-definition.ts';
import type { FactValue } from './kinds.ts';
import { elementOf, type Operand, OPERATIONS } from './operators.ts';

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
   * of its time. So the right side of a comparison is a position in `operands` instead of an object to clone, and facts
   * are declared once, uncached, as functions of `current`.
   */
  const operands: (() => Operand)[] = [];
  const engine = new Engine([], { allowUndefinedFacts: true, pathResolver: (value) => value });
  for (const [position, name] of facts.names.entries()) {
    engine.addFact(name, () => current[position], { cache: false });
  }
  for (const [operator, holds] of Object.entries(OPERATIONS)) {
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
