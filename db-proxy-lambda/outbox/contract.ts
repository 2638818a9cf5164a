/** Operations on the outbox: what the topic "responses" has yet to be told. */
import * as z from 'zod';
import { count, formId, holder, id, leaseSeconds, serverTime } from '../values.ts';

/** The lease of whoever tells the outbox, under which `releaseLease` gives it back early. */
export const OUTBOX_LEASE = 'outbox';

/** One stored revision. `flags` is empty unless a rule flagged it, and at most as large as new flags are (forms/flags.ts). */
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

export const outboxOperations = {
  /**
   * Takes `told` out of the outbox, and gives its oldest events but those in `waiting`, cut by bytes. They are given to one
   * holder at a time, who takes or renews the lease with each page; `claimed` is false while another holds it. When no event
   * is left, the lease is given back in the same transaction: whoever finds the outbox held knows that its holder will
   * look again.
   */
  claimResponseEvents: {
    input: z.object({
      holder,
      lease_seconds: leaseSeconds,
      limit: z.int().min(1).max(500),
      told: z.array(count).max(500),
      waiting: z.array(count).max(1_000),
    }),
    result: z.object({ claimed: z.boolean(), events: z.array(pendingEvent) }),
  },
  /** Moves events that can never be told out of the outbox, and keeps them with the reason. */
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
