/** Who may call a route, and what the authorizer says of a caller. */
import * as z from 'zod';
import { isId, ROLES, type Role } from '../../db-proxy-lambda/contract.ts';
import { Problem, unavailable } from './problem.ts';

/** A route that needs no token; template.yaml leaves its authorizer out. */
export const ANYBODY = 'anybody';

/** Who may call a route. A collector's token reaches that collector's own responses only: the handlers see to it. */
export type Allowed = readonly Role[] | typeof ANYBODY;

export const COLLECTING: readonly Role[] = ['collector', 'manager'];
export const READING: readonly Role[] = ['manager', 'viewer'];
export const EVERY_ROLE: readonly Role[] = ROLES;
export const MANAGING: readonly Role[] = ['manager'];

/** Who calls. */
export interface Caller {
  role: Role | typeof ANYBODY;
  /** The collector to whose responses the caller is bound; undefined if it is bound to none. */
  onlyOf?: string;
  /** The id of the token that the caller sent. */
  tokenId?: string;
}

/** Missing in what API Gateway has cached from the authorizer of an earlier release. */
const tokenId = z.uuid().optional();

/** What the authorizer says of a request's token. API Gateway passes on text only. */
export const callerContext = z.union([
  z.object({ role: z.enum(['manager', 'viewer']), token_id: tokenId }),
  z.object({ role: z.literal('collector'), user_id: z.string().refine(isId), token_id: tokenId }),
  z.object({ refused: z.string() }),
  z.object({ unavailable: z.string() }),
]);

export type CallerContext = z.infer<typeof callerContext>;

/** How long API Gateway caches the authorizer's reply: `ReauthorizeEvery` in template.yaml. */
const CACHED_SECONDS = '60';

/**
 * Authorizes a caller.
 *
 * @param roles that may call the route
 * @param context of the authorizer, if the route has one
 * @throws {Problem} 401 without a valid token, 403 for a role that may not call the route, 503 if the token cannot be
 * looked up
 */
export function authorize(roles: Allowed, context: unknown): Caller {
  if (roles === ANYBODY) return { role: ANYBODY };
  const parsed = callerContext.safeParse(context);
  const caller = parsed.success ? parsed.data : { refused: 'No token was sent.' };
  if ('unavailable' in caller) {
    throw unavailable('The token cannot be looked up now.', CACHED_SECONDS);
  }
  if ('refused' in caller) {
    throw new Problem('unauthorized', {
      detail: `${caller.refused} Send "Authorization: Bearer" and a token that a manager made for you.`,
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
  if (!roles.includes(caller.role)) {
    throw new Problem('forbidden', {
      detail: `This route takes a token of the role ${roles.join(' or ')}; this one has the role ${caller.role}.`,
    });
  }
  return {
    role: caller.role,
    ...(caller.role === 'collector' && { onlyOf: caller.user_id }),
    ...(caller.token_id !== undefined && { tokenId: caller.token_id }),
  };
}
