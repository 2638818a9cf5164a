/** Messages of the topic "responses": one for each stored revision of a response. */
import * as z from 'zod';

const id = z.string().min(1).max(128);

/**
 * One revision of a response and its result. Messages are delivered at least once and in any order, so subscribers use
 * `response_id` and `revision` to detect repeated and outdated messages. A subscription can filter by the message's
 * attributes `type` and `revision`. Later releases may add members; subscribers ignore unknown ones.
 *
 * - `flagged`: rules flag it; `flags` contains the rules and the reasons.
 * - `corrected`: it passes, and the previous revision was flagged.
 * - `accepted`: it passes, and the previous revision, if any, passed too.
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
  /** Empty unless flagged. A flag's message may contain answers. */
  flags: z.array(
    z.object({ rule: z.string(), message: z.string(), entry: z.string().optional(), questions: z.array(z.string()) }),
  ),
  /** When the revision was stored, in UTC. */
  occurred_at: z.iso.datetime(),
  /** Set if a re-judge wrote the revision: its answers are those of the previous one. */
  rejudged: z.literal(true).optional(),
});

export type ResponseEvent = z.infer<typeof responseEvent>;
