/** Refuses forms whose largest response would take too long: see `LIMITS`. */
import { comparisonsOf, type Condition, constantsOf, factsOf } from '../language/condition.ts';
import { countTerms, type Expression, namesIn } from '../language/expression.ts';
import { innermost, ROOT, type Scope } from '../language/scope.ts';
import { isSection, type Item } from '../question-types/index.ts';
import { type Fault, pointerTo } from '../values/fault.ts';
import { LIMITS } from '../values/limits.ts';
import { patternSteps } from '../values/pattern.ts';
import type { Element, FactCatalogue } from './form-checks.ts';
import { type DerivedFact, expressionOf } from './form-definition.ts';
import type { PlacedElement } from './question-checks.ts';

/** The innermost scope of a rule's facts; undefined if they are in different repeats. */
export function scopeOfRule(conditions: Condition, catalogue: FactCatalogue): Scope | undefined {
  const facts = comparisonsOf(conditions).flatMap(factsOf);
  return innermost(facts.map((fact) => catalogue.get(fact)?.scope ?? ROOT));
}

/** Refuses rules that would take too long for the form's largest response. */
export function checkWorkOfRules(conditions: readonly Condition[], catalogue: FactCatalogue, faults: Fault[]): void {
  const comparisons = conditions.flatMap(comparisonsOf);
  const refuse = (detail: string) => void faults.push({ pointer: pointerTo('rules'), detail });
  if (comparisons.length > LIMITS.all_comparisons) {
    refuse(
      `Use at most ${LIMITS.all_comparisons} comparisons in all rules and constraints together; these have ${comparisons.length}.`,
    );
    return;
  }
  const judged = sum(conditions, (each) => comparisonsOf(each).length * (scopeOfRule(each, catalogue)?.max ?? 1));
  if (judged > LIMITS.judged_comparisons) {
    refuse(
      `Use fewer comparisons in rules over repeats, or a smaller max of the repeats: the largest response would take ${judged} comparisons, and ${LIMITS.judged_comparisons} are allowed.`,
    );
  }
  const steps = sum(conditions, (each) => stepsOf(each, scopeOfRule(each, catalogue) ?? ROOT, catalogue));
  if (steps > LIMITS.rule_pattern_steps) refuse(patternAdvice(steps, LIMITS.rule_pattern_steps));
}

/** Refuses patterns of questions and of their conditions that would take too long for the form's largest response. */
export function checkWorkOfPatterns(placed: readonly PlacedElement[], catalogue: FactCatalogue, faults: Fault[]): void {
  const steps = sum(placed, ({ value, scope }) => {
    if (value === undefined) return 0;
    const own =
      value.type === 'text' && value.pattern !== undefined ? patternSteps(value.pattern) * value.max_length : 0;
    return own * scope.max + sum(conditionsOf(value), (each) => stepsOf(each, scope, catalogue));
  });
  if (steps <= LIMITS.question_pattern_steps) return;
  faults.push({ pointer: pointerTo('questions'), detail: patternAdvice(steps, LIMITS.question_pattern_steps) });
}

/** The steps of the patterns in a condition that is judged for each entry of a scope. */
function stepsOf(condition: Condition, scope: Scope, catalogue: FactCatalogue): number {
  return sum(comparisonsOf(condition), ({ fact, operator, value }) => {
    if (operator !== 'matches') return 0;
    const question = catalogue.get(fact)?.question;
    const length = question?.type === 'text' ? question.max_length : LIMITS.matched_text;
    return sum(constantsOf(value), (pattern) => patternSteps(String(pattern))) * length * scope.max;
  });
}

function patternAdvice(steps: number, most: number): string {
  return `Use shorter patterns, a smaller max_length of the questions with patterns, or a smaller max of the repeats: the largest response would take ${steps} steps, and ${most} are allowed.`;
}

/** The conditions of `required` and `relevant`. */
function conditionsOf(item: Item): Condition[] {
  const required = isSection(item) || typeof item.required !== 'object' ? [] : [item.required];
  return item.relevant === undefined ? required : [...required, item.relevant];
}

/** Refuses calculations, facts and conditions of questions that would take too long for the form's largest response. */
export function checkWorkOfFacts(
  placed: readonly PlacedElement[],
  facts: readonly Element<DerivedFact>[],
  catalogue: FactCatalogue,
  faults: Fault[],
): void {
  const entriesOf = (names: readonly string[]) =>
    Math.max(1, ...names.map((name) => catalogue.get(name)?.scope.max ?? 1));
  const workOf = (expression: Expression, scope = ROOT) =>
    countTerms(expression) * Math.max(scope.max, entriesOf(namesIn(expression, 'all')));
  const ofFacts = sum(facts, ({ value }) => (value === undefined ? 0 : workOf(expressionOf(value))));
  const comparisonsIn = (conditions: readonly Condition[]) =>
    sum(conditions, (condition) => comparisonsOf(condition).length);
  const ofItems = sum(placed, ({ value, scope, relevant }) => {
    if (value === undefined) return 0;
    const ofConditions = comparisonsIn(conditionsOf(value)) * scope.max;
    // A calculation that is not relevant has no value, so its value depends on all conditions around it.
    return value.type === 'calculate'
      ? ofConditions + workOf(value.value, scope) + comparisonsIn(relevant) * scope.max
      : ofConditions;
  });
  const steps = ofFacts + ofItems;
  if (steps <= LIMITS.computed_terms) return;
  const detail = `Use fewer calculations, facts and conditions over repeats, or a smaller max of the repeats: the largest response would take ${steps} terms and comparisons, and ${LIMITS.computed_terms} are allowed.`;
  faults.push({ pointer: pointerTo('questions'), detail });
}

function sum<T>(list: readonly T[], of: (element: T) => number): number {
  return list.reduce((total, element) => total + of(element), 0);
}
