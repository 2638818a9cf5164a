import type { Clock } from './retry.ts';

const MINUTE_MS = 60_000;

/**
 * Lets at most `perMinute` calls begin in any 60 seconds; a further one waits its turn.
 *
 * Google allows 60 requests of each kind a minute for one user, which is what a service account is (Sheets API, "Usage
 * limits"); keeping below it by construction is cheaper than being refused.
 */
export function createLimiter(perMinute: number, clock: Clock): () => Promise<void> {
  const begun: number[] = [];
  let queue = Promise.resolve();
  const take = async (): Promise<void> => {
    const oldest = begun.length < perMinute ? undefined : begun.shift();
    if (oldest !== undefined) await clock.wait(Math.max(0, oldest + MINUTE_MS - clock.now()));
    begun.push(clock.now());
  };
  return () => {
    queue = queue.then(take);
    return queue;
  };
}
