/** When messages that meet a transient failure are tried again: soon at first, then less and less often. */
import type { SQSRecord } from 'aws-lambda';
import { traceOf, type Logger } from './logger.ts';
import type { PostponeMessages } from './message-queue.ts';

const SHORTEST_SECONDS = 2;
const LONGEST_SECONDS = 900;
const SHARE_OF_AGE = 0.25;
/** Up to a tenth more or less, so that messages that failed together do not come back together. */
const JITTER = 0.1;

/**
 * Whole seconds until the next try: a quarter of the message's age, from 2 s to 15 min. After an outage, what was
 * queued during it is tried within a quarter of the outage's length, and within 15 min of any.
 *
 * @param ageMs since the message was sent, in milliseconds
 * @param random from 0 to 1
 */
export function secondsUntilRetry(ageMs: number, random: number): number {
  const seconds = (ageMs / 1_000) * SHARE_OF_AGE * (1 + JITTER * (2 * random - 1));
  return Math.min(Math.max(Math.round(seconds), SHORTEST_SECONDS), LONGEST_SECONDS);
}

export interface BackoffDependencies {
  logger: Logger;
  /** Says when messages of the function's queue come again. */
  postpone: PostponeMessages;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
  /** From 0 to below 1, as Math.random gives them. */
  random: () => number;
}

/** Postpones messages that stay in their queue. Where that fails, the queue's own visibility timeout applies. */
export async function backOff(
  { postpone, logger, now, random }: BackoffDependencies,
  records: readonly SQSRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const messages = records.map(({ receiptHandle, attributes }) => ({
    receiptHandle,
    seconds: secondsUntilRetry(now() - Number(attributes.SentTimestamp), random()),
  }));
  try {
    await postpone(messages);
  } catch (error) {
    logger.warn('messages not postponed', { messageIds: records.map(({ messageId }) => messageId), ...traceOf(error) });
  }
}
