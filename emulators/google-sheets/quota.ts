import { quotaExceeded } from './api-error.ts';

const MINUTE = 60_000;
/** The limit of reads, and also of writes, per user (https://developers.google.com/workspace/sheets/api/limits). */
const REQUESTS_PER_MINUTE = 60;

/**
 * The quota of one user in a sliding window of a minute. A caller within this quota is also within Google's quota, at
 * whatever second Google's minute begins.
 */
export class Quota {
  isEnforced = false;
  readonly #now: () => number;
  readonly #times: Record<'read' | 'write', number[]> = { read: [], write: [] };

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Counts a request.
   * @throws {ApiError} 429 when the quota is used up; a refused request does not count
   */
  spend(kind: 'read' | 'write'): void {
    const now = this.#now();
    const recent = this.#times[kind].filter((time) => time > now - MINUTE);
    this.#times[kind] = recent;
    if (this.isEnforced && recent.length >= REQUESTS_PER_MINUTE) throw quotaExceeded(kind);
    recent.push(now);
  }
}
