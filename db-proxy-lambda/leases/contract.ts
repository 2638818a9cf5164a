/** Operations on leases, each held by one worker at a time, and on the rate limit that all workers share. */
import * as z from 'zod';
import { count, holder, leaseSeconds, serverTime } from '../values.ts';

const name = z.string().min(1).max(255);

export const leaseOperations = {
  /** Takes or renews a lease. `taken` is false while another holder's lease is valid. */
  takeLease: {
    input: z.object({ name, holder, seconds: leaseSeconds }),
    result: z.object({ taken: z.boolean() }),
  },
  releaseLease: {
    input: z.object({ name, holder }),
    result: z.object({}),
  },
  /**
   * Takes the next turn, a permit of a rate limiter that all workers share, and returns how long to wait for it. One turn is
   * due every `interval_ms`; after a pause, up to `burst` turns are due immediately.
   */
  takeTurn: {
    input: z.object({
      name,
      now: serverTime,
      interval_ms: z.int().min(1).max(60_000),
      burst: z.int().min(1).max(1_000),
    }),
    result: z.object({ wait_ms: count }),
  },
} as const;
