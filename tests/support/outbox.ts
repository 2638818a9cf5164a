/** Reads the outbox: the events that are not published yet. */
import type { DbProxy } from '../../collect-lambdas/shared/db-proxy-client.ts';
import { OUTBOX_LEASE, type PendingEvent } from '../../db-proxy-lambda/contract.ts';

const FIRST_500 = { lease_seconds: 60, limit: 500, published: [], waiting: [] };

/** The first 500 events of the outbox, oldest first. Releases the outbox's lease afterwards. */
export async function readOutbox(dbProxy: DbProxy): Promise<PendingEvent[]> {
  const { events } = await dbProxy.call('claimResponseEvents', { holder: 'test', ...FIRST_500 });
  await dbProxy.call('releaseLease', { name: OUTBOX_LEASE, holder: 'test' });
  return events;
}

/** Publishes up to 500 events, which brings the quality figures up to date. */
export async function publishAll(dbProxy: DbProxy): Promise<void> {
  const published = (await readOutbox(dbProxy)).map((event) => event.event_id);
  await dbProxy.call('claimResponseEvents', { holder: 'test', ...FIRST_500, published });
  await dbProxy.call('releaseLease', { name: OUTBOX_LEASE, holder: 'test' });
}
