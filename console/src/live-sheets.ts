/** Live sheets: tabs of Google spreadsheets that follow forms. */
import { useQuery } from '@tanstack/vue-query';
import { computed, type ComputedRef } from 'vue';
import { read } from '../shared/api.ts';
import type { operations } from '../shared/openapi.d.ts';
import { api } from './session.ts';

export type LiveSheet =
  operations['listLiveSheets']['responses']['200']['content']['application/json']['items'][number];

const REFRESH_MS = 30_000;

/** The live sheets of all forms, read again every 30 seconds. */
export const useLiveSheets = () =>
  useQuery({ queryKey: ['sheets'], refetchInterval: REFRESH_MS, queryFn: () => read(api.GET('/sheets')) });

/** The live sheet of a form; undefined if it has none. */
export function useLiveSheet(formId: () => string | undefined): ComputedRef<LiveSheet | undefined> {
  const { data } = useLiveSheets();
  return computed(() => data.value?.items.find((sheet) => sheet.form_id === formId()));
}
