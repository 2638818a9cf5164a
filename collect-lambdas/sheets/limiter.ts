import type { DbProxy } from '../shared/db-proxy-client.ts';
import type { Clock } from './clock.ts';

/**
 * A burst of 30 requests, then one every 2.1 seconds: at most 59 in any minute. Google allows a user, here the service
 * account, 60 requests of each kind a minute (Sheets API, "Usage limits").
 */
const BURST = 30;
const INTERVAL_MS = 2_100;

/**
 * Rate limiter: delays requests of one kind to stay within Google's quota. All workers share the quota, so the database
 * grants the permits.
 *
 * @param account the service account, which has the quota
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
