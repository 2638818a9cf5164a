import { compileComparison, type ComparedFacts } from './comparison.ts';
import type { Condition } from './condition.ts';
import type { At, Frame } from './frame.ts';
import type { Operator } from './operators.ts';

/** As in XLSForm, a missing answer differs from every value. */
const TRUE_WITHOUT_ANSWER: ReadonlySet<Operator> = new Set(['notEqual', 'notIn']);

/**
 * Prepares a condition of `required` or `relevant`. Unlike a rule, it is always true or false, because a phone has to
 * decide: without an answer, `notEqual`, `notIn` and `notAnswered` are true, and other comparisons are false.
 */
export function compileHolds(condition: Condition, facts: ComparedFacts): (frame: Frame, at: At) => boolean {
  if ('all' in condition) {
    const parts = condition.all.map((part) => compileHolds(part, facts));
    return (frame, at) => parts.every((holds) => holds(frame, at));
  }
  if ('any' in condition) {
    const parts = condition.any.map((part) => compileHolds(part, facts));
    return (frame, at) => parts.some((holds) => holds(frame, at));
  }
  if ('not' in condition) {
    const holds = compileHolds(condition.not, facts);
    return (frame, at) => !holds(frame, at);
  }
  const holds = compileComparison(condition, facts);
  const isTrueWithoutAnswer = TRUE_WITHOUT_ANSWER.has(condition.operator);
  return (frame, at) => holds(frame, at) ?? isTrueWithoutAnswer;
}
