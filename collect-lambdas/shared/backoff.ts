/** Exponential backoff for messages after a transient failure: they stay in their queue and are retried later. */
import type { SQSRecord } from 'aws-lambda';
import { traceOf, type Logger } from './logger.ts';
import type { PostponeMessages } from './message-queue.ts';

const SHORTEST_SECONDS = 2;
const LONGEST_SECONDS = 900;
const SHARE_OF_AGE = 0.25;
/** Changes the delay by up to a tenth, so that messages that failed together are not retried together. */
const JITTER = 0.1;

/** Postpones messages that stay in their queue. Never throws: if it fails, the queue's visibility timeout applies. */
export type BackOff = (records: readonly SQSRecord[]) => Promise<void>;

/**
 * Postpones a message by a quarter of its age, from 2 s to 15 min. After an outage, a message is retried within
 * a quarter of the outage's length, and within 15 min at most.
 *
 * @param now milliseconds, as Date.now gives them
 * @param random from 0 to below 1, as Math.random gives them
 */
export function createBackOff(
  postpone: PostponeMessages,
  logger: Logger,
  now: () => number = Date.now,
  random: () => number = Math.random,
): BackOff {
  const secondsUntilRetry = ({ attributes }: SQSRecord): number => {
    const age = (now() - Number(attributes.SentTimestamp)) / 1_000;
    const seconds = Math.round(age * SHARE_OF_AGE * (1 + JITTER * (2 * random() - 1)));
    return Math.min(Math.max(seconds, SHORTEST_SECONDS), LONGEST_SECONDS);
  };
  return async (records) => {
    if (records.length === 0) return;
    try {
      await postpone(
        records.map((record) => ({ receiptHandle: record.receiptHandle, seconds: secondsUntilRetry(record) })),
      );
    } catch (error) {
      const messageIds = records.map(({ messageId }) => messageId);
      logger.warn('messages not postponed', { messageIds, ...traceOf(error) });
    }
  };
}
