/** Reads the list of responses, page by page. */
import { keepPreviousData, useQuery } from '@tanstack/vue-query';
import { computed, ref, type Ref } from 'vue';
import { read } from '../../../shared/api.ts';
import type { components } from '../../../shared/openapi.d.ts';
import { useForms } from '../../forms.ts';
import { api } from '../../session.ts';
import { parametersOf, type Filters } from './filters.ts';

export type StoredResponse = components['schemas']['StoredResponse'];
/** A response of a list that begins with the newest. */
export type ListedResponse = components['schemas']['ResponsePage']['items'][number];
export type Flag = components['schemas']['Flag'];

export const PAGE_ROWS = 50;

/**
 * Where a page is in the list. The page holds the responses older than the cursor `older`, or newer than the cursor
 * `newer`; without a cursor, it is the first page.
 */
export interface Position {
  older?: string;
  newer?: string;
}

export interface ResponsePage {
  items: ListedResponse[];
  /** Cursors of the neighbouring pages; null where there is none. */
  older: string | null;
  newer: string | null;
}

/**
 * The form id under which the responses of a form are listed. Responses to a draft are tests; their form id ends with
 * `.draft`.
 */
export function useListedForm(formId: Ref<string | undefined>): Ref<string | undefined> {
  const { data: forms } = useForms();
  return computed(() => {
    const form = forms.value?.items.find(({ form_id }) => form_id === formId.value);
    return form?.state === 'draft' ? `${form.form_id}.draft` : formId.value;
  });
}

/**
 * A page of responses, newest first. A search by text or rule looks through a bounded number of responses per request,
 * so requests follow each other until the page is full. `found` counts the page's rows meanwhile.
 */
export function useResponses(formId: Ref<string | undefined>, filters: Ref<Filters>, position: Ref<Position>) {
  const listed = useListedForm(formId);
  const found = ref(0);
  const query = useQuery({
    queryKey: ['responses', 'page', listed, filters, position],
    enabled: computed(() => listed.value !== undefined),
    placeholderData: keepPreviousData,
    // Vue need not watch each answer of each row.
    shallow: true,
    queryFn: ({ signal }) =>
      readPage({ form_id: listed.value ?? '', ...parametersOf(filters.value) }, position.value, signal, (rows) => {
        found.value = rows;
      }),
  });
  return { ...query, found };
}

type Parameters = ReturnType<typeof parametersOf> & { form_id: string };

async function readPage(
  parameters: Parameters,
  { older, newer }: Position,
  signal: AbortSignal,
  onRows: (rows: number) => void,
): Promise<ResponsePage> {
  const goesBack = newer !== undefined;
  const page: ResponsePage = { items: [], older: null, newer: null };
  let cursor = newer ?? older;
  for (let request = 0; ; request += 1) {
    onRows(page.items.length);
    const query = { ...parameters, limit: PAGE_ROWS - page.items.length, ...(cursor !== undefined && { cursor }) };
    const reply = await read(api.GET('/responses', { params: { query }, signal }));
    const { items, next_cursor: next, previous_cursor: previous = null } = reply;
    page.items = goesBack ? [...items, ...page.items] : [...page.items, ...items];
    if (request === 0 || !goesBack) page.older = next;
    if (request === 0 || goesBack) page.newer = previous;
    const further = goesBack ? previous : next;
    if (page.items.length >= PAGE_ROWS || further === null) return page;
    cursor = further;
  }
}

/** The number of responses that match the filters. If `capped`, there may be more. */
export function useCount(formId: Ref<string | undefined>, filters: Ref<Filters>) {
  const listed = useListedForm(formId);
  return useQuery({
    queryKey: ['responses', 'count', listed, filters],
    enabled: computed(() => listed.value !== undefined),
    queryFn: async ({ signal }) => {
      const query = { form_id: listed.value ?? '', ...parametersOf(filters.value), count: 'true' as const, limit: 1 };
      const { count = 0, capped = false } = await read(api.GET('/responses', { params: { query }, signal }));
      return { count, capped };
    },
  });
}
