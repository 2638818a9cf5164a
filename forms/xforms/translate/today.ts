/** Translates comparisons of dates with the phone's day, which the server knows only roughly. */
import type { Condition } from '../../language/condition.ts';
import { Untranslatable } from './draft.ts';
import { type ConditionPlace, type Relation, type Value, valueOf } from './xpath-values.ts';
import type { XPath } from './xpath.ts';

/** The metadata that is used as the phone's time: when the response was completed. */
const COMPLETED = 'submitted_time';

/** Days by which the phone's date and that of the completion in UTC may differ: zones are 12 h behind to 14 h ahead. */
const TOLERANCE = 1;

/**
 * Compares a date with `today()` or `now()`, perhaps plus or minus days. A day of tolerance makes up for the unknown
 * time zone, so only a constraint can use it, and only if it may be true too often but never too rarely.
 *
 * @param flipped the relation with its sides exchanged
 * @returns undefined if the comparison has nothing to do with the phone's day
 */
export function compareWithToday(
  relation: Relation,
  flipped: Relation,
  left: XPath,
  right: XPath,
  place: ConditionPlace,
  isPositive: boolean,
): Condition | undefined {
  const [before, after] = [daysFromToday(left), daysFromToday(right)];
  if (before === undefined && after === undefined) return undefined;
  if (!place.isConstraint || !isPositive) throw new Untranslatable('It needs the day of the phone.');
  if (before !== undefined && after !== undefined) throw new Untranslatable('It compares two constants.');
  return after === undefined
    ? compareDay(flipped, valueOf(right, place), before ?? 0, place)
    : compareDay(relation, valueOf(left, place), after, place);
}

/** The days from today to the value of an expression; undefined if it is not of this form. */
function daysFromToday(xpath: XPath): number | undefined {
  if (xpath.kind === 'call') {
    return (xpath.name === 'today' || xpath.name === 'now') && xpath.args.length === 0 ? 0 : undefined;
  }
  if (xpath.kind !== 'operation' || (xpath.operator !== '+' && xpath.operator !== '-')) return undefined;
  const start = daysFromToday(xpath.left);
  if (start === undefined || xpath.right.kind !== 'number' || !/^\d{1,6}$/.test(xpath.right.value)) return undefined;
  return xpath.operator === '+' ? start + Number(xpath.right.value) : start - Number(xpath.right.value);
}

function compareDay(relation: Relation, { kind, question }: Value, days: number, place: ConditionPlace): Condition {
  if (question === undefined || (kind !== 'date' && kind !== 'time')) {
    throw new Untranslatable('It compares today with something other than a date.');
  }
  const fact = place.factOf({ days_between: [question.path, COMPLETED] });
  if (relation === '<=') return { fact, operator: 'greaterThanInclusive', value: -days - TOLERANCE };
  if (relation === '<') return { fact, operator: 'greaterThanInclusive', value: -days };
  const { metadata } = place.translation;
  if (relation === '=' || relation === '!=' || metadata.every(({ is }) => is !== 'end')) {
    throw new Untranslatable('It needs the day of the phone; the response may arrive later.');
  }
  return { fact, operator: 'lessThanInclusive', value: -days + TOLERANCE };
}
