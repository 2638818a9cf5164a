/** The quality figures of a form: docs/quality.md. */
import { useQuery } from '@tanstack/vue-query';
import { computed, type ComputedRef } from 'vue';
import { read } from '../../../shared/api.ts';
import type { components, operations } from '../../../shared/openapi.d.ts';
import { useFormId } from '../../forms.ts';
import { api } from '../../session.ts';
import { daysBetween, today, type Period } from './period.ts';

export type QualityRow = components['schemas']['Quality']['rows'][number];
type By = operations['getQuality']['parameters']['query']['by'];

const REFRESH_MS = 30_000;

/** The figures of the chosen form in a period, read again every 30 seconds. */
export function useQuality(by: By, period: ComputedRef<Period>) {
  const formId = useFormId();
  const since = computed(() => period.value.since);
  return useQuery({
    queryKey: ['quality', formId, by, since],
    enabled: () => formId.value !== undefined,
    refetchInterval: REFRESH_MS,
    queryFn: () =>
      read(
        api.GET('/forms/{form_id}/quality', {
          params: {
            path: { form_id: formId.value ?? '' },
            query: { by, ...(since.value !== undefined && { since: since.value }) },
          },
        }),
      ),
  });
}

const NONE = { responses: 0, flagged: 0, returned: 0, open: 0 };

/** What arrived on a day; of these, how many were ever flagged or returned, and how many are open now. */
export type DayFigures = typeof NONE & { key: string };

/** A row for each day of the period, days without responses included. */
export function everyDay(rows: readonly DayFigures[], since: string | undefined): DayFigures[] {
  const first = since ?? rows[0]?.key;
  if (first === undefined) return [];
  const byDay = new Map(rows.map((row) => [row.key, row]));
  return daysBetween(first, today()).map((key) => byDay.get(key) ?? { key, ...NONE });
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
