/**
 * Records the states that the devices of a fault run sent, and the replies. A state is the content of a response after
 * one change.
 */

/** The required final outcome of a state. `either`: the order of arrival decides. */
export type Expectation = 'taken' | 'refused' | 'either';

/** The outcome of one try, as the device knows it. `noReply`: the device does not know whether the state is stored. */
export type Outcome = 'stored' | 'queued' | 'refused' | 'noReply';

/** One state of a response. A device may send a state several times, so this counts the outcomes. */
export interface Sent extends Record<Outcome, number> {
  responseId: string;
  /** The result of `contentOf`. */
  content: string;
  /** Milliseconds. The newest state of a response must become its current revision. */
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
  const { synced_time: _syncedTime, ...content } = response;
  return JSON.stringify(Object.entries(content).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether a reply acknowledged the state, so that the device may delete it. */
export function isAcknowledged({ stored, queued }: Sent): boolean {
  return stored + queued > 0;
}
