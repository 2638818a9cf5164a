/** A save has the outbox told: by a message that starts the publisher a second later. */
import { traceOf, type Logger } from './logger.ts';
import { createMessageQueue } from './message-queue.ts';
import { createObjectStore } from './object-store.ts';
import { leaveMarker, PUBLISH_MARKER } from './owed.ts';

/** To be called once a save is committed. Never fails: the response is stored, and its event waits in the outbox. */
export type TriggerPublish = () => Promise<void>;

/**
 * One message covers the saves of the next 950 ms: its delay in the queue (`DelaySeconds: 1` of PublishQueue) lets the
 * publisher start only after they were committed.
 */
const COVERED_MS = 950;

/** The collector's app waits meanwhile. */
const SEND_MS = 1_500;
const MARKING = { tries: 2, tryMs: 500 };

export interface TriggerDependencies {
  logger: Pick<Logger, 'error'>;
  send: () => Promise<void>;
  /** Leaves a marker, at which the sweep sends the message in its place. */
  owe: () => Promise<void>;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
}

export function createTrigger({ logger, send, owe, now }: TriggerDependencies): TriggerPublish {
  let coveredFrom = -Infinity;
  return async () => {
    const at = now();
    if (at >= coveredFrom && at < coveredFrom + COVERED_MS) return;
    try {
      await send().catch(async (error: unknown) => {
        logger.error('publisher not triggered', { ...traceOf(error) });
        await owe();
      });
      coveredFrom = at;
    } catch (error) {
      // The next save tries again.
      logger.error('publisher not owed', { ...traceOf(error) });
    }
  };
}

/** The real one: of a queue and, in its place, of a bucket. */
export function createPublishTrigger(
  queueUrl: string,
  bucket: string,
  logger: Logger,
  environment: NodeJS.ProcessEnv,
): TriggerPublish {
  const send = createMessageQueue(queueUrl, SEND_MS);
  const store = createObjectStore(bucket, environment, MARKING);
  return createTrigger({
    logger,
    send: () => send('{}'),
    owe: () => leaveMarker(store, PUBLISH_MARKER),
    now: Date.now,
  });
}
