/** Reads a response with all that the page shows of it. */
import { useQuery } from '@tanstack/vue-query';
import { computed, type Ref } from 'vue';
import { read } from '../../../shared/api.ts';
import type { components } from '../../../shared/openapi.d.ts';
import { api } from '../../session.ts';
import { itemsOfAnswers, type Item } from './definition.ts';
import type { StoredResponse } from './use-responses.ts';

export type Review = components['schemas']['Review'];
export type LateRevision = components['schemas']['LateRevision'];
export type Attachment = components['schemas']['Attachments']['items'][number];

/** The id of a form without the suffix of its draft. */
export const formOf = ({ form_id: id }: StoredResponse): string => id.replace(/\.draft$/, '');

export const readResponse = (responseId: string): Promise<StoredResponse> =>
  read(api.GET('/responses/{response_id}', { params: { path: { response_id: responseId } } }));

export const useResponse = (id: Ref<string>) =>
  useQuery({ queryKey: ['response', id], queryFn: () => readResponse(id.value) });

/** The form as it was when the response was filled in. Without it, each answer has its key as the label. */
export function useItems(response: Ref<StoredResponse | undefined>) {
  const place = computed(
    () => response.value && { formId: formOf(response.value), version: response.value.form_version },
  );
  const { data: form, isPending } = useQuery({
    queryKey: ['form-version', place],
    enabled: computed(() => place.value !== undefined),
    staleTime: Infinity,
    queryFn: () => {
      const path = { form_id: place.value?.formId ?? '', version: place.value?.version ?? 1 };
      return read(api.GET('/forms/{form_id}/versions/{version}', { params: { path } }));
    },
  });
  const items = computed(
    (): readonly Item[] => form.value?.questions ?? itemsOfAnswers(response.value?.response ?? {}),
  );
  return { items, isPending };
}

/** All revisions, oldest first, and the responses that arrived too late to become one. */
export const useRevisions = (id: Ref<string>, enabled: Ref<boolean>) =>
  useQuery({
    queryKey: ['response', id, 'revisions'],
    enabled,
    queryFn: async () => {
      const all: { items: StoredResponse[]; late: LateRevision[] } = { items: [], late: [] };
      for (let cursor: string | null | undefined; cursor !== null;) {
        const params = { path: { response_id: id.value }, query: cursor === undefined ? {} : { cursor } };
        const page = await read(api.GET('/responses/{response_id}/revisions', { params }));
        all.items.push(...page.items);
        all.late.push(...page.late);
        cursor = page.next_cursor;
      }
      return all;
    },
  });

/** All reviews, in the order in which they were saved. */
export const useReviews = (id: Ref<string>, enabled: Ref<boolean>) =>
  useQuery({
    queryKey: ['response', id, 'reviews'],
    enabled,
    queryFn: async () => {
      const all: Review[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const query = { limit: 100, ...(cursor !== undefined && { cursor }) };
        const params = { path: { response_id: id.value }, query };
        const page = await read(api.GET('/responses/{response_id}/reviews', { params }));
        all.push(...page.items);
        cursor = page.next_cursor;
      }
      return all;
    },
  });

const LINK_MS = 14 * 60_000;

/** The files of a response. Their links work for 15 minutes, so they are read again before. */
export const useAttachments = (id: Ref<string>, enabled: Ref<boolean>) =>
  useQuery({
    queryKey: ['response', id, 'attachments'],
    enabled,
    refetchInterval: LINK_MS,
    queryFn: () =>
      read(api.GET('/responses/{response_id}/attachments', { params: { path: { response_id: id.value } } })),
  });
