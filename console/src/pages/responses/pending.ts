/**
 * Decisions that wait ten seconds before they are sent, because the API cannot take a decision back. They are sent
 * immediately when the page is closed, when their author signs out, or before a further review or a correction.
 */
import { shallowReactive, watch } from 'vue';
import { messageOf } from '../../../shared/problem.ts';
import { draftsOf } from '../../drafts.ts';
import { dismiss, notices, notify } from '../../notices.ts';
import { queryClient } from '../../queries.ts';
import { authorization, isSignedIn, me, personOf } from '../../session.ts';
import { ACTIONS, sendReview, type Action, type Decision, type Review } from './reviews.ts';

export const UNDO_MS = 10_000;

export interface WaitingReview extends Review {
  action: Decision;
}

interface Wait {
  review: WaitingReview;
  timer: ReturnType<typeof setTimeout>;
  notice: number;
  undo: () => void;
  /** The headers of the decision's author, even if another person signs in meanwhile. */
  headers: Record<string, string>;
  /** Opens the response again. */
  reopen: () => void;
}

const waits = shallowReactive(new Map<string, Wait>());

/** Texts that were typed and not sent, by response and action. */
const drafts = draftsOf('review-text-1', (value) => typeof value === 'string');

/** The revisions on which this person has acted since the page was opened, by `response_id`. */
export const handled = new Map<string, number>();

/** The revision that the author of a failed decision had seen, by `response_id`. */
export const decidedOn = new Map<string, number>();

export const draftOf = (responseId: string, action: Action): string | undefined => drafts.get(responseId, action);
export const keepDraft = (responseId: string, action: Action, text: string): void =>
  drafts.keep(text, responseId, action);
export const dropDraft = (responseId: string, action: Action): void => drafts.discard(responseId, action);

/** The decision on this response that is not sent yet. */
export const waitingFor = (responseId: string): WaitingReview | undefined => waits.get(responseId)?.review;

/**
 * Sends a decision in ten seconds, unless it is undone.
 *
 * @param reopen opens the response again, if sending failed
 * @param afterUndo shows the response after Undo
 */
export function decide(review: WaitingReview, reopen: () => void, afterUndo = reopen): void {
  void sendNow(review.responseId);
  const { responseId, action, text } = review;
  keepDraft(responseId, action, text);
  handled.set(responseId, review.revision);
  const undo = (): void => {
    if (take(responseId) === undefined) return;
    handled.delete(responseId);
    afterUndo();
  };
  const notice = notify(
    { kind: 'done', text: `${ACTIONS[action].done} ${responseId}.`, action: { label: 'Undo', run: undo } },
    UNDO_MS,
  );
  const timer = setTimeout(() => void sendNow(responseId), UNDO_MS);
  waits.set(responseId, { review, timer, notice, undo, headers: authorization(), reopen });
}

function take(responseId: string): Wait | undefined {
  const wait = waits.get(responseId);
  if (wait === undefined) return undefined;
  waits.delete(responseId);
  clearTimeout(wait.timer);
  dismiss(wait.notice);
  return wait;
}

/** Takes back the decision that waits, and keeps its text. */
export function takeBack(responseId: string): void {
  if (take(responseId) !== undefined) handled.delete(responseId);
}

/** Takes back the last decision that waits. */
export const undoLast = (): void => [...waits.values()].at(-1)?.undo();

/** Sends the decision that waits for this response, if there is one. Its failure is a notice. */
export async function sendNow(responseId: string): Promise<void> {
  const wait = take(responseId);
  if (wait !== undefined) await send(wait);
}

async function send({ review, headers, reopen }: Wait): Promise<void> {
  try {
    const { isQueued } = await sendReview(review, headers);
    dropDraft(review.responseId, review.action);
    decidedOn.delete(review.responseId);
    if (isQueued) {
      notify({ kind: 'done', text: `${review.responseId}: queued. It is saved when the database is back.` });
    }
  } catch (error) {
    keepDraft(review.responseId, review.action, review.text);
    handled.delete(review.responseId);
    decidedOn.set(review.responseId, review.revision);
    notify({
      kind: 'failed',
      text: `${review.responseId} was not ${ACTIONS[review.action].done.toLowerCase()}: ${messageOf(error)}`,
      action: { label: 'Open it again', run: reopen },
    });
  }
  await refresh(review.responseId);
}

/** Reads again what an action changed. */
export async function refresh(responseId?: string): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: responseId === undefined ? ['response'] : ['response', responseId] }),
    queryClient.invalidateQueries({ queryKey: ['responses'] }),
    queryClient.invalidateQueries({ queryKey: ['forms'] }),
  ]);
}

function sendAll(): void {
  for (const responseId of waits.keys()) void sendNow(responseId);
}

globalThis.addEventListener('pagehide', () => {
  // The page does not see the reply. After a reload it must not offer a text that was sent.
  for (const { review } of waits.values()) dropDraft(review.responseId, review.action);
  sendAll();
});
watch(isSignedIn, sendAll, { flush: 'sync' });

/** The person who is signed in. The next person in this tab does not see their decisions. */
let person: string | undefined;
watch(
  me,
  (now) => {
    if (now === undefined) return;
    const name = personOf(now);
    if (person !== undefined && person !== name) {
      for (const kept of [handled, decidedOn]) kept.clear();
      notices.value = [];
    }
    person = name;
  },
  { immediate: true },
);
