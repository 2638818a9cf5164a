/** Rows of quality figures in the order in which the overview shows them. */
import type { components } from '../../../shared/openapi.d.ts';
import { daysBetween } from './days.ts';

export type QualityRow = components['schemas']['Quality']['rows'][number];

const NONE = { responses: 0, flagged: 0, returned: 0, open: 0 };

/** What arrived on a day; of these, how many were ever flagged or returned, and how many are open now. */
export type DayFigures = typeof NONE & { key: string };

/** A row for each day of the period, days without responses included. */
export function everyDay(rows: readonly DayFigures[], since: string | undefined, last: string): DayFigures[] {
  const first = since ?? rows[0]?.key;
  if (first === undefined) return [];
  const byDay = new Map(rows.map((row) => [row.key, row]));
  return daysBetween(first, last).map((key) => byDay.get(key) ?? { key, ...NONE });
}

/** `collector-2` comes before `collector-10`. */
const inOrder = new Intl.Collator(undefined, { numeric: true });

/** The lowest first-pass rate first; collectors who only took over open responses last. */
export const worstFirst = (rows: readonly QualityRow[]): QualityRow[] =>
  rows.toSorted(
    (one, other) =>
      (one.first_pass_rate ?? 2) - (other.first_pass_rate ?? 2) ||
      other.open - one.open ||
      inOrder.compare(one.key, other.key),
  );
