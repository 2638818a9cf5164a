/** `count`, `sum`, `min` and `max` over the entries of a repeat, as XPath. */
import type { Expression } from '../../language/expression.ts';
import { numberValue, type NumberValue, type Scoped, type XPathValue } from './facts.ts';
import { answeredNumber, boundsAround, isExact } from './numbers.ts';
import { type Context, pathFrom } from './places.ts';
import { computedTime } from './times.ts';

type Operator = 'count' | 'sum' | 'min' | 'max';

/**
 * An aggregate can be expressed only in the scope in which it has one value: in the form, or in an entry of the repeat
 * around it. In an entry, phones do not notice that another entry has changed.
 */
export function aggregateOf(
  operator: Operator,
  operand: Expression | undefined,
  context: Context,
  facts: Scoped,
): XPathValue | undefined {
  if (operand === undefined) return undefined;
  const { places } = facts;
  const element = typeof operand === 'string' ? places.elements.get(operand) : undefined;
  const source = element ?? places.parts.get(JSON.stringify(operand));
  const parent = source?.scope.parent;
  if (source === undefined || parent === undefined || parent.path !== context.scope.path) return undefined;
  const entrySteps = places.repeats.get(source.scope.path) ?? [];
  const entries = pathFrom(places, context, entrySteps, parent);
  if (element !== undefined && element.question === undefined) {
    return operator === 'count' ? countOf(entries) : undefined;
  }

  const inside = source.steps.slice(entrySteps.length).join('/');
  const answered = `${entries}[${inside} != '']`;
  if (element === undefined) return ofParts(operator, facts.expressed(operand, source), answered, inside);
  if (operator === 'count') return countOf(answered);
  const each = typeof operand === 'string' ? facts.valueOf(operand, source) : undefined;
  const nodes = `${answered}/${inside}`;
  const given = givenOf(operator, answered, nodes);
  if (each?.kind === 'number') {
    const { number } = each;
    const result = `${operator}(${nodes})`;
    return numberValue(isExact(number) ? answeredNumber(result, number.places) : boundsAround(result), given);
  }
  if (operator === 'sum' || (each?.kind !== 'date' && each?.kind !== 'time')) return undefined;
  return { ...computedTime(each.kind, `${operator}(${nodes})`), given };
}

/** An aggregate of what the phone computed in each entry: whole units, or an approximate number. */
function ofParts(
  operator: Operator,
  each: XPathValue | undefined,
  answered: string,
  inside: string,
): NumberValue | undefined {
  if (each?.kind !== 'number') return undefined;
  if (operator === 'count') return countOf(answered);
  const nodes = `${answered}/${inside}`;
  const result = `${operator}(${nodes})`;
  const given = givenOf(operator, answered, nodes);
  if (isExact(each.number)) return numberValue({ units: result, places: each.number.places }, given);
  // The errors of many numbers add up.
  return operator === 'sum' ? undefined : numberValue(boundsAround(result), given);
}

function givenOf(operator: Operator, answered: string, nodes: string): string[] {
  if (operator === 'sum') return [];
  const given = [`count(${answered}) > 0`];
  // JavaRosa's `max` of numbers that are all 0 or less is the smallest positive double.
  return operator === 'max' ? [...given, `max(${nodes}) > ${ABOVE_ZERO}`] : given;
}

/** Less than the smallest amount above 0. */
const ABOVE_ZERO = '0.00000000001';

function countOf(nodes: string): NumberValue | undefined {
  return numberValue({ units: `count(${nodes})`, places: 0 }, []);
}
