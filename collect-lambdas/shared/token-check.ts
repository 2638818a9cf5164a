/** Checks tokens, even while the database is down. */
import type { Token } from '../../db-proxy-lambda/contract.ts';
import type { DbProxy } from './db-proxy-client.ts';
import { traceOf, type Logger } from './logger.ts';
import type { Snapshot, SnapshotToken } from './snapshot.ts';
import type { Fingerprint } from './token.ts';

/** The owner and role of a valid token. */
export type Bearer = Pick<Token, 'role' | 'user_id' | 'token_id'>;
/** `unavailable`: neither the proxy nor the snapshot nor the cache could tell. */
export type CheckedToken =
  { outcome: 'valid'; token: Bearer } | { outcome: keyof typeof TOKEN_REFUSALS | 'unavailable' };
export type TokenCheck = (fingerprint: Fingerprint) => Promise<CheckedToken>;

export const TOKEN_REFUSALS = {
  unknown: 'This token is unknown.',
  expired: 'This token has expired.',
  revoked: 'This token was revoked.',
};

/** How long a cached token stays valid while neither the proxy nor the snapshot can be reached. */
const CACHED_MS = 3_600_000;
/** Timeout for the proxy: a cold proxy needs 3 seconds, the snapshot 1, and API Gateway's limit is 10 seconds. */
const CHECK_MS = 4_000;
/** Cache size; the oldest entry is evicted. */
const MAX_CACHED = 10_000;

interface TokenCheckDependencies {
  dbProxy: DbProxy;
  findToken: Snapshot['findToken'];
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
}

/**
 * Makes the check of tokens. It asks the proxy; if the proxy fails, it reads the snapshot, which includes revoked
 * tokens, then the cache. It never throws.
 */
export function createTokenCheck({ dbProxy, findToken, logger, now }: TokenCheckDependencies): TokenCheck {
  const cache = new Map<string, { token: SnapshotToken; until: number }>();

  async function askProxy(fingerprint: Fingerprint): Promise<CheckedToken> {
    const { sha256 } = fingerprint;
    const checked = await dbProxy.call('checkToken', fingerprint, AbortSignal.timeout(CHECK_MS));
    cache.delete(sha256);
    if (checked.outcome === 'valid') cache.set(sha256, { token: checked.token, until: now() + CACHED_MS });
    const [oldest] = cache.keys();
    if (cache.size > MAX_CACHED && oldest !== undefined) cache.delete(oldest);
    return checked;
  }

  async function lookUp(sha256: string): Promise<SnapshotToken | undefined> {
    try {
      return await findToken(sha256);
    } catch (error) {
      logger.error('snapshot not read', traceOf(error));
      return undefined;
    }
  }

  function findCached(sha256: string): SnapshotToken | undefined {
    const cached = cache.get(sha256);
    return cached !== undefined && now() <= cached.until ? cached.token : undefined;
  }

  function outcomeFor(token: SnapshotToken): CheckedToken {
    if (token.revoked_at !== null) return { outcome: 'revoked' };
    return Date.parse(token.expires_at) > now() ? { outcome: 'valid', token } : { outcome: 'expired' };
  }

  return async (fingerprint: Fingerprint): Promise<CheckedToken> => {
    const { sha256 } = fingerprint;
    try {
      return await askProxy(fingerprint);
    } catch (error) {
      const token = (await lookUp(sha256)) ?? findCached(sha256);
      const checked: CheckedToken = token === undefined ? { outcome: 'unavailable' } : outcomeFor(token);
      logger.error('token not checked', { outcome: checked.outcome, ...traceOf(error) });
      return checked;
    }
  };
}
