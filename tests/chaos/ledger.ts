/** What the devices of a fault run sent, and what they were told. */

/** What must become of a state in the end. `either`: it depends on the order of arrival. */
export type Expectation = 'taken' | 'refused' | 'either';

/** What a device learned from one try. `noReply`: the state may be stored or not. */
export type Outcome = 'stored' | 'queued' | 'refused' | 'noReply';

/** One state of a response, with the counts of its outcomes: it may be sent several times. */
export interface Sent extends Record<Outcome, number> {
  responseId: string;
  /** Of `contentOf`. */
  content: string;
  /** Milliseconds. The newest state of a response must be the one that stands. */
  lastModified: number;
  expects: Expectation;
}

export class Ledger {
  readonly sent: Sent[] = [];

  /** Records a state before it is sent. */
  open(response: Record<string, unknown>, expects: Expectation): Sent {
    const entry: Sent = {
      responseId: String(response['response_id']),
      content: contentOf(response),
      lastModified: Date.parse(String(response['last_modified_time'])),
      expects,
      stored: 0,
      queued: 0,
      refused: 0,
      noReply: 0,
    };
    this.sent.push(entry);
    return entry;
  }
}

/** The content of a state: without `synced_time`, which differs between devices. */
export function contentOf(response: Record<string, unknown>): string {
  const { synced_time: _travelled, ...said } = response;
  return JSON.stringify(Object.entries(said).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether a device was told that it may delete the state. */
export function isAcknowledged({ stored, queued }: Sent): boolean {
  return stored + queued > 0;
}
