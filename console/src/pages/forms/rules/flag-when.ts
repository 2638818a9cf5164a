/**
 * When a rule flags. A rule says what must hold, but people think of what is wrong. These functions convert between the
 * two: `all` becomes `any`, and each comparison becomes its opposite.
 */
import type { Comparison, Condition, Operator } from './language.ts';

/** A comparison that flags: the operators of rules, and the opposites that rules express by `not`. */
export type Test = Operator | 'notBetween' | 'notSelected' | 'notMatches';

export interface Check {
  /** A question, metadata or a derived fact. */
  fact: string;
  test: Test;
  value?: Comparison['value'];
}

export interface Group {
  join: 'all' | 'any';
  items: Item[];
}

export type Item = Check | Group;

const PAIRS: readonly [Operator, Test][] = [
  ['equal', 'notEqual'],
  ['lessThan', 'greaterThanInclusive'],
  ['greaterThan', 'lessThanInclusive'],
  ['in', 'notIn'],
  ['answered', 'notAnswered'],
  ['between', 'notBetween'],
  ['selected', 'notSelected'],
  ['matches', 'notMatches'],
];

const OPPOSITES = new Map<Test, Test>(PAIRS.flatMap(([one, other]) => [[one, other] as const, [other, one] as const]));

/** The tests for which rules have no operator, each with its opposite, which is an operator. */
const NEGATED = { notBetween: 'between', notSelected: 'selected', notMatches: 'matches' } as const;

const isNegated = (test: Test): test is keyof typeof NEGATED => test in NEGATED;
const oppositeOf = (test: Test): Test => OPPOSITES.get(test) ?? test;
export const isGroup = (item: Item): item is Group => 'items' in item;

/** A condition unchanged, or its opposite. */
function itemOf(condition: Condition, opposite: boolean): Item {
  if ('not' in condition) return itemOf(condition.not, !opposite);
  if ('all' in condition) return groupOf(condition.all, opposite ? 'any' : 'all', opposite);
  if ('any' in condition) return groupOf(condition.any, opposite ? 'all' : 'any', opposite);
  const { fact, operator, value } = condition;
  const test = opposite ? oppositeOf(operator) : operator;
  return value === undefined ? { fact, test } : { fact, test, value };
}

const groupOf = (conditions: readonly Condition[], join: Group['join'], opposite: boolean): Group => ({
  join,
  items: conditions.map((each) => itemOf(each, opposite)),
});

const inGroup = (item: Item): Group => (isGroup(item) ? item : { join: 'any', items: [item] });

/** When a rule with this condition flags. */
export const flagWhen = (condition: Condition): Group => inGroup(itemOf(condition, true));

/** When a condition is true, for `relevant` and `required`. */
export const trueWhen = (condition: Condition): Group => inGroup(itemOf(condition, false));

function comparisonOf({ fact, test, value }: Check): Condition {
  const must = oppositeOf(test);
  const right = value === undefined ? {} : { value };
  return isNegated(must) ? { not: { fact, operator: NEGATED[must], ...right } } : { fact, operator: must, ...right };
}

function conditionOf(item: Item): Condition {
  if (!isGroup(item)) return comparisonOf(item);
  const conditions = item.items.map(conditionOf);
  return item.join === 'any' ? { all: conditions } : { any: conditions };
}

/** The condition of a rule that flags when the group is true; it says what must hold. The reverse of `flagWhen`. */
export function mustHold(group: Group): Condition {
  const [first, ...others] = group.items;
  const isSingle = first !== undefined && others.length === 0 && !isGroup(first) && group.join === 'any';
  return isSingle ? comparisonOf(first) : conditionOf(group);
}

/** The facts that a group compares. */
export function factsIn(item: Item): string[] {
  if (isGroup(item)) return item.items.flatMap(factsIn);
  const { fact, value } = item;
  return typeof value === 'object' && 'fact' in value ? [fact, value.fact] : [fact];
}
