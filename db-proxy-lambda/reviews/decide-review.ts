/** Decides what a review does. Pure. */
import { idFromHash, isDraft } from '../values.ts';
import type { IncomingReview, ReviewOutcome, StoredReview } from './contract.ts';
import type { ReviewedState, ReviewRow } from './queries.ts';

type Status = StoredReview['status'];
type Refusal = Exclude<ReviewOutcome, { review: StoredReview }>;

/** A review to store. `applied`: it is a comment, or it changes the response too. */
export interface NewReview {
  reviewId: string;
  revision: number;
  applied: boolean;
  before: Status;
  after: Status;
}

/** Refuse the review, return the same review, which is stored already, or store the review. */
export type Decision = { refusal: Refusal } | { known: ReviewRow } | { store: NewReview };

/** What is known besides the response. */
interface Known {
  /** The review with this id. */
  reviewOf: (reviewId: string) => ReviewRow | undefined;
  /** Whether the review was acknowledged before it was saved. */
  late: boolean;
  /** When the last applied review of the same kind and revision was sent. */
  decidedAt: string | undefined;
  /** The response's collector when a late review was sent; undefined if the collector is still the same. */
  ownerThen: string | undefined;
}

/** The status that a decision sets. */
const DECISIONS = { approve: 'approved', return: 'returned', reject: 'rejected' } as const;

/**
 * Decides about one review.
 *
 * Only a comment may be about another revision than the stored one. A late review is stored but not applied if it is
 * outdated: a new revision came, or another review of the same kind was sent later. A late review whose id belongs to
 * other content is stored under another id, because it was acknowledged.
 */
export function decideReview(
  stored: ReviewedState | undefined,
  review: IncomingReview,
  { reviewOf, late, decidedAt, ownerThen }: Known,
): Decision {
  const { action, revision: seen, only_of: onlyOf } = review;
  if (stored === undefined) return { refusal: { outcome: 'unknown' } };
  const { status, revision, last_modified_time } = stored;
  if (status === 'erased') return { refusal: { outcome: 'erased' } };
  if (onlyOf !== undefined && onlyOf !== stored.user_id && onlyOf !== ownerThen) {
    return { refusal: { outcome: 'other_collector' } };
  }
  if (isDraft(stored.form_id)) return { refusal: { outcome: 'draft' } };

  const known = reviewOf(review.review_id);
  const isRepeated = known?.content_hash === review.content_hash;
  if (known !== undefined && !isRepeated && !late) return { refusal: { outcome: 'key_reused' } };
  const isStale = action !== 'comment' && seen !== undefined && seen !== revision;
  const wasNotApplied = isRepeated && known.applied === 0;
  if (!late && (wasNotApplied || (isStale && !isRepeated))) {
    const current = { revision, last_modified_time, status };
    return { refusal: { outcome: 'stale', revision: seen ?? revision, current } };
  }
  if (isRepeated) return { known };

  const reviewId = known === undefined ? review.review_id : otherId(review);
  const saved = known && reviewOf(reviewId);
  if (saved !== undefined) return { known: saved };
  const isOvertaken = late && decidedAt !== undefined && decidedAt > review.sent_at;
  const applied = action === 'comment' || (known === undefined && !isStale && !isOvertaken);
  const after = applied && isDecision(action) ? DECISIONS[action] : status;
  return { store: { reviewId, revision: Math.min(seen ?? revision, revision), applied, before: status, after } };
}

function isDecision(action: IncomingReview['action']): action is keyof typeof DECISIONS {
  return Object.hasOwn(DECISIONS, action);
}

/** Which reviews overtake each other: decisions about the same revision, and assignments of the same response. */
export function kindOf(
  { response_id: responseId, action }: Pick<IncomingReview, 'response_id' | 'action'>,
  revision: number,
): string {
  return action === 'assign' ? `assign ${responseId}` : `${revision} ${responseId}`;
}

/** An id made from the review's id and content, so that a repeated message gets the same one. */
export function otherId({ review_id: reviewId, content_hash: content }: IncomingReview): string {
  return idFromHash(`${reviewId} ${content}`);
}
