/** The locks that the tabs of this page share (Web Locks). The browser releases the locks of a tab that is closed. */

/** Held by every tab that has a form open. */
const OPEN_FORM = 'collect-form-open';
/**
 * How long a tab waits until the answers are no longer open elsewhere, in milliseconds. After a reload, for example,
 * the previous page needs a moment to release them.
 */
const CLOSING_MS = 3_000;

const open = new Set<AnswersLock>();
const afterClosing: (() => void)[] = [];

/** Calls back whenever this tab closes a form. */
export function onFormClosed(callback: () => void): void {
  afterClosing.push(callback);
}

/** Whether this tab has a form open. */
export function isFormOpen(): boolean {
  return open.size > 0;
}

/** Keeps other tabs from opening the same answers: each tab would overwrite what the other saves. */
export class AnswersLock {
  #held = new AbortController();
  #isEnded = false;

  /**
   * Locks the answers of a draft, and releases the answers that were locked before.
   *
   * @throws {Error} with what the collector can do, if another tab has them open
   */
  async take(draftId: string): Promise<void> {
    this.#held.abort();
    this.#held = new AbortController();
    if (this.#isEnded) this.#held.abort();
    const { signal } = this.#held;
    await hold(OPEN_FORM, 'shared', signal);
    open.add(this);
    try {
      await hold(`collect-answers ${draftId}`, 'exclusive', signal, AbortSignal.timeout(CLOSING_MS));
    } catch (error) {
      throw new Error('These answers are open in another tab. Go on there, or close it and open them here again.', {
        cause: error,
      });
    }
  }

  /** Releases the lock. After this, `take` of this object fails. */
  end(): void {
    this.#isEnded = true;
    open.delete(this);
    this.#held.abort();
    for (const callback of afterClosing) callback();
  }
}

/** Runs work while no tab has a form open. If a tab has one open, the work does not run. */
export async function whileNoFormIsOpen(work: () => Promise<void>): Promise<void> {
  await navigator.locks.request(OPEN_FORM, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await work();
  });
}

/** Holds a lock until `end`. Rejects if it is not granted before `end` or `patience`. */
function hold(name: string, mode: LockMode, end: AbortSignal, patience = end): Promise<void> {
  return new Promise((resolve, reject) => {
    const holdUntilEnd = () =>
      new Promise<void>((release) => {
        resolve();
        end.addEventListener('abort', () => release());
      });
    navigator.locks.request(name, { mode, signal: AbortSignal.any([end, patience]) }, holdUntilEnd).catch(reject);
  });
}
