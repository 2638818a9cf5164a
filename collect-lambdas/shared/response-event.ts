/** What the topic "responses" carries: one message for each revision of a response that was stored. */
import * as z from 'zod';

const id = z.string().min(1).max(128);

/**
 * One revision of a response, and what the rules made of it. Delivered at least once and in no certain order:
 * subscribers go by `response_id` and `revision`. A subscription can filter by the message's attributes `type` and
 * `revision`. Members may be added; subscribers ignore those they do not know.
 *
 * - `flagged`: a rule flags it; `flags` says which and why.
 * - `corrected`: it passes, and the revision before it was flagged.
 * - `accepted`: it passes, and the revision before it, if any, did too.
 */
export const responseEvent = z.object({
  event_id: id,
  type: z.enum(['flagged', 'accepted', 'corrected']),
  response_id: id,
  /** From 1; ascending for each response. */
  revision: z.int().min(1),
  form_id: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
  /** The collector. */
  user_id: id,
  /** Empty unless flagged. Messages may repeat answers. */
  flags: z.array(z.object({ rule: z.string(), message: z.string(), questions: z.array(z.string()) })),
  /** When the revision was stored, in UTC. */
  occurred_at: z.iso.datetime(),
});

export type ResponseEvent = z.infer<typeof responseEvent>;
