/** Links from a figure to its responses. */
import type { RouteLocationRaw } from 'vue-router';
import { useFormId } from '../../forms.ts';
import { OPEN } from '../../statuses.ts';
import { dayAfter } from './days.ts';

/** Filters of the page Responses. */
export type ResponsesFilter = Partial<Record<'status' | 'user_id' | 'rule' | 'ever' | 'from' | 'to', string>>;

export const OPEN_STATUSES = OPEN.join(',');

const startOf = (day: string): string => `${day}T00:00:00Z`;

/** Responses that arrived on a day (UTC) or later; all responses if there is no day. */
export const since = (day: string | undefined): ResponsesFilter => (day === undefined ? {} : { from: startOf(day) });

/** Responses that arrived on a day (UTC). */
export const on = (day: string): ResponsesFilter => ({ from: startOf(day), to: startOf(dayAfter(day)) });

export function useResponsesLink(): (filter: ResponsesFilter) => RouteLocationRaw {
  const formId = useFormId();
  return (filter) => ({ path: '/responses', query: { form: formId.value, ...filter } });
}
