/** Finds the owner and role of a request's token. API Gateway caches the reply for a minute. */
import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import type { Token } from '../../db-proxy-lambda/contract.ts';
import type { CallerContext } from '../shared/access.ts';
import { traceOf } from '../shared/logger.ts';
import { fingerprintOf, MAX_TOKEN_LENGTH, TOKEN, type Fingerprint } from '../shared/token.ts';
import type { SnapshotToken } from '../shared/snapshot.ts';
import type { Dependencies } from './dependencies.ts';

type Reply = APIGatewaySimpleAuthorizerWithContextResult<CallerContext>;
type Bearer = Pick<Token, 'role' | 'user_id' | 'token_id'>;
type Checked = { outcome: 'valid'; token: Bearer } | { outcome: keyof typeof REFUSALS | 'unavailable' };

const REFUSALS = {
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

/**
 * Never throws and never denies, because API Gateway would then reply 403 or 500 in its own format. Instead it passes
 * on why the token is refused, or that the check is unavailable; the functions then reply 401 or 503 with advice
 * (shared/access.ts).
 */
export function createHandler(dependencies: Dependencies) {
  const check = createCheck(dependencies);
  return async (event: Pick<APIGatewayRequestAuthorizerEventV2, 'headers'>): Promise<Reply> => {
    const token = readBearer(event.headers?.['authorization']);
    if (token === undefined) return refuse('The header Authorization has no valid bearer token.');
    const checked = await check(fingerprintOf(token));
    if (checked.outcome === 'valid') return admit(checked.token);
    if (checked.outcome === 'unavailable') return { isAuthorized: true, context: { unavailable: 'true' } };
    return refuse(REFUSALS[checked.outcome]);
  };
}

/**
 * Checks a token with the proxy. If the proxy fails, reads the snapshot, which includes revoked tokens, then the cache.
 */
function createCheck({ dbProxy, findToken, logger, now }: Dependencies) {
  const cache = new Map<string, { token: SnapshotToken; until: number }>();

  async function askProxy(fingerprint: Fingerprint): Promise<Checked> {
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

  function outcomeFor(token: SnapshotToken): Checked {
    if (token.revoked_at !== null) return { outcome: 'revoked' };
    return Date.parse(token.expires_at) > now() ? { outcome: 'valid', token } : { outcome: 'expired' };
  }

  return async (fingerprint: Fingerprint): Promise<Checked> => {
    const { sha256 } = fingerprint;
    try {
      return await askProxy(fingerprint);
    } catch (error) {
      const token = (await lookUp(sha256)) ?? findCached(sha256);
      const checked: Checked = token === undefined ? { outcome: 'unavailable' } : outcomeFor(token);
      logger.error('token not checked', { outcome: checked.outcome, ...traceOf(error) });
      return checked;
    }
  };
}

function readBearer(header = ''): string | undefined {
  const token = /^bearer +(\S+) *$/i.exec(header)?.[1];
  return token !== undefined && token.length <= MAX_TOKEN_LENGTH && TOKEN.test(token) ? token : undefined;
}

function admit({ role, user_id: userId, token_id }: Bearer): Reply {
  if (role !== 'collector') return { isAuthorized: true, context: { role, token_id } };
  if (userId === null) return refuse('This token belongs to no collector.');
  return { isAuthorized: true, context: { role, user_id: userId, token_id } };
}

function refuse(refused: string): Reply {
  return { isAuthorized: true, context: { refused } };
}
