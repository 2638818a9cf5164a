/** Operations on the leases that keep two workers apart, and on the quota that all workers share. */
import * as z from 'zod';
import { count, holder, leaseSeconds, serverTime } from '../values.ts';

const name = z.string().min(1).max(255);

export const leaseOperations = {
  /** Takes or renews a lease; not taken while another holder's has not expired. */
  takeLease: {
    input: z.object({ name, holder, seconds: leaseSeconds }),
    result: z.object({ taken: z.boolean() }),
  },
  releaseLease: {
    input: z.object({ name, holder }),
    result: z.object({}),
  },
  /**
   * Takes the next turn of a quota that all workers share, and says how long to wait for it. Turns come `interval_ms`
   * apart; after a pause, up to `burst` of them at once.
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
