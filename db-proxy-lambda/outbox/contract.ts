/** Operations on the outbox of the topic "responses": events that are not published yet. */
import * as z from 'zod';
import { count, formId, holder, id, leaseSeconds, serverTime, standingStatus } from '../values.ts';

/** What a reviewer does with a response. */
export const REVIEW_ACTIONS = ['comment', 'approve', 'return', 'reject', 'assign'] as const;

/** The name of the publisher's lease, for `releaseLease`. */
export const OUTBOX_LEASE = 'outbox';

/** A review or an assignment: see reviews/contract.ts. */
const eventReview = z.object({
  review_id: id,
  action: z.enum(REVIEW_ACTIONS),
  /** The response's status after it. */
  status: standingStatus,
  text: z.string().nullable(),
  /** The label of the token with which it was written, or its id. */
  author: z.string(),
  /** The collector to whom the response was assigned. */
  assignee: id.optional(),
});

/**
 * A stored revision, a review of a revision, or the erasure of a response. `flags` is empty unless the type is
 * `flagged`; its size is limited like that of new flags (forms/compiled/flags.ts).
 */
export const pendingEvent = z.object({
  event_id: count,
  type: z.enum(['flagged', 'accepted', 'corrected', 'reviewed', 'erased']),
  response_id: id,
  revision: z.int().min(1),
  form_id: formId,
  user_id: id,
  flags: z.array(
    z.object({ rule: z.string(), message: z.string(), entry: z.string().optional(), questions: z.array(z.string()) }),
  ),
  occurred_at: serverTime,
  /** Set if a re-judge wrote the revision: its answers are those of the previous one. */
  rejudged: z.literal(true).optional(),
  /** Set for `reviewed`. */
  review: eventReview.optional(),
});

export const outboxOperations = {
  /**
   * Deletes the events in `published` from the outbox, and returns its oldest events except those in `waiting`, cut by
   * bytes. The consumers in the database get an event in the transaction that first returns it. Each call takes or
   * renews the lease; `claimed` is false while another holder has it. When no event is left, the same transaction
   * releases the lease. So while the lease is held, its holder will read the outbox again.
   */
  claimResponseEvents: {
    input: z.object({
      holder,
      lease_seconds: leaseSeconds,
      limit: z.int().min(1).max(500),
      published: z.array(count).max(500),
      waiting: z.array(count).max(1_000),
    }),
    result: z.object({ claimed: z.boolean(), events: z.array(pendingEvent) }),
  },
  /** Moves poison events out of the outbox, and keeps them with the reason. */
  refuseResponseEvents: {
    input: z.object({
      events: z
        .array(z.object({ event_id: count, reason: z.string().min(1).max(200) }))
        .min(1)
        .max(500),
    }),
    result: z.object({}),
  },
} as const;

export type PendingEvent = z.infer<typeof pendingEvent>;
export type EventReview = z.infer<typeof eventReview>;
