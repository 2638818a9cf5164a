/** The quality figures of a form: docs/quality.md. */
import { useQuery } from '@tanstack/vue-query';
import { computed, type ComputedRef } from 'vue';
import { read } from '../../../shared/api.ts';
import type { operations } from '../../../shared/openapi.d.ts';
import { useFormId } from '../../forms.ts';
import { api } from '../../session.ts';
import type { Period } from './period.ts';

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
