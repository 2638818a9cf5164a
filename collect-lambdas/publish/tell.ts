/** Tells one page of events to the topic, a response's events in their order. */
import type { PendingEvent } from '../../db-proxy-lambda/contract.ts';
import { traceOf } from '../shared/logger.ts';
import type { Dependencies } from './dependencies.ts';
import { fits, toBatches, toMessage, toWaves } from './messages.ts';

type Topic = Pick<Dependencies, 'publish' | 'logger'>;

export interface Told {
  told: PendingEvent[];
  /** What the topic will never take. */
  refused: { event: PendingEvent; reason: string }[];
  /** What it may take later, and what comes after that of the same responses. */
  waiting: PendingEvent[];
}

/** @param blocked the responses of which an event waits; those that come to wait are added */
export async function tellPage(topic: Topic, events: readonly PendingEvent[], blocked: Set<string>): Promise<Told> {
  const page: Told = { told: [], refused: [], waiting: [] };
  for (const wave of toWaves(events)) {
    const { taken, refused } = await tellWave(
      topic,
      wave.filter(({ response_id: id }) => !blocked.has(id)),
    );
    for (const event of wave) {
      const id = String(event.event_id);
      const reason = refused.get(id);
      if (taken.has(id)) page.told.push(event);
      else if (reason !== undefined) page.refused.push({ event, reason });
      else {
        page.waiting.push(event);
        blocked.add(event.response_id);
      }
    }
  }
  return page;
}

/** Tells events of different responses, all batches at once. */
async function tellWave({ publish, logger }: Topic, events: readonly PendingEvent[]) {
  const messages = events.map(toMessage);
  const taken = new Set<string>();
  const refused = new Map<string, string>();
  for (const message of messages) if (!fits(message)) refused.set(message.id, 'TooLarge');
  await Promise.all(
    toBatches(messages.filter(fits)).map(async (batch) => {
      try {
        const reply = await publish(batch);
        for (const id of reply.taken) taken.add(id);
        for (const { id, reason } of reply.refused) refused.set(id, reason);
      } catch (error) {
        logger.error('topic takes nothing', { events: batch.length, ...traceOf(error) });
      }
    }),
  );
  return { taken, refused };
}
