/** What was stored is told to the topic "responses", at least once, oldest first. */
import type { PendingEvent } from '../../db-proxy-lambda/contract.ts';
import { publishMetrics } from '../shared/metrics.ts';
import { pack } from '../shared/pack.ts';
import type { ResponseEvent } from '../shared/response-event.ts';
import type { Dependencies, TopicMessage } from './dependencies.ts';

const EVENTS_A_PAGE = 200;
/** SNS takes ten messages and 256 KB a batch ("PublishBatch"). */
const MESSAGES_A_BATCH = 10;
const BYTES_A_BATCH = 240_000;
/** The next run begins a minute after this one began. */
const TIME_LIMIT_MS = 50_000;

/**
 * Empties the outbox. An event leaves it after the topic has taken it: a crash in between tells it twice, which
 * subscribers must bear, and never not at all.
 */
export function createHandler({ dbProxy, publish, logger, now }: Dependencies) {
  return async (): Promise<void> => {
    const deadline = now() + TIME_LIMIT_MS;
    let published = 0;
    while (now() < deadline) {
      const { events } = await dbProxy.call('listResponseEvents', { limit: EVENTS_A_PAGE });
      const taken: string[] = [];
      for (const batch of toBatches(events)) taken.push(...(await publish(batch)));
      if (taken.length > 0) await dbProxy.call('removeResponseEvents', { event_ids: taken.map(Number) });
      published += taken.length;
      if (taken.length < events.length) logger.error('topic refused events', { refused: events.length - taken.length });
      if (taken.length < EVENTS_A_PAGE) break;
    }
    publishMetrics({ EventsPublished: published });
    if (published > 0) logger.info('events published', { published });
  };
}

function toBatches(events: readonly PendingEvent[]): TopicMessage[][] {
  const messages = events.map((event): TopicMessage => {
    const { event_id: id, type, revision } = event;
    return { id: String(id), body: JSON.stringify(toResponseEvent(event)), type, revision };
  });
  return pack(messages, { bytes: BYTES_A_BATCH, items: MESSAGES_A_BATCH }, ({ body }) => ({
    bytes: Buffer.byteLength(body),
    items: 1,
  }));
}

function toResponseEvent({ event_id: eventId, ...event }: PendingEvent): ResponseEvent {
  return { event_id: String(eventId), ...event };
}
