/** Retries requests after transient failures. */

/** A transient failure of another service: the same request may succeed later. */
export class TransientError extends Error {
  /** How long the service asks to wait, in milliseconds; 0 if it does not say. */
  readonly retryAfterMs: number;

  constructor(message: string, { retryAfterMs = 0, ...options }: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.name = 'TransientError';
    this.retryAfterMs = retryAfterMs;
  }
}

export interface RetryPolicy {
  tries: number;
  /** Whether the same work may succeed after this error. */
  isRepeatable: (error: unknown) => boolean;
  /**
   * @param attempt the try that failed, from 1
   * @param retryAfterMs see TransientError
   * @returns milliseconds until the next try; undefined to give up
   */
  pauseMs: (attempt: number, retryAfterMs: number) => number | undefined;
  wait: (milliseconds: number) => Promise<unknown>;
}

/**
 * Runs `work` until it succeeds, fails permanently, or has used up the policy's tries.
 *
 * @throws the last error of `work`
 */
export async function retry<T>(
  { tries, isRepeatable, pauseMs, wait }: RetryPolicy,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const asked = error instanceof TransientError ? error.retryAfterMs : 0;
      const pause = isRepeatable(error) && attempt < tries ? pauseMs(attempt, asked) : undefined;
      if (pause === undefined) throw error;
      await wait(pause);
    }
  }
}
