import { type Comparison, constantsOf, isFact, isPresence } from './condition.ts';
import type { At, Frame } from './frame.ts';
import type { FactValue, Kind } from './kinds.ts';
import { type Operand, OPERATIONS, rightSide } from './operators.ts';

/** What a comparison needs to know of the facts that it names. */
export type ComparedFacts = {
  readonly kindOf: (name: string) => Kind | undefined;
  /** Returns a function that reads a fact's value at a place within its scope. */
  readonly valueOf: (name: string) => (frame: Frame, at: At) => FactValue | undefined;
};

/**
 * Prepares one comparison.
 *
 * @returns a function of a place within the scopes of its facts. It returns undefined if a fact that it needs has no
 * value
 */
export function compileComparison(
  comparison: Comparison,
  facts: ComparedFacts,
): (frame: Frame, at: At) => boolean | undefined {
  const { fact, operator, value } = comparison;
  const holds = OPERATIONS[operator];
  const left = facts.valueOf(fact);
  if (isPresence(comparison)) return (frame, at) => holds(left(frame, at), undefined);
  const right = isFact(value) ? facts.valueOf(value.fact) : constant(comparison, facts);
  return (frame, at) => {
    const [first, second] = [left(frame, at), right(frame, at)];
    return first === undefined || second === undefined ? undefined : holds(first, second);
  };
}

function constant({ fact, operator, value }: Comparison, facts: ComparedFacts): () => Operand {
  const constants = constantsOf(value).map((each) => facts.kindOf(fact)?.valueOf(each));
  const operand = rightSide(operator, constants);
  return () => operand;
}
