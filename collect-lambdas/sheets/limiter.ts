import type { DbProxy } from '../shared/db-proxy-client.ts';
import type { Clock } from './clock.ts';

/**
 * 30 requests at once and then one every 2.1 seconds: at most 59 in any minute. Google gives one user, which is what a
 * service account is, 60 of each kind (Sheets API, "Usage limits").
 */
const BURST = 30;
const INTERVAL_MS = 2_100;

/**
 * Lets requests of one kind begin within Google's quota. Several workers write at the same time and share the quota, so
 * the turns are given out by the database: keeping within it by construction is cheaper than being refused.
 *
 * @param account whose quota it is
 */
export function createLimiter(
  dbProxy: DbProxy,
  clock: Clock,
  account: string,
  kind: 'read' | 'write',
): () => Promise<void> {
  return async () => {
    const { wait_ms: wait } = await dbProxy.call('takeTurn', {
      name: `google ${kind} ${account}`.slice(0, 255),
      now: new Date(clock.now()).toISOString(),
      interval_ms: INTERVAL_MS,
      burst: BURST,
    });
    if (wait > 0) await clock.wait(wait);
  };
}
