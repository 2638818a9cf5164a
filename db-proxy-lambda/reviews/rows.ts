import type { Generated } from 'kysely';
import type { StoredReview } from './contract.ts';

/** One row per review or assignment; only the erasure of the response deletes it. */
export interface ReviewsTable extends Omit<StoredReview, 'applied'> {
  id: Generated<number>;
  content_hash: string;
  /** The response's status and collector before the review. */
  status_before: StoredReview['status'];
  user_before: string;
  /** The author's token; null for direct invocations of the proxy. */
  token_id: string | null;
  /** 1, or 0 if the review changed nothing. */
  applied: number;
  /** When the review was saved: after an outage, later than `created_at`. */
  saved_at: string;
}

export interface ReviewTables {
  reviews: ReviewsTable;
}
