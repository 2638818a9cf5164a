import type { Logger } from './logger.ts';
import { traceOf } from './logger.ts';
import type { SendMessage } from './message-queue.ts';

/**
 * Sends what can never be handled to the dead-letter queue, with the reason as an attribute. Never throws.
 *
 * @param bodies all of the message, or the parts of it that cannot be handled
 * @returns whether the queue took all of it; otherwise the message has to stay where it is
 */
export type DeadLetter = (messageId: string, bodies: readonly string[], reason: string) => Promise<boolean>;

export function createDeadLetter(send: SendMessage, logger: Logger): DeadLetter {
  return async (messageId, bodies, reason) => {
    try {
      await Promise.all(bodies.map((body) => send(body, { reason })));
      logger.error('message dead-lettered', { messageId, reason });
      return true;
    } catch (error) {
      logger.error('message not dead-lettered', { messageId, reason, ...traceOf(error) });
      return false;
    }
  };
}
