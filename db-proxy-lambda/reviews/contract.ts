/** Operations on reviews: what managers and collectors say about a response, and what managers decide. */
import * as z from 'zod';
import { by } from '../audit/contract.ts';
import { REVIEW_ACTIONS } from '../outbox/contract.ts';
import { storedRevision } from '../responses/contract.ts';
import { count, id, serverTime, standingStatus } from '../values.ts';

/** Max characters of a review's text. */
export const MAX_REVIEW_TEXT = 2_000;

const action = z.enum(REVIEW_ACTIONS);
const text = z.string().min(1).max(MAX_REVIEW_TEXT).nullable();

/** A review or an assignment to save. */
const incomingReview = z.object({
  /** Made from the caller's idempotency key. */
  review_id: z.uuid(),
  /** A hash of the request: the same key with other content is refused. */
  content_hash: z.string().regex(/^[0-9a-f]{64}$/),
  response_id: id,
  action,
  text,
  /** The revision that the author has seen. Without it, the review is about the stored revision. */
  revision: z.int().min(1).optional(),
  /** The collector to whom `assign` gives the response. */
  assignee: id.optional(),
  /**
   * If set, only a response of this collector is reviewed. A late review counts if the response was theirs when the review
   * was sent.
   */
  only_of: id.optional(),
  /** When the author sent it. */
  sent_at: serverTime,
  by: by.optional(),
});

const storedReview = z.object({
  review_id: z.uuid(),
  response_id: id,
  revision: z.int().min(1),
  action,
  text,
  /** The response's status after the review. */
  status: standingStatus,
  /** The label of the author's token, or the token's id if it has no label; `operator` for direct invocations. */
  author: z.string(),
  assignee: id.nullable(),
  /** False if the review was acknowledged during an outage and outdated when it was saved: it changed nothing. */
  applied: z.boolean(),
  /** When the author sent it. */
  created_at: serverTime,
});

const current = z.object({ revision: z.int().min(1), last_modified_time: z.string(), status: standingStatus });

/**
 * The outcome for one review:
 *
 * - Stored: `created`. Stored already, under the same `review_id` and with the same content: `unchanged`.
 * - `stale`: `revision` is not the stored one. A late review is `kept` instead, not applied.
 * - Refused: `key_reused` (the same `review_id` has other content), `unknown` (no such response), `erased`, `draft` (the
 *   response is a test), `other_collector` (it does not belong to `only_of`).
 */
const reviewOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.enum(['created', 'unchanged', 'kept']), review: storedReview }),
  z.object({ outcome: z.literal('stale'), revision: z.int().min(1), current }),
  z.object({ outcome: z.enum(['key_reused', 'unknown', 'erased', 'draft', 'other_collector']) }),
]);

/** A flagged or returned response, with the reviews of its answers, oldest first. */
const workItem = storedRevision.extend({ reviews: z.array(storedReview) });

export const reviewOperations = {
  /**
   * Saves reviews as if they were sent one after the other, in one transaction. Returns results in the order of the input.
   *
   * `late`: the reviews were acknowledged before they were saved, so outdated ones are kept.
   */
  saveReviews: {
    input: z.object({ reviews: z.array(incomingReview).min(1).max(500), late: z.literal(true).optional() }),
    result: z.object({ results: z.array(reviewOutcome) }),
  },
  /** A page of the reviews of one response, in the order in which they were saved. */
  listReviews: {
    input: z.object({ response_id: id, after: count.optional(), limit: z.int().min(1).max(100) }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('found'), user_id: id, items: z.array(storedReview), next: count.nullable() }),
      z.object({ outcome: z.enum(['unknown', 'erased']) }),
    ]),
  },
  /** A page of flagged and returned responses, without responses to drafts, in order of arrival. */
  listWork: {
    input: z.object({ user_id: id.optional(), after: count.optional(), limit: z.int().min(1).max(1_000) }),
    result: z.object({ items: z.array(workItem), next: count.nullable() }),
  },
} as const;

export type IncomingReview = z.infer<typeof incomingReview>;
export type StoredReview = z.infer<typeof storedReview>;
export type WorkItem = z.infer<typeof workItem>;
export type ReviewOutcome = z.infer<typeof reviewOutcome>;
