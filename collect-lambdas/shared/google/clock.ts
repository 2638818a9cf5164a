import { setTimeout as sleep } from 'node:timers/promises';

/** Time and randomness; tests use a fake. */
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

/** A clock that splits long waits into pieces and calls `between` after each, so that a lease can be renewed. */
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
