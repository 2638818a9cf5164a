/** When and how often a request to Google is sent again. */
import { setTimeout as sleep } from 'node:timers/promises';

/** What the policy needs of a clock; tests bring their own. */
export interface Clock {
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
  wait: (milliseconds: number) => Promise<void>;
  /** In [0, 1), as Math.random gives it. */
  random: () => number;
}

export const systemClock: Clock = {
  now: Date.now,
  wait: (milliseconds) => sleep(milliseconds),
  random: Math.random,
};

/** A clock that calls `between` in long waits, every so many milliseconds: what must be renewed in time is. */
export function withPauses(clock: Clock, pieceMs: number, between: () => Promise<void>): Clock {
  return {
    ...clock,
    async wait(milliseconds) {
      for (let left = milliseconds; left > 0; left -= pieceMs) {
        await clock.wait(Math.min(left, pieceMs));
        await between();
      }
    },
  };
}

/** An answer or a broken connection after which the same request may succeed. */
export class Passing extends Error {
  /** How long Google asks us to wait, where it says so. */
  readonly retryAfterMs: number | undefined;

  constructor(retryAfterMs: number | undefined, cause: unknown) {
    super('The request may succeed later.', { cause });
    this.retryAfterMs = retryAfterMs;
  }
}

const TRIES = 8;
const FIRST_PAUSE_MS = 500;
/** Google asks for exponential backoff up to 32 or 64 seconds (Sheets API, "Usage limits"). */
const LONGEST_PAUSE_MS = 32_000;
/** A worker that is asked to wait for longer gives up: its own time is limited. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/**
 * Runs `work` until it does not throw `Passing`, at most eight times, with exponential pauses and full jitter; the pause
 * is at least what Google asked for.
 *
 * @throws whatever `work` threw last
 */
export async function withBackoff<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Passing) || attempt === TRIES) throw error;
      const asked = error.retryAfterMs ?? 0;
      if (asked > LONGEST_RETRY_AFTER_MS) throw error;
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS) * clock.random();
      await clock.wait(Math.max(pause, asked));
    }
  }
}
