/** A field app on a device: sends until it is told what became of it. */
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import type { Answer, Sent } from './ledger.ts';

/** One response on its way, with its entry in the ledger. */
export interface Parcel {
  response: Record<string, unknown>;
  entry: Sent;
}

/** What all devices met, in figures. */
export class Traffic {
  requests = 0;
  /** Requests that were sent because an earlier one of the same body met no answer or a 5xx. */
  retries = 0;
  /** Deliveries of what had been delivered, or was on its way from another device. */
  repeats = 0;
  readonly statuses = new Map<string, number>();

  count(status: number | undefined): void {
    this.requests += 1;
    const name = status === undefined ? 'none' : String(status);
    this.statuses.set(name, (this.statuses.get(name) ?? 0) + 1);
  }
}

export interface DeviceOptions {
  url: string;
  token: string;
  traffic: Traffic;
  /** Ends the run. */
  signal: AbortSignal;
}

/** API Gateway gives up after 30 seconds. */
const REQUEST_MS = 35_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** Refused for now. */
const COME_BACK: ReadonlySet<number> = new Set([408, 425, 429]);

const batchAnswer = z.object({
  results: z.array(z.object({ status: z.enum(['accepted', 'flagged', 'queued', 'rejected']) })),
});

export class Device {
  readonly #options: DeviceOptions;

  constructor(options: DeviceOptions) {
    this.#options = options;
  }

  /** Sends one response until it is acknowledged or refused. */
  async sendOne({ response, entry }: Parcel, route = '/collect'): Promise<void> {
    await this.#send(
      route,
      'application/json',
      JSON.stringify(response),
      ({ status }) => {
        entry[status === 202 ? 'queued' : answerOf(status)] += 1;
      },
      () => (entry.unanswered += 1),
    );
  }

  /** Sends a batch until each of its responses is acknowledged or refused. */
  async sendBatch(parcels: readonly Parcel[]): Promise<void> {
    const lines = parcels.map(({ response }) => JSON.stringify(response)).join('\n');
    const all = (answer: Answer): void => {
      for (const { entry } of parcels) entry[answer] += 1;
    };
    await this.#send(
      '/collect/batch',
      'application/x-ndjson',
      lines,
      ({ status, body }) => {
        if (status >= 400) return all('refused');
        const { results } = batchAnswer.parse(JSON.parse(body));
        if (results.length !== parcels.length) throw new Error('A batch was answered in part.');
        for (const [index, { entry }] of parcels.entries()) entry[itemAnswer(results[index]?.status)] += 1;
      },
      () => all('unanswered'),
    );
  }

  /**
   * The same body again, with growing pauses, while nobody knows what became of it.
   *
   * @throws the signal's reason when the run is over
   */
  async #send(
    route: string,
    type: string,
    body: string,
    settle: (answer: { status: number; body: string }) => void,
    unanswered: () => void,
  ): Promise<void> {
    const { traffic, signal } = this.#options;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const answer = await this.#post(route, type, body);
      traffic.count(answer?.status);
      if (answer !== undefined && answer.status < 500 && !COME_BACK.has(answer.status)) return settle(answer);
      unanswered();
      signal.throwIfAborted();
      await wait(pause);
      traffic.retries += 1;
    }
  }

  async #post(route: string, type: string, body: string): Promise<{ status: number; body: string } | undefined> {
    const { url, token, signal } = this.#options;
    try {
      const response = await fetch(`${url}${route}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': type },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
      });
      return { status: response.status, body: await response.text() };
    } catch {
      return undefined;
    }
  }
}

function answerOf(status: number): Answer {
  return status < 300 ? 'stored' : 'refused';
}

function itemAnswer(status = 'rejected'): Answer {
  if (status === 'queued') return 'queued';
  return status === 'rejected' ? 'refused' : 'stored';
}
