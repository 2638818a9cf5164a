/** Reviews of several rows at once. What failed stays selected, with its reason. */
import { computed, ref, shallowRef, type Ref } from 'vue';
import { formatNumber } from '../../../shared/format.ts';
import { notify } from '../../notices.ts';
import { dropDraft, handled, refresh } from './pending.ts';
import { ACTIONS, sendReviews, type Action } from './reviews.ts';
import type { ListedResponse } from './use-responses.ts';

const countOf = (rows: number): string => `${formatNumber(rows)} ${rows === 1 ? 'response' : 'responses'}`;

export function useBulk(rows: Ref<readonly ListedResponse[]>) {
  /** By `response_id`. */
  const selection = ref<Record<string, true>>({});
  const failures = shallowRef<ReadonlyMap<string, unknown>>(new Map());
  const isSending = ref(false);
  const selected = computed(() => rows.value.filter(({ response_id: id }) => selection.value[id] === true));
  /** What the actions are about, in words. */
  const subject = computed(() => countOf(selected.value.length));

  function clear(): void {
    selection.value = {};
    failures.value = new Map();
  }

  async function send(action: Action, text: string): Promise<void> {
    const about = subject.value;
    isSending.value = true;
    const reviews = selected.value.map(({ response_id: responseId, revision }) => ({
      responseId,
      revision,
      action,
      text,
    }));
    const { done, failed } = await sendReviews(reviews);
    isSending.value = false;
    for (const id of done) handled.add(id);
    if (failed.size === 0) dropDraft(about, action);
    else notify({ kind: 'failed', text: `${countOf(failed.size)} failed. They stay selected, each with its reason.` });
    if (done.length > 0) notify({ kind: 'done', text: `${ACTIONS[action].done} ${countOf(done.length)}.` });
    await refresh();
    selection.value = Object.fromEntries([...failed.keys()].map((id) => [id, true as const]));
    failures.value = failed;
  }

  return { selection, selected, subject, failures, isSending, send, clear };
}
