/** How many responses to the chosen form are open, for the navigation. */
import { computed, type ComputedRef } from 'vue';
import { useFormId, useForms } from './forms.ts';

/** Undefined until it is known, and for collectors. */
export function useOpenCount(): ComputedRef<number | undefined> {
  const formId = useFormId();
  const { data } = useForms();
  return computed(() => data.value?.items.find(({ form_id: id }) => id === formId.value)?.open);
}
