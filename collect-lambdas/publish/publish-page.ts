/** Publishes one page of events to the topic, a response's events in order. */
import type { PendingEvent } from '../../db-proxy-lambda/contract.ts';
import { traceOf } from '../shared/logger.ts';
import type { Dependencies } from './dependencies.ts';
import { fits, toBatches, toMessage, toWaves } from './messages.ts';

type Topic = Pick<Dependencies, 'publish' | 'logger'>;

export interface PublishedPage {
  published: PendingEvent[];
  /** Events that the topic will never accept. */
  refused: { event: PendingEvent; reason: string }[];
  /** Events that the topic may accept later, and later events of the same responses. */
  waiting: PendingEvent[];
}

/** @param blocked ids of responses with a waiting event; this function adds new ones */
export async function publishPage(
  topic: Topic,
  events: readonly PendingEvent[],
  blocked: Set<string>,
): Promise<PublishedPage> {
  const page: PublishedPage = { published: [], refused: [], waiting: [] };
  for (const wave of toWaves(events)) {
    const open = wave.filter(({ response_id: id }) => !blocked.has(id));
    const { accepted, refused } = await publishWave(topic, open);
    for (const event of wave) {
      const id = String(event.event_id);
      const reason = refused.get(id);
      if (accepted.has(id)) page.published.push(event);
      else if (reason !== undefined) page.refused.push({ event, reason });
      else {
        page.waiting.push(event);
        blocked.add(event.response_id);
      }
    }
  }
  return page;
}

/** Publishes events of different responses, all batches in parallel. */
async function publishWave({ publish, logger }: Topic, events: readonly PendingEvent[]) {
  const messages = events.map(toMessage);
  const accepted = new Set<string>();
  const refused = new Map<string, string>();
  for (const message of messages) if (!fits(message)) refused.set(message.id, 'TooLarge');
  await Promise.all(
    toBatches(messages.filter(fits)).map(async (batch) => {
      try {
        const reply = await publish(batch);
        for (const id of reply.accepted) accepted.add(id);
        for (const { id, reason } of reply.refused) refused.set(id, reason);
      } catch (error) {
        logger.error('batch not published', { events: batch.length, ...traceOf(error) });
      }
    }),
  );
  return { accepted, refused };
}
