/** Managers make, list and end the tokens that callers of the API show, and see what was done with them. */
import * as z from 'zod';
import { readBody } from '../shared/body.ts';
import type { Caller } from '../shared/access.ts';
import {
  askedBy,
  jsonResponse,
  pathParameter,
  routeRequests,
  type HttpEvent,
  type HttpResponse,
} from '../shared/http.ts';
import { Problem, RETRY_AFTER_SECONDS } from '../shared/problem.ts';
import { encodeCursor, readQuery } from '../shared/query.ts';
import { tokenObject } from '../shared/snapshot.ts';
import { fingerprintOf, generateToken } from '../shared/token.ts';
import type { Dependencies } from './dependencies.ts';
import { auditQuery, listQuery, newToken } from './request.ts';

const MAX_BODY_BYTES = 10_000;
const DAY_MS = 86_400_000;

export function createHandler(dependencies: Dependencies) {
  return routeRequests(
    {
      'POST /tokens': (event, caller) => createToken(dependencies, event, caller),
      'GET /tokens': (event) => listTokens(dependencies, event),
      'DELETE /tokens/{token_id}': (event, caller) => revokeToken(dependencies, event, caller),
      'GET /audit': (event) => listAudit(dependencies, event),
    },
    dependencies.logger,
  );
}

/** The answer is the one time that the token is shown: what is stored does not tell it. */
async function createToken(
  { dbProxy, recordChange, newId, now }: Dependencies,
  event: HttpEvent,
  caller: Caller,
): Promise<HttpResponse> {
  const body = readBody(event, newToken, MAX_BODY_BYTES);
  const { role, user_id: userId = null, label = null, expires_in_days: days } = body;
  if ((role === 'collector') !== (userId !== null)) {
    const detail =
      role === 'collector'
        ? 'Say whose token it is: the user_id that the collector’s responses carry.'
        : 'Leave it out: only a collector’s token is bound to a user_id.';
    throw new Problem('invalid-body', { errors: [{ pointer: '/user_id', detail }] });
  }
  const secret = generateToken();
  const fingerprint = fingerprintOf(secret);
  const { result } = await recordChange(
    () =>
      dbProxy.call('createToken', {
        token_id: newId(),
        ...fingerprint,
        role,
        user_id: userId,
        label,
        expires_at: new Date(now() + days * DAY_MS).toISOString(),
        by: askedBy(event, caller),
      }),
    // A token that was revoked meanwhile stays revoked.
    (created) => ({ ...tokenObject({ ...created.token, sha256: fingerprint.sha256 }), only: 'absent' }),
  );
  const { token } = result;
  return jsonResponse(201, { ...token, token: secret }, { 'cache-control': 'no-store' });
}

async function listTokens({ dbProxy }: Dependencies, event: HttpEvent): Promise<HttpResponse> {
  const { limit, cursor: after } = readQuery(event, listQuery);
  const { items, next } = await dbProxy.call('listTokens', { limit, after });
  return jsonResponse(200, { items, next_cursor: next === null ? null : encodeCursor(next) });
}

async function revokeToken(
  { dbProxy, recordChange }: Dependencies,
  event: HttpEvent,
  caller: Caller,
): Promise<HttpResponse> {
  const { success, data: tokenId = '' } = z.uuid().safeParse(pathParameter(event, 'token_id'));
  const notFound = new Problem('not-found', { detail: 'There is no token with this id.' });
  if (!success) throw notFound;
  const { result, isKept } = await recordChange(
    () => dbProxy.call('revokeToken', { token_id: tokenId, by: askedBy(event, caller) }),
    (revoked) => (revoked.outcome === 'revoked' ? tokenObject(revoked.token) : undefined),
  );
  if (result.outcome === 'missing') throw notFound;
  if (!isKept) {
    const detail = 'The token is revoked, but could still be taken while the database is away: revoke it again.';
    throw new Problem('unavailable', { detail, headers: { 'retry-after': RETRY_AFTER_SECONDS } });
  }
  return { statusCode: 204 };
}

async function listAudit({ dbProxy }: Dependencies, event: HttpEvent): Promise<HttpResponse> {
  const { cursor: after, ...query } = readQuery(event, auditQuery);
  const { items, next } = await dbProxy.call('listAuditEvents', { ...query, after });
  return jsonResponse(200, { items, next_cursor: next === null ? null : encodeCursor(next) });
}
