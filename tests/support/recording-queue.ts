import type { SendMessage } from '../../collect-lambdas/shared/message-queue.ts';

export interface SentMessage {
  body: string;
  attributes: Record<string, string>;
}

/** A queue that keeps what it takes, and refuses while it is told to. */
export class RecordingQueue {
  readonly messages: SentMessage[] = [];
  /** A switch: while it is set, nothing is taken. */
  refuses = false;

  readonly send: SendMessage = (body, attributes = {}) => {
    if (this.refuses) return Promise.reject(new Error('The queue is not there.'));
    this.messages.push({ body, attributes });
    return Promise.resolve();
  };
}
