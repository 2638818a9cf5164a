/** `count`, `sum`, `min` and `max` over the entries of a repeat, as XPath. */
import type { Expression } from '../language/expression.ts';
import { numberValue, type NumberValue, type Scoped, type XPathValue } from './to-xpath-facts.ts';
import { answeredNumber, boundsAround, isExact } from './to-xpath-numbers.ts';
import { type Context, pathFrom } from './to-xpath-places.ts';
import { computedTime } from './to-xpath-times.ts';

/**
 * Only a question or a repeat itself can be aggregated, and only where the aggregate has its one value: in the form, or
 * in an entry of the repeat around. Phones do not notice in one entry that another has changed.
 */
export function aggregateOf(
  operator: 'count' | 'sum' | 'min' | 'max',
  operand: Expression | undefined,
  context: Context,
  facts: Scoped,
): XPathValue | undefined {
  if (typeof operand !== 'string') return undefined;
  const element = facts.places.elements.get(operand);
  const parent = element?.scope.parent;
  if (element === undefined || parent === undefined || parent.path !== context.scope.path) return undefined;
  const entrySteps = facts.places.repeats.get(element.scope.path) ?? [];
  const entries = pathFrom(facts.places, context, entrySteps, parent);
  if (element.question === undefined) return operator === 'count' ? countOf(entries) : undefined;

  const inside = element.steps.slice(entrySteps.length).join('/');
  const answered = `${entries}[${inside} != '']`;
  if (operator === 'count') return countOf(answered);
  const each = facts.valueOf(operand, element);
  const nodes = `${answered}/${inside}`;
  const given = operator === 'sum' ? [] : [`count(${answered}) > 0`];
  // JavaRosa's `max` of numbers that are all 0 or less is the smallest positive double.
  if (operator === 'max') given.push(`max(${nodes}) > ${ABOVE_ZERO}`);
  if (each?.kind === 'number') {
    const { number } = each;
    const result = `${operator}(${nodes})`;
    return numberValue(isExact(number) ? answeredNumber(result, number.places) : boundsAround(result), given);
  }
  if (operator === 'sum' || (each?.kind !== 'date' && each?.kind !== 'time')) return undefined;
  return { ...computedTime(each.kind, `${operator}(${nodes})`), given };
}

/** Less than the smallest amount above 0. */
const ABOVE_ZERO = '0.00000000001';

function countOf(nodes: string): NumberValue | undefined {
  return numberValue({ units: `count(${nodes})`, places: 0 }, []);
}
