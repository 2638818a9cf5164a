/** Checks whether a caller may call a route, from the authorizer's result. */
import * as z from 'zod';
import { isId, type Role } from '../../db-proxy-lambda/contract.ts';
import { Problem, unavailable } from './problem.ts';

/** A public route: it needs no token and has no authorizer in template.yaml. */
export const ANYBODY = 'anybody';

/** Who may call a route. The handlers restrict a collector's token to that collector's own responses. */
export type Allowed = readonly Role[] | typeof ANYBODY;

export const COLLECTING: readonly Role[] = ['collector', 'manager'];
export const READING: readonly Role[] = ['manager', 'viewer'];
export const EVERY_ROLE: readonly Role[] = ['collector', 'manager', 'viewer'];
export const MANAGING: readonly Role[] = ['manager'];

/** The authorized caller of a request. */
export interface Caller {
  role: Role | typeof ANYBODY;
  /** The only collector whose responses the caller may see; undefined without a restriction. */
  onlyOf?: string;
  /** The id of the token that the caller sent. */
  tokenId?: string;
}

/** Missing from a result of an earlier release's authorizer, which API Gateway may still cache. */
const tokenId = z.uuid().optional();

/** The authorizer's result for a request's token. API Gateway passes on strings only. */
const callerContext = z.union([
  z.object({ role: z.enum(['manager', 'viewer']), token_id: tokenId }),
  z.object({ role: z.enum(['collector', 'device']), user_id: z.string().refine(isId), token_id: tokenId }),
  z.object({ refused: z.string() }),
  z.object({ unavailable: z.string() }),
]);

export type CallerContext = z.infer<typeof callerContext>;

/** How long API Gateway caches the authorizer's result: `ReauthorizeEvery` in template.yaml. */
const CACHED_SECONDS = '60';

/**
 * Authorizes a caller.
 *
 * @param roles that may call the route
 * @param context the authorizer's result, if the route has an authorizer
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
  if (caller.role === 'device') {
    throw new Problem('forbidden', {
      detail:
        'This token is for a phone’s app: enter the server address that was created with it into the app. For this route, ask the manager for a token of another role.',
    });
  }
  if (!roles.includes(caller.role)) {
    throw new Problem('forbidden', {
      detail: `This route requires a token of the role ${roles.join(' or ')}; this token has the role ${caller.role}.`,
    });
  }
  return {
    role: caller.role,
    ...(caller.role === 'collector' && { onlyOf: caller.user_id }),
    ...(caller.token_id !== undefined && { tokenId: caller.token_id }),
  };
}
