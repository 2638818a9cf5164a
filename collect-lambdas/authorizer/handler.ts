/** Says whose token a request carries. API Gateway caches the reply for a minute. */
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
  unknown: 'This token is not known.',
  expired: 'This token has expired.',
  revoked: 'This token was revoked.',
};

/** How long a cached token stays valid while neither the proxy nor the snapshot can be reached. */
const REMEMBERED_MS = 3_600_000;
/** API Gateway waits ten seconds for a reply, and the snapshot takes one. A cold proxy replies in three. */
const CHECK_MS = 4_000;
/** Cache size; the oldest entry is evicted. */
const MOST_REMEMBERED = 10_000;

/**
 * Never throws and never denies: API Gateway would reply 403 or 500 in words of its own. An invalid token is passed on as
 * refused, and one that cannot be looked up as unavailable. The functions reply 401 or 503, and say what to do
 * (shared/access.ts).
 */
export function createHandler(dependencies: Dependencies) {
  const check = createCheck(dependencies);
  return async (event: Pick<APIGatewayRequestAuthorizerEventV2, 'headers'>): Promise<Reply> => {
    const token = readBearer(event.headers?.['authorization']);
    if (token === undefined) return refuse('The header Authorization holds no bearer token.');
    const checked = await check(fingerprintOf(token));
    if (checked.outcome === 'valid') return admit(checked.token);
    if (checked.outcome === 'unavailable') return { isAuthorized: true, context: { unavailable: 'true' } };
    return refuse(REFUSALS[checked.outcome]);
  };
}

/** Asks the proxy. While it is unreachable, asks the snapshot, which has revoked tokens too, and then the cache. */
function createCheck({ dbProxy, snapshot, logger, now }: Dependencies) {
  const good = new Map<string, { token: SnapshotToken; until: number }>();

  async function askProxy(fingerprint: Fingerprint): Promise<Checked> {
    const { sha256 } = fingerprint;
    const checked = await dbProxy.call('checkToken', fingerprint, AbortSignal.timeout(CHECK_MS));
    good.delete(sha256);
    if (checked.outcome === 'valid') good.set(sha256, { token: checked.token, until: now() + REMEMBERED_MS });
    const [oldest] = good.keys();
    if (good.size > MOST_REMEMBERED && oldest !== undefined) good.delete(oldest);
    return checked;
  }

  async function lookUp(sha256: string): Promise<SnapshotToken | undefined> {
    try {
      return await snapshot.findToken(sha256);
    } catch (error) {
      logger.error('snapshot not read', traceOf(error));
      return undefined;
    }
  }

  function recall(sha256: string): SnapshotToken | undefined {
    const remembered = good.get(sha256);
    return remembered !== undefined && now() <= remembered.until ? remembered.token : undefined;
  }

  function judge(token: SnapshotToken): Checked {
    if (token.revoked_at !== null) return { outcome: 'revoked' };
    return Date.parse(token.expires_at) > now() ? { outcome: 'valid', token } : { outcome: 'expired' };
  }

  return async (fingerprint: Fingerprint): Promise<Checked> => {
    const { sha256 } = fingerprint;
    try {
      return await askProxy(fingerprint);
    } catch (error) {
      const token = (await lookUp(sha256)) ?? recall(sha256);
      const checked: Checked = token === undefined ? { outcome: 'unavailable' } : judge(token);
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
