/** What the topic has yet to be told of. */
import type { DbProxy } from '../../collect-lambdas/shared/db-proxy-client.ts';
import { OUTBOX_LEASE, type PendingEvent } from '../../db-proxy-lambda/contract.ts';

const MOST = { lease_seconds: 60, limit: 500, told: [], waiting: [] };

/** The first 500 events of the outbox, oldest first. Nobody holds it afterwards. */
export async function readOutbox(dbProxy: DbProxy): Promise<PendingEvent[]> {
  const { events } = await dbProxy.call('claimResponseEvents', { holder: 'test', ...MOST });
  await dbProxy.call('releaseLease', { name: OUTBOX_LEASE, holder: 'test' });
  return events;
}
