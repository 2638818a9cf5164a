/** Finds the owner and role of a request's token. API Gateway caches the reply for a minute. */
import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import type { CallerContext } from '../shared/access.ts';
import { createTokenCheck, TOKEN_REFUSALS, type Bearer } from '../shared/token-check.ts';
import { fingerprintOf, isToken } from '../shared/token.ts';
import type { Dependencies } from './dependencies.ts';

type Reply = APIGatewaySimpleAuthorizerWithContextResult<CallerContext>;

/**
 * Never throws and never denies, because API Gateway would then reply 403 or 500 in its own format. Instead it passes
 * on why the token is refused, or that the check is unavailable; the functions then reply 401 or 503 with advice
 * (shared/access.ts).
 */
export function createHandler(dependencies: Dependencies) {
  const check = createTokenCheck(dependencies);
  return async (event: Pick<APIGatewayRequestAuthorizerEventV2, 'headers'>): Promise<Reply> => {
    const token = readBearer(event.headers?.['authorization']);
    if (token === undefined) return refuse('The header Authorization has no valid bearer token.');
    const checked = await check(fingerprintOf(token));
    if (checked.outcome === 'valid') return admit(checked.token);
    if (checked.outcome === 'unavailable') return { isAuthorized: true, context: { unavailable: 'true' } };
    return refuse(TOKEN_REFUSALS[checked.outcome]);
  };
}

function readBearer(header = ''): string | undefined {
  const token = /^bearer +(\S+) *$/i.exec(header)?.[1];
  return token !== undefined && isToken(token) ? token : undefined;
}

function admit({ role, user_id: userId, token_id }: Bearer): Reply {
  if (role !== 'collector' && role !== 'device') return { isAuthorized: true, context: { role, token_id } };
  if (userId === null) return refuse('This token belongs to no collector.');
  return { isAuthorized: true, context: { role, user_id: userId, token_id } };
}

function refuse(refused: string): Reply {
  return { isAuthorized: true, context: { refused } };
}
