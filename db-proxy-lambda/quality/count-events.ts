import type { EventConsumer } from '../outbox/event-consumer.ts';
import { addChanges, deleteQualities, findQualities, lockFigures, writeQualities } from './queries.ts';
import { follow, isFirst, type ResponseQuality } from './response-quality.ts';
import { Tally } from './tally.ts';

/**
 * Keeps the quality figures in step with published events. Reads only what is known of responses that are not new, and writes
 * each sum once for all events.
 */
export const countEvents: EventConsumer = async (trx, events, _now, database) => {
  await lockFigures(trx);
  const byResponse = Map.groupBy(events, (event) => event.response_id);
  const older = [...byResponse].filter(([, [first]]) => first !== undefined && !isFirst(first)).map(([id]) => id);
  const known = await findQualities(trx, older);

  const tally = new Tally();
  const written: [string, ResponseQuality][] = [];
  const erased: string[] = [];
  for (const [id, own] of byResponse) {
    let quality = known.get(id);
    const isKnown = quality !== undefined;
    if (quality !== undefined) tally.count(quality, -1);
    for (const event of own) quality = follow(quality, event);
    if (quality !== undefined) {
      tally.count(quality, 1);
      written.push([id, quality]);
    } else if (isKnown) erased.push(id);
  }
  await writeQualities(trx, database, written);
  await deleteQualities(trx, erased);
  await addChanges(trx, database, tally.changes());
};
