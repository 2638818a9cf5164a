/** Reviews several rows together. Rows whose review failed stay selected, with the reason. */
import { computed, ref, shallowRef, type Ref } from 'vue';
import { formatNumber } from '../../../shared/format.ts';
import { messageOf } from '../../../shared/problem.ts';
import { notify } from '../../notices.ts';
import { dropDraft, handled, refresh, sendNow } from './pending.ts';
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
  const subject = computed(() => {
    const [first, second] = selected.value;
    return first !== undefined && second === undefined ? first.response_id : countOf(selected.value.length);
  });
  /** The key under which the text that is typed for these rows is kept. */
  const draftId = computed(() => selected.value.map(({ response_id: id }) => id).join(' '));

  function clear(): void {
    selection.value = {};
    failures.value = new Map();
  }

  /** @returns whether all succeeded. Otherwise the rows that failed stay selected */
  async function send(action: Action, text: string): Promise<boolean> {
    const draft = draftId.value;
    isSending.value = true;
    const reviews = selected.value.map(({ response_id: responseId, revision }) => ({
      responseId,
      revision,
      action,
      text,
    }));
    // Waiting decisions are sent first.
    await Promise.all(reviews.map(({ responseId }) => sendNow(responseId)));
    const { done, failed } = await sendReviews(reviews);
    isSending.value = false;
    for (const { responseId, revision } of reviews) if (done.includes(responseId)) handled.set(responseId, revision);
    dropDraft(draft, action);
    if (done.length > 0) notify({ kind: 'done', text: `${ACTIONS[action].done} ${countOf(done.length)}.` });
    selection.value = Object.fromEntries([...failed.keys()].map((id) => [id, true as const]));
    failures.value = failed;
    await refresh();
    sayFailures(failed);
    return failed.size === 0;
  }

  /** Reasons of rows that have left the list are shown immediately. */
  function sayFailures(failed: ReadonlyMap<string, unknown>): void {
    if (selected.value.length > 0) {
      const text = `${countOf(selected.value.length)} failed. They stay selected, each with its reason.`;
      notify({ kind: 'failed', text });
    }
    const shown = new Set(selected.value.map(({ response_id: id }) => id));
    for (const [id, error] of failed) {
      if (!shown.has(id)) notify({ kind: 'failed', text: `${id}: ${messageOf(error)}` });
    }
  }

  return { selection, selected, subject, draftId, failures, isSending, send, clear };
}
