/** The period of the overview: the address says it (`?days=7`, `?days=all`), 30 days by default. */
import { computed, type ComputedRef } from 'vue';
import { useRoute } from 'vue-router';
import { daysBefore, today } from './days.ts';

const DEFAULT = '30';

/** Values of `days` with their words. */
export const PERIODS: Readonly<Record<string, string>> = {
  '7': '7 days',
  '30': '30 days',
  '90': '90 days',
  all: 'All',
};

export interface Period {
  /** A key of `PERIODS`. */
  days: string;
  /** The first day (UTC, as the figures count days); undefined for all days. */
  since: string | undefined;
  /** Such as `in the last 30 days`. */
  words: string;
}

export function usePeriod(): ComputedRef<Period> {
  const route = useRoute();
  return computed(() => {
    const named = String(route.query['days'] ?? DEFAULT);
    const days = Object.hasOwn(PERIODS, named) ? named : DEFAULT;
    if (days === 'all') return { days, since: undefined, words: 'so far' };
    const since = daysBefore(today(), Number(days) - 1);
    return { days, since, words: `in the last ${days} days` };
  });
}
