/** Operations on the outbox: what the topic "responses" has yet to be told. */
import * as z from 'zod';
import { count, formId, id, serverTime } from './values.ts';

/** One stored revision. `flags` is empty unless a rule flagged it. */
const pendingEvent = z.object({
  event_id: count,
  type: z.enum(['flagged', 'accepted', 'corrected']),
  response_id: id,
  revision: z.int().min(1),
  form_id: formId,
  user_id: id,
  flags: z.array(z.object({ rule: z.string(), message: z.string(), questions: z.array(z.string()) })),
  occurred_at: serverTime,
});

export const responseEventOperations = {
  /** Events that have not been published, oldest first. */
  listResponseEvents: {
    input: z.object({ limit: z.int().min(1).max(500) }),
    result: z.object({ events: z.array(pendingEvent) }),
  },
  /** Takes events out of the outbox, once the topic has them. */
  removeResponseEvents: {
    input: z.object({ event_ids: z.array(count).min(1).max(500) }),
    result: z.object({}),
  },
} as const;

export type PendingEvent = z.infer<typeof pendingEvent>;
