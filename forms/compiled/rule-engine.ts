import { type ConditionProperties, Engine, Rule, type TopLevelCondition } from 'json-rules-engine';
import { compileComparison } from '../language/comparison.ts';
import { comparisonsOf, type Condition, factsOf } from '../language/condition.ts';
import type { FactSet } from './facts.ts';
import type { Rule as FormRule } from '../definition/form-definition.ts';
import { type At, AT_ROOT, type Frame } from '../language/frame.ts';
import { OPERATORS } from '../language/operators.ts';

/**
 * Prepares one json-rules-engine for rules of one scope.
 *
 * All checks in the scope share the engine, and its runs never overlap: overlapping runs drop rules silently (seen in
 * json-rules-engine 7.3). A run that fails rejects only its own promise.
 *
 * @returns a function of a place in that scope, which resolves to the names of the rules that the response breaks there
 */
export function compileEngine(
  rules: readonly FormRule[],
  facts: FactSet,
): (frame: Frame, at: At) => Promise<ReadonlySet<string>> {
  // The place of the current run.
  let current: { frame: Frame; at: At } = { frame: { entries: new Map(), columns: [], now: 0 }, at: AT_ROOT };
  /*
   * The engine hashes every fact given to a run, which would take much of its time. So facts are declared once,
   * uncached, as functions of `current`, and the right side of a comparison is its position in `comparisons`.
   */
  const comparisons: (() => boolean)[] = [];
  const engine = new Engine([], { allowUndefinedFacts: true, pathResolver: (value) => value });
  for (const name of new Set(rules.flatMap(({ conditions }) => comparisonsOf(conditions).flatMap(factsOf)))) {
    const valueOf = facts.valueOf(name);
    engine.addFact(name, () => valueOf(current.frame, current.at), { cache: false });
  }
  for (const operator of OPERATORS) {
    engine.addOperator<unknown, number>(operator, (_left, position) => comparisons[position]?.() ?? false);
  }
  /*
   * A comparison without an answer is unknown. The engine knows only true and false, so it gets the outcome that
   * lets the rule pass: true, or false below an odd number of `not`. So a rule fails only if it is false in Kleene's
   * three-valued logic.
   */
  const toEngine = (condition: Condition, isUnknownTrue: boolean): TopLevelCondition | ConditionProperties => {
    if ('all' in condition) return { all: condition.all.map((part) => toEngine(part, isUnknownTrue)) };
    if ('any' in condition) return { any: condition.any.map((part) => toEngine(part, isUnknownTrue)) };
    if ('not' in condition) return { not: toEngine(condition.not, !isUnknownTrue) };
    const { fact, operator } = condition;
    const holds = compileComparison(condition, facts);
    return {
      fact,
      operator,
      value: comparisons.push(() => holds(current.frame, current.at) ?? isUnknownTrue) - 1,
    };
  };
  for (const { name, conditions } of rules) {
    const root = toEngine(conditions, true);
    const rule = new Rule({ name, conditions: 'fact' in root ? { all: [root] } : root, event: { type: 'kept' } });
    // Each run deep-copies the conditions of every rule, but not functions. As members of a function they are not
    // copied, and the engine takes less than half of the time.
    rule.conditions = Object.assign(() => undefined, rule.conditions);
    engine.addRule(rule);
  }

  let last: Promise<unknown> = Promise.resolve();
  return (frame, at) => {
    const run = last.then(async () => {
      current = { frame, at };
      const { failureResults } = await engine.run();
      return new Set(failureResults.map(({ name }) => name));
    });
    last = run.catch(() => undefined);
    return run;
  };
}
