import type { SendMessage } from '../../collect-lambdas/shared/message-queue.ts';

export interface SentMessage {
  body: string;
  attributes: Record<string, string>;
}

/** A queue that records its messages and can refuse them. */
export class RecordingQueue {
  readonly messages: SentMessage[] = [];
  /** While this is true, every message is refused. */
  refuses = false;

  readonly send: SendMessage = (body, attributes = {}) => {
    if (this.refuses) return Promise.reject(new Error('The queue is unavailable.'));
    this.messages.push({ body, attributes });
    return Promise.resolve();
  };
}

/** A queue and a store of markers that accept every job. */
export const anyJob = { enqueue: () => Promise.resolve(), leaveMarker: () => Promise.resolve(true) };
