/** The quota of one user: 60 reads and 60 writes a minute (https://developers.google.com/workspace/sheets/api/limits). */
import { quotaExceeded } from './api-error.ts';

const REQUESTS = 60;
const MINUTE = 60_000;

/**
 * Counts over every minute, not only over those that begin with the clock's: a caller that stays within this stays within
 * Google's quota whenever Google refills it.
 */
export class Quota {
  readonly #now: () => number;
  readonly #times: { read: number[]; write: number[] } = { read: [], write: [] };
  isEnforced: boolean;

  constructor(isEnforced: boolean, now: () => number) {
    this.isEnforced = isEnforced;
    this.#now = now;
  }

  /**
   * Counts a request.
   * @throws ApiError 429 when the minute's requests are used up; a refused request is not counted.
   */
  spend(kind: 'read' | 'write'): void {
    const now = this.#now();
    const recent = this.#times[kind].filter((time) => time > now - MINUTE);
    this.#times[kind] = recent;
    if (this.isEnforced && recent.length >= REQUESTS) throw quotaExceeded(kind);
    recent.push(now);
  }
}
