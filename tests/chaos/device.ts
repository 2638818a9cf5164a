/** A field app on a device: it sends a response until it is acknowledged or refused. */
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { SUBMISSION_HEADERS, submissionBody } from '../support/submission-body.ts';
import type { Outcome, Sent } from './ledger.ts';

/** A response to send, with its entry in the ledger. */
export interface Parcel {
  response: Record<string, unknown>;
  entry: Sent;
}

interface HttpReply {
  status: number;
  body: string;
}

/** API Gateway's reply if a function ends during a request, for example because it is killed. */
const FUNCTION_DIED = '{"message":"Internal Server Error"}';

/** Distinguishes a 500 of a function, which is a fault of Collect, from API Gateway's 500 for a killed function. */
export function statusName(reply: HttpReply | undefined): string {
  if (reply === undefined) return 'none';
  return reply.status === 500 && reply.body === FUNCTION_DIED ? '500 by API Gateway' : String(reply.status);
}

/** The requests of all devices, counted. */
export class Traffic {
  requests = 0;
  /** Requests sent again after no reply or a 5xx. */
  retries = 0;
  /** Revisions of responses that were sent again on purpose, by the same or another device. */
  repeats = 0;
  readonly statuses = new Map<string, number>();

  count(reply: HttpReply | undefined): void {
    this.requests += 1;
    const name = statusName(reply);
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

/** Longer than API Gateway's limit of 30 s. */
const REQUEST_MS = 35_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
/** Refusals after which a retry may succeed. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429]);

const batchReply = z.object({
  results: z.array(z.object({ status: z.enum(['accepted', 'flagged', 'queued', 'rejected']) })),
});

/** A field app. Its token is in the header of JSON requests, and in the path of submissions. */
export class Device {
  readonly #options: DeviceOptions;

  constructor(options: DeviceOptions) {
    this.#options = options;
  }

  /** Sends one response until it is acknowledged or refused. */
  async sendOne({ response, entry }: Parcel, route = '/collect'): Promise<void> {
    await this.#send(
      route,
      this.#json('application/json'),
      JSON.stringify(response),
      ({ status }) => {
        entry[status === 202 ? 'queued' : outcomeOf(status)] += 1;
      },
      () => (entry.noReply += 1),
    );
  }

  /** Sends a submission, as ODK Collect does, until it is acknowledged or refused. */
  async sendSubmission(xml: string, entry: Sent): Promise<void> {
    const body = submissionBody(xml);
    await this.#send(
      `/odk/${this.#options.token}/submission`,
      SUBMISSION_HEADERS,
      body,
      ({ status }) => {
        entry[status === 202 ? 'queued' : outcomeOf(status)] += 1;
      },
      () => (entry.noReply += 1),
    );
  }

  /** Sends a batch until each of its responses is acknowledged or refused. */
  async sendBatch(parcels: readonly Parcel[]): Promise<void> {
    const lines = parcels.map(({ response }) => JSON.stringify(response)).join('\n');
    const all = (outcome: Outcome): void => {
      for (const { entry } of parcels) entry[outcome] += 1;
    };
    await this.#send(
      '/collect/batch',
      this.#json('application/x-ndjson'),
      lines,
      ({ status, body }) => {
        if (status >= 400) return all('refused');
        const { results } = batchReply.parse(JSON.parse(body));
        if (results.length !== parcels.length) throw new Error('A batch reply lacks results.');
        for (const [index, { entry }] of parcels.entries()) entry[itemOutcome(results[index]?.status)] += 1;
      },
      () => all('noReply'),
    );
  }

  /**
   * Sends a body again and again, with growing pauses, until the reply is neither a 5xx nor a transient refusal.
   *
   * @throws the signal's reason when the run ends
   */
  async #send(
    route: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    settle: (reply: HttpReply) => void,
    noReply: () => void,
  ): Promise<void> {
    const { traffic, signal } = this.#options;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      const reply = await this.#post(route, headers, body);
      traffic.count(reply);
      if (reply !== undefined && reply.status < 500 && !TRANSIENT.has(reply.status)) return settle(reply);
      noReply();
      signal.throwIfAborted();
      await wait(pause);
      traffic.retries += 1;
    }
  }

  #json(type: string): Record<string, string> {
    return { authorization: `Bearer ${this.#options.token}`, 'content-type': type };
  }

  async #post(route: string, headers: Readonly<Record<string, string>>, body: string): Promise<HttpReply | undefined> {
    const { url, signal } = this.#options;
    try {
      const response = await fetch(`${url}${route}`, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
      });
      return { status: response.status, body: await response.text() };
    } catch {
      return undefined;
    }
  }
}

function outcomeOf(status: number): Outcome {
  return status < 300 ? 'stored' : 'refused';
}

function itemOutcome(status = 'rejected'): Outcome {
  if (status === 'queued') return 'queued';
  return status === 'rejected' ? 'refused' : 'stored';
}
