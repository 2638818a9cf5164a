/** The forms, and the form that the address names (`?form=wells`). */
import { useQuery } from '@tanstack/vue-query';
import { computed, type ComputedRef } from 'vue';
import { useRoute } from 'vue-router';
import { read } from '../shared/api.ts';
import { api, isSignedIn } from './session.ts';

const REFRESH_MS = 30_000;

/** All forms, shared by all pages. They are read again every 30 seconds, for their counts. */
export const useForms = () =>
  useQuery({
    queryKey: ['forms'],
    enabled: isSignedIn,
    refetchInterval: REFRESH_MS,
    queryFn: () => read(api.GET('/forms')),
  });

/** The form id in the address, if no form has this id. */
export function useUnknownForm(): ComputedRef<string | undefined> {
  const route = useRoute();
  const { data } = useForms();
  return computed(() => {
    const named = route.query['form'];
    if (typeof named !== 'string' || data.value === undefined) return undefined;
    return data.value.items.some(({ form_id: id }) => id === named) ? undefined : named;
  });
}

/** The id of the chosen form: the one that the address names, else the first. Undefined until forms are loaded. */
export function useFormId(): ComputedRef<string | undefined> {
  const route = useRoute();
  const { data } = useForms();
  return computed(() => {
    const named = route.query['form'];
    return typeof named === 'string' ? named : data.value?.items[0]?.form_id;
  });
}
