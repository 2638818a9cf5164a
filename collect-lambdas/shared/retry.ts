/** Repeats requests that meet a transient failure. */
import { isTransient } from './db-proxy-client.ts';

/** A transient failure of another service: the same request may succeed later. */
export class TransientError extends Error {
  /** How long the service asks to wait, in milliseconds; 0 if it does not say. */
  readonly retryAfterMs: number;

  constructor(message: string, { retryAfterMs = 0, ...options }: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface RetryPolicy {
  tries: number;
  /**
   * @param attempt the try that failed, from 1
   * @param retryAfterMs see TransientError
   * @returns milliseconds until the next try; undefined to give up
   */
  pauseMs: (attempt: number, retryAfterMs: number) => number | undefined;
  wait: (milliseconds: number) => Promise<unknown>;
}

/**
 * Runs `work` until it succeeds or fails for good, as often as the policy says. TransientError and a transient DbProxyError
 * are repeated.
 *
 * @throws what `work` threw last
 */
export async function retry<T>({ tries, pauseMs, wait }: RetryPolicy, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const asked = error instanceof TransientError ? error.retryAfterMs : 0;
      const isRepeatable = error instanceof TransientError || isTransient(error);
      const pause = isRepeatable && attempt < tries ? pauseMs(attempt, asked) : undefined;
      if (pause === undefined) throw error;
      await wait(pause);
    }
  }
}
