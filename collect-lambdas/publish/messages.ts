/** Turns events into batches for the topic. Pure. */
import type { PendingEvent } from '../../db-proxy-lambda/contract.ts';
import { toMessageText } from '../shared/message-text.ts';
import { pack } from '../shared/pack.ts';
import type { ResponseEvent } from '../shared/response-event.ts';
import type { TopicMessage } from './topic.ts';

/** SNS accepts ten messages and 256 KB a batch ("PublishBatch"). */
const MESSAGES_A_BATCH = 10;
const BYTES_A_BATCH = 240_000;

export function toMessage({ event_id: eventId, ...event }: PendingEvent): TopicMessage {
  const id = String(eventId);
  const responseEvent: ResponseEvent = { event_id: id, ...event };
  return { id, body: toMessageText(responseEvent), type: event.type, revision: event.revision };
}

/** Whether a message is small enough for a batch of its own. */
export function fits({ body }: TopicMessage): boolean {
  return Buffer.byteLength(body) <= BYTES_A_BATCH;
}

export function toBatches(messages: readonly TopicMessage[]): TopicMessage[][] {
  return pack(messages, { bytes: BYTES_A_BATCH, items: MESSAGES_A_BATCH }, ({ body }) => ({
    bytes: Buffer.byteLength(body),
    items: 1,
  }));
}

/**
 * Divides events into waves. Each wave has at most one event of a response, and a response's events keep their order from
 * wave to wave. Reason: SNS may accept the messages of a batch in any order, or only some of them.
 */
export function toWaves(events: readonly PendingEvent[]): PendingEvent[][] {
  const waves: PendingEvent[][] = [];
  const seen = new Map<string, number>();
  for (const event of events) {
    const wave = seen.get(event.response_id) ?? 0;
    seen.set(event.response_id, wave + 1);
    (waves[wave] ??= []).push(event);
  }
  return waves;
}
