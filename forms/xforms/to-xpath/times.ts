/** Dates and times in XPath. Collect compares dates at midnight UTC, and phones at midnight where they are. */
import type { Scalar } from '../../values/answer.ts';
import { toInstant, toTimeOfDay } from '../../values/time.ts';
import type { XPathNumber } from './numbers.ts';
import { xpathText } from './text.ts';

type OrderedKind = 'date' | 'time' | 'time of day';

/**
 * A date or time. `order` is a number that grows with it; `date` is an expression that `format-date` takes, and `shown`
 * is how people write it.
 */
export type XPathTime = {
  readonly kind: OrderedKind;
  readonly order: string;
  readonly date: string;
  readonly shown: string;
};

export function isTimeKind(kind: string): kind is OrderedKind {
  return kind === 'date' || kind === 'time' || kind === 'time of day';
}

/** A date or time that was answered. @param path of its element, or `now()` */
export function answeredTime(kind: OrderedKind, path: string): XPathTime {
  if (kind === 'time of day') {
    const shown = `format-date-time(${path}, '%H:%M')`;
    return { kind, order: `number(format-date-time(${path}, '%H%M%S%3'))`, date: path, shown };
  }
  const shown = kind === 'date' ? `format-date(${path}, '%Y-%m-%d')` : `format-date-time(${path}, '%Y-%m-%d %H:%M')`;
  return { kind, order: `decimal-date-time(${path})`, date: path, shown };
}

/** The earliest or latest of several. @param order days since 1970, in the phone's time zone */
export function computedTime(kind: 'date' | 'time', order: string): XPathTime {
  const date = `date(${order})`;
  return { kind, order, date, shown: `format-date(${date}, '%Y-%m-%d')` };
}

/** The `order` of a constant. */
export function constantOrder(kind: OrderedKind, constant: Scalar): string | undefined {
  const text = String(constant);
  if (kind === 'date') return `decimal-date-time(${xpathText(text)})`;
  if (kind === 'time of day')
    return toTimeOfDay(text)
      ?.replaceAll(/[:.]/g, '')
      .replace(/^0+(?=\d)/, '');
  const instant = toInstant(text);
  return instant && `decimal-date-time(${xpathText(`${instant.slice(0, 'YYYY-MM-DDTHH:MM:SS.sss'.length)}Z`)})`;
}

/** Max error of the phone in days: an hour of summer time between two times; a time zone between a time and a date. */
const SAME_KIND = '0.05';
const OTHER_KIND = '0.65';

/** Whole days from one date or time to another. */
export function daysBetween(from: XPathTime, to: XPathTime): XPathNumber {
  const days = `(${to.order} - ${from.order})`;
  if (from.kind === 'date' && to.kind === 'date') return { units: `round${days}`, places: 0 };
  const error = from.kind === to.kind ? SAME_KIND : OTHER_KIND;
  // Phones have no function `floor`. `round` rounds a half up.
  return {
    low: `round(${days} - ${error} - 0.5)`,
    value: `round(${days} - 0.5)`,
    high: `round(${days} + ${error} - 0.5)`,
  };
}

/** Whole years from one date or time to another, as an age is counted. */
export function yearsBetween(from: XPathTime, to: XPathTime): XPathNumber {
  if (from.kind === 'date' && to.kind === 'date') return { units: yearsOf(from.date, to.date), places: 0 };
  const shifted = ({ kind, order, date }: XPathTime, days: string) =>
    kind === 'date' ? date : `date(${order}${days})`;
  return {
    low: yearsOf(shifted(from, ' + 1'), shifted(to, ' - 1')),
    value: yearsOf(from.date, to.date),
    high: yearsOf(shifted(from, ' - 1'), shifted(to, ' + 1')),
  };
}

function yearsOf(from: string, to: string): string {
  const years = `${partOf(to, '%Y')} - ${partOf(from, '%Y')}`;
  return `(${years} - if(${partOf(to, '%m%d')} < ${partOf(from, '%m%d')}, 1, 0))`;
}

function partOf(date: string, format: string): string {
  return `number(format-date(${date}, '${format}'))`;
}
