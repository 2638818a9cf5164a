import { DbProxyError } from '../shared/db-proxy-client.ts';

/** A source of rows that did not give them. Its message is safe to log and to hand to an operator. */
export class SourceError extends Error {
  override name = 'SourceError';
  readonly retryable: boolean;
  /** How long the source asks to be left alone. */
  readonly retryAfterMs: number;

  constructor(message: string, { retryable = false, retryAfterMs = 0, ...options }: SourceErrorOptions = {}) {
    super(message, options);
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

interface SourceErrorOptions extends ErrorOptions {
  retryable?: boolean;
  retryAfterMs?: number;
}

const TRIES = 4;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 20_000;

/**
 * Does `work` again, up to four times in all, when the source or the proxy says that it may pass: after 1, 2 and 4
 * seconds, or after what the source asks for, at most 20.
 *
 * @throws what `work` threw last
 */
export async function withRetries<T>(
  wait: (milliseconds: number) => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isKnown = error instanceof SourceError || error instanceof DbProxyError;
      if (!isKnown || !error.retryable || attempt === TRIES) throw error;
      const asked = error instanceof SourceError ? error.retryAfterMs : 0;
      await wait(Math.min(LONGEST_PAUSE_MS, Math.max(asked, FIRST_PAUSE_MS * 2 ** (attempt - 1))));
    }
  }
}
