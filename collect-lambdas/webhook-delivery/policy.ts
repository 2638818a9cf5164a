/** When a delivery is tried again, and how long nothing is sent to a failing receiver. Pure. */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const FIRST_RETRY_MS = 30_000;
const GROWTH = 4;
/** A delay is shortened by up to this share, so that deliveries that failed together are not tried together. */
const JITTER = 0.2;

const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * MINUTE_MS;

/**
 * How long a delivery waits after its tries, in milliseconds: 30 s, 2 min, 8 min, and so on up to a day.
 *
 * @param random from 0 to below 1, as Math.random gives them
 */
export function retryDelay(attempts: number, random: number): number {
  return shorten(Math.min(FIRST_RETRY_MS * GROWTH ** (attempts - 1), DAY_MS), random);
}

/**
 * How long nothing is sent to a receiver after this number of failed runs in a row: 30 s, then twice as long each time, up
 * to ten minutes.
 */
export function receiverPause(failures: number, random: number): number {
  return shorten(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), random);
}

function shorten(milliseconds: number, random: number): number {
  return Math.round(milliseconds * (1 - JITTER * random));
}

/** Connections to a receiver that works. */
const CONNECTIONS = 16;
/** Connections to a receiver that failed last time. Several, because it may never accept the oldest event. */
const PROBES = 3;
/** Failures in a row after which the whole receiver counts as failing. */
const MAX_FAILURES_IN_A_ROW = 8;

/** @param failures of the last runs in a row; see `receiverPause` */
export function limitsOf(failures: number): { connections: number; failuresInARow: number } {
  return failures > 0
    ? { connections: PROBES, failuresInARow: 1 }
    : { connections: CONNECTIONS, failuresInARow: MAX_FAILURES_IN_A_ROW };
}
