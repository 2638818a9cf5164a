/** Managers create, list and revoke tokens, and read the audit log. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { ProxyAndRecorder } from '../shared/dependencies.ts';
import { deviceSettings, formPageUrlOf } from '../shared/device-settings.ts';
import { addressOf, askedBy, jsonResponse, pathParameter, type HttpResponse } from '../shared/http.ts';
import { Problem, unavailable } from '../shared/problem.ts';
import { pageResponse } from '../shared/query.ts';
import type { BodyRequest, Request } from '../shared/route.ts';
import { tokenObject } from '../shared/snapshot.ts';
import { fingerprintOf, generateToken } from '../shared/token.ts';
import type { auditQuery, listQuery, newToken } from './request.ts';

const DAY_MS = 86_400_000;

/** Only this reply shows the token; the database stores its hash. */
export async function createToken(
  { dbProxy, recordChange, now }: ProxyAndRecorder,
  { event, caller, readBody }: BodyRequest<typeof newToken>,
): Promise<HttpResponse> {
  const { role, user_id: userId = null, label = null, expires_in_days: days } = readBody();
  const isOfCollector = role === 'collector' || role === 'device';
  if (isOfCollector !== (userId !== null)) {
    const detail = isOfCollector
      ? 'Send the user_id of the collector, as in their responses.'
      : 'Leave it out: only the token of a collector or a device has a user_id.';
    throw new Problem('invalid-body', { errors: [{ pointer: '/user_id', detail }] });
  }
  const secret = generateToken();
  const fingerprint = fingerprintOf(secret);
  const { result } = await recordChange(
    () =>
      dbProxy.call('createToken', {
        token_id: randomUUID(),
        ...fingerprint,
        role,
        user_id: userId,
        label,
        expires_at: new Date(now() + days * DAY_MS).toISOString(),
        by: askedBy(event, caller),
      }),
    // `absent`: if the token was revoked meanwhile, its object records this and must not be overwritten.
    (created) => ({ ...tokenObject({ ...created.token, sha256: fingerprint.sha256 }), only: 'absent' }),
  );
  const { token } = result;
  const address = addressOf(event);
  const app = role === 'device' && {
    odk_collect: deviceSettings(address, secret),
    form_page: formPageUrlOf(address, secret),
  };
  return jsonResponse(201, { ...token, token: secret, ...app }, { 'cache-control': 'no-store' });
}

export async function listTokens(
  { dbProxy }: ProxyAndRecorder,
  { query: { cursor: after, ...query } }: Request<typeof listQuery>,
): Promise<HttpResponse> {
  return pageResponse(await dbProxy.call('listTokens', { ...query, after }));
}

/** Who the caller is, for a page that greets them. The token's other members are null if the caller's token id is unknown. */
export async function getMe({ dbProxy }: ProxyAndRecorder, { caller }: Request): Promise<HttpResponse> {
  const { role, onlyOf: userId = null, tokenId } = caller;
  const { token } = tokenId === undefined ? { token: null } : await dbProxy.call('getToken', { token_id: tokenId });
  const { token_id = null, label = null, expires_at = null } = token ?? {};
  return jsonResponse(200, { token_id, role, user_id: userId, label, expires_at }, { 'cache-control': 'no-store' });
}

export async function revokeToken(
  { dbProxy, recordChange }: ProxyAndRecorder,
  { event, caller }: Request,
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
    throw unavailable('The token is revoked, but may still work while the database is unavailable. Revoke it again.');
  }
  return { statusCode: 204 };
}

export async function listAudit(
  { dbProxy }: ProxyAndRecorder,
  { query: { cursor: after, ...query } }: Request<typeof auditQuery>,
): Promise<HttpResponse> {
  return pageResponse(await dbProxy.call('listAuditEvents', { ...query, after }));
}
