/** Finds out whose token a request shows. API Gateway keeps the answer for five minutes. */
import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import type { Result, Token } from '../../db-proxy-lambda/contract.ts';
import type { CallerContext } from '../shared/access.ts';
import { DbProxyError } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { fingerprintOf, MAX_TOKEN_LENGTH, TOKEN, type Fingerprint } from '../shared/token.ts';
import type { Dependencies } from './dependencies.ts';

type Answer = APIGatewaySimpleAuthorizerWithContextResult<CallerContext>;

const REFUSALS = {
  unknown: 'This token is not known.',
  expired: 'This token has expired.',
  revoked: 'This token was revoked.',
};

/** How long a token that was good is taken for good while nobody can be asked: collectors go on during an outage. */
const REMEMBERED_MS = 3_600_000;
/** API Gateway waits ten seconds for an answer. */
const CHECK_MS = 6_000;
/** An environment that meets more collectors than this forgets those it met first. */
const MOST_REMEMBERED = 10_000;

/**
 * A token that is not good is passed on as refused, and not denied here: API Gateway would answer 403 in words of its
 * own, and the functions answer 401 and say what to do (shared/access.ts).
 *
 * @throws {DbProxyError} when the proxy cannot be asked about a token that is not remembered. API Gateway answers 500
 * and does not keep that: whoever asks again is let in as soon as the proxy is back.
 */
export function createHandler(dependencies: Dependencies) {
  const check = createCheck(dependencies);
  return async (event: Pick<APIGatewayRequestAuthorizerEventV2, 'headers'>): Promise<Answer> => {
    const token = readBearer(event.headers?.['authorization']);
    if (token === undefined) return refuse('The header Authorization holds no bearer token.');
    const checked = await check(fingerprintOf(token));
    return checked.outcome === 'valid' ? admit(checked.token) : refuse(REFUSALS[checked.outcome]);
  };
}

/** Asks the proxy, and remembers who was good for when it cannot be asked. */
function createCheck({ dbProxy, logger, now }: Dependencies) {
  const good = new Map<string, { token: Token; until: number }>();
  return async (fingerprint: Fingerprint): Promise<Result<'checkToken'>> => {
    const { sha256 } = fingerprint;
    try {
      const checked = await dbProxy.call('checkToken', fingerprint, AbortSignal.timeout(CHECK_MS));
      good.delete(sha256);
      if (checked.outcome === 'valid') good.set(sha256, { token: checked.token, until: now() + REMEMBERED_MS });
      const [oldest] = good.keys();
      if (good.size > MOST_REMEMBERED && oldest !== undefined) good.delete(oldest);
      return checked;
    } catch (error) {
      const remembered = good.get(sha256);
      const { code, retryable } = error instanceof DbProxyError ? error : { code: undefined, retryable: false };
      logger.error('token not checked', { code, remembered: remembered !== undefined, ...traceOf(error) });
      if (!retryable || remembered === undefined || remembered.until < now()) throw error;
      const { token } = remembered;
      return Date.parse(token.expires_at) > now() ? { outcome: 'valid', token } : { outcome: 'expired' };
    }
  };
}

function readBearer(header = ''): string | undefined {
  const token = /^bearer +(\S+) *$/i.exec(header)?.[1];
  return token !== undefined && token.length <= MAX_TOKEN_LENGTH && TOKEN.test(token) ? token : undefined;
}

function admit({ role, user_id: userId, token_id }: Token): Answer {
  if (role !== 'collector') return { isAuthorized: true, context: { role, token_id } };
  if (userId === null) return refuse('This token belongs to no collector.');
  return { isAuthorized: true, context: { role, user_id: userId, token_id } };
}

function refuse(refused: string): Answer {
  return { isAuthorized: true, context: { refused } };
}
