import { DbProxyError } from './db-proxy-client.ts';
import type { Logger } from './logger.ts';
import { traceOf } from './logger.ts';
import type { SendMessage } from './message-queue.ts';

/**
 * Sends a message that can never be handled to the dead-letter queue, with the reason as an attribute. Never throws.
 *
 * @param bodies the whole message, or the parts of it that cannot be handled
 * @param about ids for the log line
 * @returns whether the queue accepted all bodies; otherwise the message must stay in its own queue
 */
export type DeadLetter = (
  messageId: string,
  bodies: readonly string[],
  reason: string,
  about?: Record<string, string>,
) => Promise<boolean>;

export function createDeadLetter(send: SendMessage, logger: Logger): DeadLetter {
  return async (messageId, bodies, reason, about = {}) => {
    try {
      await Promise.all(bodies.map((body) => send(body, { reason })));
      logger.error('message dead-lettered', { messageId, reason, ...about });
      return true;
    } catch (error) {
      logger.error('message not dead-lettered', { messageId, reason, ...about, ...traceOf(error) });
      return false;
    }
  };
}

/** Why a message became a dead letter: the db-proxy's refusal, or `unreadable` for any other error. */
export function reasonOf(error: unknown, unreadable: string): string {
  return error instanceof DbProxyError ? `The db-proxy refuses it: ${error.code}.` : unreadable;
}
