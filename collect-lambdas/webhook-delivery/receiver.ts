/** What a run learns about a receiver, and the outcomes of its deliveries. */
import type { ClaimedDelivery, DeliveryOutcomes, Input } from '../../db-proxy-lambda/contract.ts';
import type { SendOutcome } from '../shared/webhooks/sender.ts';
import { limitsOf, receiverPause, retryDelay } from './policy.ts';

const NONE: DeliveryOutcomes = { delivered: [], failed: [] };

export class Receiver {
  /** Responses with a failed delivery: their later events wait. */
  readonly #blocked = new Set<string | null>();
  readonly #failures: number;
  readonly #now: () => number;
  readonly #random: () => number;
  #outcomes: DeliveryOutcomes = structuredClone(NONE);
  #failuresInARow = 0;
  #succeededAt: string | undefined;
  #failure: { at: string; reason: string } | undefined;
  #isGone = false;
  /** Dead letters of this run. */
  dead = 0;

  /** @param failures the number of failed runs in a row before this one */
  constructor(failures: number, now: () => number, random: () => number) {
    this.#failures = failures;
    this.#now = now;
    this.#random = random;
  }

  /** Whether the whole receiver counts as failing, so that nothing is sent to it for a while. */
  get isFailing(): boolean {
    return this.#isGone || this.#failuresInARow >= limitsOf(this.#failuresBefore).failuresInARow;
  }

  /** How many messages may be under way at the same time. */
  get connections(): number {
    return limitsOf(this.#failuresBefore).connections;
  }

  /** The first success ends the probing. */
  get #failuresBefore(): number {
    return this.#succeededAt === undefined ? this.#failures : 0;
  }

  isBlocked({ response_id: responseId }: ClaimedDelivery): boolean {
    return this.#blocked.has(responseId);
  }

  /** Call it once the outcomes are stored: from then on the database leaves out what has to wait. */
  unblock(): void {
    this.#blocked.clear();
  }

  /** Records a failure of the whole receiver: nothing is sent to it for a while. */
  fail(reason: string): void {
    this.#failure = { at: new Date(this.#now()).toISOString(), reason };
    this.#failuresInARow = Infinity;
  }

  /** Records the outcome of a try. Returns whether the next event of the response may follow. */
  record(delivery: ClaimedDelivery, outcome: SendOutcome): boolean {
    const { delivery_id: id, response_id: responseId, attempts, expires_at: expiresAt } = delivery;
    const now = this.#now();
    const at = new Date(now).toISOString();
    if (outcome.ok) {
      this.#outcomes.delivered.push(id);
      this.#succeededAt = at;
      this.#failuresInARow = 0;
      return true;
    }
    const { reason, gone = false } = outcome;
    const isDead = gone || at >= expiresAt;
    const dueAt = isDead ? null : new Date(now + retryDelay(attempts + 1, this.#random())).toISOString();
    this.#outcomes.failed.push({ delivery_id: id, reason, due_at: dueAt });
    this.#failure = { at, reason };
    this.#failuresInARow += 1;
    this.#isGone ||= gone;
    if (isDead) this.dead += 1;
    else this.#blocked.add(responseId);
    return isDead;
  }

  /** The outcomes since the last call. */
  takeOutcomes(): DeliveryOutcomes {
    const taken = this.#outcomes;
    this.#outcomes = structuredClone(NONE);
    return taken;
  }

  /** The input for `finishDeliveries`. */
  report(): Pick<Input<'finishDeliveries'>, 'succeeded_at' | 'failure' | 'retry_at' | 'gone'> {
    const pause = receiverPause(this.#failuresBefore + 1, this.#random());
    // A receiver that failed before fails until something succeeds, even if only one event was due.
    const isFailing = this.isFailing || (this.#failuresBefore > 0 && this.#failure !== undefined);
    return {
      ...(this.#succeededAt !== undefined && { succeeded_at: this.#succeededAt }),
      ...(this.#failure !== undefined && { failure: this.#failure }),
      ...(isFailing && { retry_at: new Date(this.#now() + pause).toISOString() }),
      ...(this.#isGone && { gone: true as const }),
    };
  }
}
