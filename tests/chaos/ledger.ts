/**
 * Records the states that the devices of a fault run sent, and the replies. A state is the content of a response after
 * one change.
 */

import { isMetadata } from '../../forms/definition/metadata.ts';

/** The required final outcome of a state. `either`: the order of arrival decides. */
export type Expectation = 'taken' | 'refused' | 'either';

/** The outcome of one try, as the device knows it. `noReply`: the device does not know whether the state is stored. */
export type Outcome = 'stored' | 'queued' | 'refused' | 'noReply';

/** One state of a response. A device may send a state several times, so this counts the outcomes. */
export interface Sent extends Record<Outcome, number> {
  responseId: string;
  /** The result of `contentOf`. */
  content: string;
  /**
   * Milliseconds; a count for submissions, to which the server gives the times. The newest state of a response must
   * become its current revision.
   */
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

/**
 * The content of a state: without `synced_time`, which differs between devices. Of a submission only the answers count,
 * because the server gives it its metadata; amounts are compared as numbers, because phones format them differently.
 */
export function contentOf(response: Record<string, unknown>): string {
  const { synced_time: _syncedTime, ...content } = response;
  const isSubmission = String(response['response_id']).startsWith(SUBMISSION_ID);
  const members = isSubmission
    ? Object.entries(response).flatMap(([key, value]) => (isMetadata(key) ? [] : [[key, asNumber(value)] as const]))
    : Object.entries(content);
  return JSON.stringify(members.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Begins the id of each submission, and so the id of its response. */
export const SUBMISSION_ID = 'uuid:';

function asNumber(value: unknown): unknown {
  return value === '' || Number.isNaN(Number(value)) ? value : Number(value);
}

/** Whether a reply acknowledged the state, so that the device may delete it. */
export function isAcknowledged({ stored, queued }: Sent): boolean {
  return stored + queued > 0;
}
