/** What the devices of a fault run sent, and what they were told: the run is judged by this alone. */

/** `taken` and `refused` must be that in the end; `either` depends on what else had arrived by then. */
export type Expectation = 'taken' | 'refused' | 'either';

/** What a device learned of one try. `unanswered`: it may be stored or not. */
export type Answer = 'stored' | 'queued' | 'refused' | 'unanswered';

/** One state of a response that was sent, however often, with a count of its answers. */
export interface Sent extends Record<Answer, number> {
  responseId: string;
  /** Of `contentOf`. */
  content: string;
  /** Milliseconds; the newest of a response must be the one that stands. */
  lastModified: number;
  expects: Expectation;
}

export class Ledger {
  readonly sent: Sent[] = [];

  /** Notes what is about to be sent. */
  open(response: Record<string, unknown>, expects: Expectation): Sent {
    const entry: Sent = {
      responseId: String(response['response_id']),
      content: contentOf(response),
      lastModified: Date.parse(String(response['last_modified_time'])),
      expects,
      stored: 0,
      queued: 0,
      refused: 0,
      unanswered: 0,
    };
    this.sent.push(entry);
    return entry;
  }
}

/** What a response says. `synced_time` is how it travelled: a second device stamps another. */
export function contentOf(response: Record<string, unknown>): string {
  const { synced_time: _travelled, ...said } = response;
  return JSON.stringify(Object.entries(said).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether a device was told that it may forget it. */
export function isAcknowledged({ stored, queued }: Sent): boolean {
  return stored + queued > 0;
}
