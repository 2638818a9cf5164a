/** Sends reviews. Each has an id of its own, so that sending it again after a lost connection changes nothing. */
import { read } from '../../../shared/api.ts';
import { api } from '../../session.ts';

export type Decision = 'approve' | 'return' | 'reject';
export type Action = Decision | 'comment' | 'assign';

/** Each action as a button, in the past, and whether it needs a text. */
export const ACTIONS = {
  return: { verb: 'Return', done: 'Returned', needsText: true },
  approve: { verb: 'Approve', done: 'Approved', needsText: false },
  reject: { verb: 'Reject', done: 'Rejected', needsText: false },
  comment: { verb: 'Comment', done: 'Commented on', needsText: true },
  assign: { verb: 'Assign', done: 'Assigned', needsText: true },
} as const;

export interface Review {
  responseId: string;
  /** The revision that the reader has seen. */
  revision: number;
  action: Action;
  /** The message; for `assign` the collector's `user_id`. */
  text: string;
}

/** The id of each review that was not acknowledged yet: sent again, the same review has the same id. */
const keys = new Map<string, string>();

/**
 * @param headers replace those of the session, for a review that is sent after its author signed out
 * @returns whether it is queued until the database is back
 * @throws {ProblemError} 409 `other-revision` if another revision is stored
 * @throws {NoReplyError} without a reply
 */
export async function sendReview(review: Review, headers: Record<string, string> = {}): Promise<{ isQueued: boolean }> {
  const { responseId, revision, action, text } = review;
  const content = JSON.stringify([responseId, revision, action, text, headers]);
  const key = keys.get(content) ?? crypto.randomUUID();
  keys.set(content, key);
  // A request with keepalive continues after the page is closed.
  const options = {
    params: { path: { response_id: responseId }, header: { 'Idempotency-Key': key } },
    headers,
    keepalive: true,
  };
  const message = text.trim();
  const reply =
    action === 'assign'
      ? await read(api.POST('/responses/{response_id}/assign', { ...options, body: { user_id: message, revision } }))
      : await read(
          api.POST('/responses/{response_id}/reviews', {
            ...options,
            body: { action, revision, ...(message !== '' && { text: message }) },
          }),
        );
  keys.delete(content);
  return { isQueued: reply.status === 'queued' };
}

const AT_ONCE = 4;

export interface Outcome {
  done: string[];
  /** The reason by `response_id`. */
  failed: Map<string, unknown>;
}

/** Sends many reviews, four at a time. @returns what succeeded, and what failed with its reason */
export async function sendReviews(reviews: readonly Review[]): Promise<Outcome> {
  const left = [...reviews];
  const outcome: Outcome = { done: [], failed: new Map() };
  const work = async (): Promise<void> => {
    for (let review = left.shift(); review !== undefined; review = left.shift()) {
      try {
        await sendReview(review);
        outcome.done.push(review.responseId);
      } catch (error) {
        outcome.failed.set(review.responseId, error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcome;
}
