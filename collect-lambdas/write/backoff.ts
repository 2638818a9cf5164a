/** When a message that could not be saved is tried again. Pure. */

const SHORTEST_SECONDS = 2;
const LONGEST_SECONDS = 900;
const SHARE_OF_AGE = 0.25;
/** Up to a tenth more or less, so that messages that failed together do not come back together. */
const JITTER = 0.1;

/**
 * Whole seconds until the next try: a quarter of the message's age, from 2 s to 15 min. After an outage, what was
 * queued during it is tried within a quarter of the outage's length, and within 15 min of any.
 *
 * @param ageMs since the message was sent, in milliseconds
 * @param random from 0 to 1
 */
export function secondsUntilRetry(ageMs: number, random: number): number {
  const seconds = (ageMs / 1_000) * SHARE_OF_AGE * (1 + JITTER * (2 * random - 1));
  return Math.min(Math.max(Math.round(seconds), SHORTEST_SECONDS), LONGEST_SECONDS);
}
