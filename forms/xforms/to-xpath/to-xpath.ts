/** Conditions of a form as XPath, so that a phone judges as the server does. */
import type { Scalar } from '../../values/answer.ts';
import {
  comparisonsOf,
  type Comparison,
  type Condition,
  constantsOf,
  factsOf as namesOf,
  isFact,
  isPresence,
} from '../../language/condition.ts';
import type { Operator } from '../../language/operators.ts';
import { NUMBER } from '../../language/kinds.ts';
import { Big } from 'big.js';
import { type Facts, isAnswered, type XPathValue } from './facts.ts';
import { bounded, constantNumber, inSameUnits, isExact, type XPathNumber } from './numbers.ts';
import { phonePattern } from './pattern.ts';
import type { Context } from './places.ts';
import { allOf, anyOf, FALSE, MAX_XPATH, notOf, xpathText } from './text.ts';
import { constantOrder, isTimeKind } from './times.ts';

/**
 * When a condition is known to be true, and when it is known to be false. Both are false if an answer is missing, or if
 * the phone's doubles cannot tell.
 */
type Truth = { readonly yes: string; readonly no: string };

const SWAPPED = ({ yes, no }: Truth): Truth => ({ yes: no, no: yes });

/** As in XLSForm, a missing answer differs from every value. */
const TRUE_WITHOUT_ANSWER: ReadonlySet<Operator> = new Set(['notEqual', 'notIn']);

/**
 * A condition of `required` or `relevant`: true or false whatever is answered.
 *
 * @returns undefined if XPath cannot express it
 */
export function holdsOnPhone(condition: Condition, facts: Facts, context: Context): string | undefined {
  if ('all' in condition || 'any' in condition) {
    const [parts, join] = 'all' in condition ? [condition.all, allOf] : [condition.any, anyOf];
    const written = parts.map((part) => holdsOnPhone(part, facts, context)).filter((part) => part !== undefined);
    return written.length < parts.length ? undefined : short(join(written));
  }
  if ('not' in condition) {
    const holds = holdsOnPhone(condition.not, facts, context);
    return holds && notOf(holds);
  }
  const truth = compared(condition, facts, context, new Set());
  return truth && short(TRUE_WITHOUT_ANSWER.has(condition.operator) ? notOf(truth.no) : truth.yes);
}

/**
 * When a rule is broken: every answer that it needs is there, and its conditions are false in three-valued logic.
 *
 * @param about questions that must be answered
 * @returns undefined if XPath cannot express it
 */
export function brokenOnPhone(
  conditions: Condition,
  about: readonly string[],
  facts: Facts,
  context: Context,
): string | undefined {
  const comparisons = comparisonsOf(conditions);
  const asked = new Set(comparisons.filter(isPresence).map(({ fact }) => fact));
  const named = [...comparisons.flatMap(namesOf), ...about];
  const needed = new Set(named.flatMap((name) => [...facts.neededBy(name)]));
  const given: string[] = [];
  for (const name of needed) {
    if (!facts.dependsOn(name).isDisjointFrom(asked)) continue;
    const value = facts.valueOf(name, context);
    if (value === undefined) return undefined;
    given.push(...value.given);
  }
  for (const name of about) {
    const value = facts.valueOf(name, context);
    if (value !== undefined) given.push(isAnswered(value));
  }
  const truth = truthOf(conditions, facts, context, new Set(given));
  return truth && short(allOf([...given, truth.no]));
}

/** @param given conditions that are known to be true, and are not checked again */
function truthOf(condition: Condition, facts: Facts, context: Context, given: ReadonlySet<string>): Truth | undefined {
  if ('not' in condition) {
    const truth = truthOf(condition.not, facts, context, given);
    return truth && SWAPPED(truth);
  }
  if (!('all' in condition || 'any' in condition)) return compared(condition, facts, context, given);
  const parts = 'all' in condition ? condition.all : condition.any;
  const truths = parts.map((part) => truthOf(part, facts, context, given)).filter((part) => part !== undefined);
  if (truths.length < parts.length) return undefined;
  return 'all' in condition ? every(truths) : some(truths);
}

function every(truths: readonly Truth[]): Truth {
  return { yes: allOf(truths.map(({ yes }) => yes)), no: anyOf(truths.map(({ no }) => no)) };
}

function some(truths: readonly Truth[]): Truth {
  return SWAPPED(every(truths.map(SWAPPED)));
}

function compared(
  comparison: Comparison,
  facts: Facts,
  context: Context,
  given: ReadonlySet<string>,
): Truth | undefined {
  const { fact, operator, value } = comparison;
  const left = facts.valueOf(fact, context);
  if (left === undefined) return undefined;
  if (operator === 'answered' || operator === 'notAnswered') {
    const yes = isAnswered(left);
    const truth = { yes, no: notOf(yes) };
    return operator === 'answered' ? truth : SWAPPED(truth);
  }
  const right = isFact(value) ? facts.valueOf(value.fact, context) : undefined;
  if (isFact(value) && right === undefined) return undefined;
  const truth =
    right === undefined ? withConstants(left, operator, constantsOf(value)) : ordered(left, operator, right);
  const needed = [...left.given, ...(right?.given ?? [])].filter((each) => !given.has(each));
  return truth && { yes: allOf([...needed, truth.yes]), no: allOf([...needed, truth.no]) };
}

function withConstants(left: XPathValue, operator: Operator, constants: readonly Scalar[]): Truth | undefined {
  const [first = '', second = ''] = constants;
  if (operator === 'matches') {
    const pattern = phonePattern(String(first));
    return left.kind === 'text' && pattern !== undefined
      ? said(`regex(${left.path}, ${xpathText(pattern)})`)
      : undefined;
  }
  if (operator === 'selected' && left.kind === 'options') {
    return said(`selected(${left.path}, ${xpathText(String(first))})`);
  }
  if (operator === 'in' || operator === 'notIn') {
    const truths = constants.map((each) => withConstant(left, 'equal', each)).filter((each) => each !== undefined);
    if (truths.length < constants.length) return undefined;
    return operator === 'in' ? some(truths) : SWAPPED(some(truths));
  }
  if (operator === 'between') {
    const least = withConstant(left, 'greaterThanInclusive', first);
    const most = withConstant(left, 'lessThanInclusive', second);
    return least && most && every([least, most]);
  }
  return withConstant(left, operator === 'selected' ? 'equal' : operator, first);
}

function withConstant(left: XPathValue, operator: Operator, constant: Scalar): Truth | undefined {
  const right = constantValue(left, constant);
  return right && ordered(left, operator, right);
}

function constantValue(left: XPathValue, constant: Scalar): XPathValue | undefined {
  if (left.kind === 'number') {
    const number = NUMBER.valueOf(constant);
    return number instanceof Big ? { kind: 'number', given: [], number: constantNumber(number) } : undefined;
  }
  if (!isTimeKind(left.kind)) return { kind: 'text', given: [], path: xpathText(String(constant)) };
  const order = constantOrder(left.kind, constant);
  return order === undefined ? undefined : { kind: left.kind, given: [], order, date: order, shown: order };
}

function ordered(left: XPathValue, operator: Operator, right: XPathValue): Truth | undefined {
  if (left.kind === 'number') {
    return right.kind === 'number' ? inOrder(operator, left.number, right.number) : undefined;
  }
  if ('order' in left) {
    return 'order' in right ? ofNumbers(operator, left.order, right.order) : undefined;
  }
  if (!('path' in right)) return undefined;
  if (operator === 'equal') return { yes: `${left.path} = ${right.path}`, no: `${left.path} != ${right.path}` };
  return operator === 'notEqual'
    ? { yes: `${left.path} != ${right.path}`, no: `${left.path} = ${right.path}` }
    : undefined;
}

function inOrder(operator: Operator, left: XPathNumber, right: XPathNumber): Truth | undefined {
  if (isExact(left) && isExact(right)) return ofNumbers(operator, ...inSameUnits(left, right));
  const [first, second] = [bounded(left), bounded(right)];
  const less: Truth = { yes: `${first.high} < ${second.low}`, no: `${first.low} >= ${second.high}` };
  const more: Truth = { yes: `${first.low} > ${second.high}`, no: `${first.high} <= ${second.low}` };
  const same: Truth = { yes: FALSE, no: anyOf([less.yes, more.yes]) };
  return byOperator(operator, less, more, same);
}

/** Writes both comparisons, because every comparison with NaN is false. */
function ofNumbers(operator: Operator, left: string, right: string): Truth | undefined {
  const less: Truth = { yes: `${left} < ${right}`, no: `${left} >= ${right}` };
  const more: Truth = { yes: `${left} > ${right}`, no: `${left} <= ${right}` };
  const same: Truth = { yes: `${left} = ${right}`, no: anyOf([less.yes, more.yes]) };
  return byOperator(operator, less, more, same);
}

function byOperator(operator: Operator, less: Truth, more: Truth, same: Truth): Truth | undefined {
  if (operator === 'lessThan') return less;
  if (operator === 'greaterThan') return more;
  if (operator === 'lessThanInclusive') return SWAPPED(more);
  if (operator === 'greaterThanInclusive') return SWAPPED(less);
  if (operator === 'equal') return same;
  return operator === 'notEqual' ? SWAPPED(same) : undefined;
}

function said(condition: string): Truth {
  return { yes: condition, no: notOf(condition) };
}

function short(condition: string): string | undefined {
  return condition.length > MAX_XPATH ? undefined : condition;
}
