/** Messages of the topic "responses": one for each stored revision of a response, each review, and each erasure. */
import * as z from 'zod';
import { REVIEW_ACTIONS } from '../../db-proxy-lambda/contract.ts';

const id = z.string().min(1).max(128);

/**
 * What happened to a response. Messages are delivered at least once and in any order, so subscribers use
 * `response_id` and `revision` to detect repeated and outdated messages. A subscription can filter by the message's
 * attributes `type` and `revision`. Later releases may add members; subscribers ignore unknown ones.
 *
 * - `flagged`: rules flag it; `flags` contains the rules and the reasons.
 * - `corrected`: it passes, and the previous revision was flagged.
 * - `accepted`: it passes, and the previous revision, if any, passed too.
 * - `reviewed`: it was reviewed or assigned; `review` describes the review or the assignment.
 * - `erased`: only its ids, form and times are still stored.
 */
export const responseEvent = z.object({
  event_id: id,
  type: z.enum(['flagged', 'accepted', 'corrected', 'reviewed', 'erased']),
  response_id: id,
  /** From 1; ascending for each response. */
  revision: z.int().min(1),
  form_id: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
  /** The collector. */
  user_id: id,
  /** Empty unless flagged. A flag's message may contain answers. */
  flags: z.array(
    z.object({ rule: z.string(), message: z.string(), entry: z.string().optional(), questions: z.array(z.string()) }),
  ),
  /** The time of the event, in UTC. */
  occurred_at: z.iso.datetime(),
  /** Set if a re-judge wrote the revision: its answers are those of the previous revision. */
  rejudged: z.literal(true).optional(),
  review: z
    .object({
      review_id: id,
      action: z.enum(REVIEW_ACTIONS),
      /** The response's status after the review. */
      status: z.string(),
      text: z.string().nullable(),
      /** The label of the author's token, or the token's id if it has no label. */
      author: z.string(),
      /** The collector to whom the response was assigned. */
      assignee: id.optional(),
    })
    .optional(),
});

export type ResponseEvent = z.infer<typeof responseEvent>;
