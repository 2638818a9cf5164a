/** The period of the overview: the address says it (`?days=7`, `?days=all`), 30 days by default. */
import { computed, type ComputedRef } from 'vue';
import { useRoute } from 'vue-router';

const DAY_MS = 86_400_000;
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

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

export function usePeriod(): ComputedRef<Period> {
  const route = useRoute();
  return computed(() => {
    const named = String(route.query['days'] ?? DEFAULT);
    const days = named in PERIODS ? named : DEFAULT;
    if (days === 'all') return { days, since: undefined, words: 'so far' };
    const since = dayOf(Date.now() - (Number(days) - 1) * DAY_MS);
    return { days, since, words: `in the last ${days} days` };
  });
}

/** Every day from the first to the last, both included. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let time = Date.parse(first); time <= Date.parse(last); time += DAY_MS) days.push(dayOf(time));
  return days;
}

export const dayAfter = (day: string): string => dayOf(Date.parse(day) + DAY_MS);

/** Today in UTC. */
export const today = (): string => dayOf(Date.now());
