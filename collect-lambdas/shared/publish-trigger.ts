/** Triggers the publisher after a save, by a message that the queue delivers a second later. */
import { traceOf, type Logger } from './logger.ts';

/** Triggers the publisher. Call it after the commit. Never throws, because the saved event waits in the outbox. */
export type TriggerPublish = () => Promise<void>;

/**
 * One message covers the saves of the next 950 ms: its delay in the queue (`DelaySeconds: 1` of PublishQueue) lets the
 * publisher start only after those saves were committed.
 */
const COVERED_MS = 950;

interface TriggerDependencies {
  logger: Pick<Logger, 'error'>;
  send: () => Promise<void>;
  /** Leaves a marker, so that the sweep sends the message instead. @returns whether S3 accepted the marker */
  mark: () => Promise<boolean>;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
}

export function createTrigger({ logger, send, mark, now }: TriggerDependencies): TriggerPublish {
  let coveredFrom = -Infinity;
  const sendOrMark = async (): Promise<boolean> => {
    try {
      await send();
      return true;
    } catch (error) {
      logger.error('publisher not triggered', traceOf(error));
      return await mark();
    }
  };
  return async () => {
    const at = now();
    if (at >= coveredFrom && at < coveredFrom + COVERED_MS) return;
    // If neither message nor marker could be sent, the next save tries again.
    if (await sendOrMark()) coveredFrom = at;
  };
}
