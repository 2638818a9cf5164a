/** How many responses to the chosen form are open, for the navigation. */
import { useQuery } from '@tanstack/vue-query';
import { computed, type ComputedRef } from 'vue';
import { read } from '../shared/api.ts';
import { useFormId } from './forms.ts';
import { api, me } from './session.ts';

const REFRESH_MS = 30_000;

/** Undefined until it is known. Collectors may not read it. */
export function useOpenCount(): ComputedRef<number | undefined> {
  const formId = useFormId();
  const { data } = useQuery({
    queryKey: ['quality', formId, 'form', 'all'],
    enabled: () => formId.value !== undefined && me.value !== undefined && me.value.role !== 'collector',
    refetchInterval: REFRESH_MS,
    queryFn: () =>
      read(
        api.GET('/forms/{form_id}/quality', {
          params: { path: { form_id: formId.value ?? '' }, query: { by: 'form' } },
        }),
      ),
  });
  return computed(() => data.value && (data.value.rows[0]?.open ?? 0));
}
