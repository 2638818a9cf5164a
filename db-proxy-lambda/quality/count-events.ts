import type { PendingEvent } from '../contract.ts';
import type { EventConsumer } from '../outbox/event-consumer.ts';
import {
  addChanges,
  deleteQualities,
  findFirstCollectors,
  findQualities,
  findStandings,
  lockFigures,
  writeQualities,
} from './queries.ts';
import { follow, isFirst, type ResponseQuality } from './response-quality.ts';
import { Tally } from './tally.ts';

/**
 * Keeps the quality figures in step with published events. Reads stored figures only for responses that are not new, and
 * writes each sum once for all events.
 */
export const countEvents: EventConsumer = async (trx, events, _now, database) => {
  await lockFigures(trx);
  const byResponse = Map.groupBy(events, (event) => event.response_id);
  const older = [...byResponse].filter(([, [first]]) => first !== undefined && !isFirst(first)).map(([id]) => id);
  const known = await findQualities(trx, older);
  const correct = await readCorrections(trx, byResponse, known);

  const tally = new Tally();
  const written: [string, ResponseQuality][] = [];
  const erased: string[] = [];
  for (const [id, own] of byResponse) {
    let quality = known.get(id);
    const isKnown = quality !== undefined;
    if (quality !== undefined) tally.count(quality, -1);
    for (const event of own) quality = follow(quality, event);
    if (quality !== undefined) {
      correct(id, quality);
      tally.count(quality, 1);
      written.push([id, quality]);
    } else if (isKnown) erased.push(id);
  }
  await writeQualities(trx, database, written);
  await deleteQualities(trx, erased);
  await addChanges(trx, database, tally.changes());
};

/**
 * Reads two facts that events do not contain. If a response was assigned, its first event may already name the new
 * collector, so the first collector is read. If a manager approved or rejected it, a new revision may only add a file,
 * so the stored status is read.
 *
 * @returns a function that corrects the figures of a response after its events
 */
async function readCorrections(
  trx: Parameters<EventConsumer>[0],
  byResponse: ReadonlyMap<string, readonly PendingEvent[]>,
  known: ReadonlyMap<string, ResponseQuality>,
): Promise<(id: string, quality: ResponseQuality) => void> {
  const assigned: string[] = [];
  const decided: string[] = [];
  for (const [id, events] of byResponse) {
    if (events.some(({ review }) => review?.action === 'assign')) assigned.push(id);
    const statuses = [known.get(id)?.status, ...events.map(({ review }) => review?.status)];
    const mayBeDecided = statuses.some((status) => status === 'approved' || status === 'rejected');
    if (mayBeDecided && events.some(({ review }) => review === undefined)) decided.push(id);
  }
  const collectors = await findFirstCollectors(trx, assigned);
  const standings = await findStandings(trx, decided);
  return (id, quality) => {
    quality.collector = collectors.get(id) ?? quality.collector;
    const stored = standings.get(id);
    const last = Math.max(...(byResponse.get(id) ?? []).map(({ revision }) => revision));
    // If the revision is older than the stored one, later events will count the response.
    if (stored?.revision === last) quality.status = stored.status;
  };
}
