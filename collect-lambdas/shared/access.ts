/** Who may call which route: the whole API's matrix, and how a function asks it. */
import * as z from 'zod';
import { isId, ROLES, type Role } from '../../db-proxy-lambda/contract.ts';
import { Problem } from './problem.ts';

/** Routes that anybody may call; template.yaml leaves their authorizer out. */
const ANYBODY = 'anybody';

const COLLECTING = ['collector', 'manager'] as const;
const READING = ['manager', 'viewer'] as const;
const EVERY_ROLE = ROLES;
const MANAGING = ['manager'] as const;

function readAndManage(path: string): Record<string, readonly Role[]> {
  return {
    [`GET ${path}`]: READING,
    [`POST ${path}`]: MANAGING,
    [`GET ${path}/{id}`]: READING,
    [`PATCH ${path}/{id}`]: MANAGING,
    [`DELETE ${path}/{id}`]: MANAGING,
  };
}

/**
 * Each route with the roles that may call it. A collector's token reaches that collector's own responses only: who reads
 * or stores them sees to it. Routes are named without a last slash, with which they mean the same.
 */
export const ACCESS: Readonly<Record<string, readonly Role[] | typeof ANYBODY>> = {
  'GET /': ANYBODY,
  'GET /health': ANYBODY,
  'GET /openapi.json': ANYBODY,
  'GET /docs': ANYBODY,
  'GET /docs/{file}': ANYBODY,
  'GET /calculation': ANYBODY,
  'GET /calculation/plot': ANYBODY,
  'GET /hello/{username}': ANYBODY,
  'PUT /hello/{username}': ANYBODY,
  'GET /metrics': ANYBODY,
  'GET /metrics/chart': ANYBODY,

  'POST /collect': COLLECTING,
  'POST /collect/batch': COLLECTING,
  'POST /forms/{form_id}/responses': COLLECTING,
  'POST /forms/{form_id}/responses/batch': COLLECTING,
  'GET /responses': EVERY_ROLE,
  'GET /responses/{response_id}': EVERY_ROLE,
  'GET /responses/{response_id}/revisions': EVERY_ROLE,
  'DELETE /responses/{response_id}': MANAGING,

  'GET /forms': EVERY_ROLE,
  'GET /forms/{form_id}': EVERY_ROLE,
  'PUT /forms/{form_id}': MANAGING,
  'POST /forms/{form_id}/dry-run': MANAGING,

  'POST /google-sheet': MANAGING,
  'GET /exports': READING,
  'GET /exports/{export_id}': READING,
  'GET /tables': READING,

  ...readAndManage('/api/v1/tasks'),
  'POST /api/v1/tasks/upload': MANAGING,
  ...readAndManage('/api/v1/companies'),
  ...readAndManage('/api/v1/people'),
  ...readAndManage('/api/v1/task_status'),

  'POST /tokens': MANAGING,
  'GET /tokens': MANAGING,
  'DELETE /tokens/{token_id}': MANAGING,
  'GET /audit': MANAGING,
};

/** Who calls. */
export interface Caller {
  role: Role | typeof ANYBODY;
  /** The collector whose responses the caller is bound to; undefined for whoever is bound to none. */
  onlyOf?: string;
  /** The token that the caller showed. */
  tokenId?: string;
}

/** Missing in what API Gateway still keeps of an earlier release's authorizer. */
const tokenId = z.uuid().optional();

/** What the authorizer says of a request's token: text only, as API Gateway passes it on. */
export const callerContext = z.union([
  z.object({ role: z.enum(['manager', 'viewer']), token_id: tokenId }),
  z.object({ role: z.literal('collector'), user_id: z.string().refine(isId), token_id: tokenId }),
  z.object({ refused: z.string() }),
  z.object({ unavailable: z.string() }),
]);

export type CallerContext = z.infer<typeof callerContext>;

/** How long API Gateway caches what the authorizer said: `ReauthorizeEvery` in template.yaml. */
const CACHED_SECONDS = '60';

/**
 * Authorizes a caller. Unlisted routes are denied.
 *
 * @param context of the authorizer, if the route has one
 * @throws {Problem} 401 without a good token, 403 for a role that may not, 503 while nobody knows whose token it is
 */
export function authorize(routeKey: string, context: unknown): Caller {
  const roles = rolesOf(routeKey);
  if (roles === ANYBODY) return { role: ANYBODY };
  const parsed = callerContext.safeParse(context);
  const caller = parsed.success ? parsed.data : { refused: 'No token was sent.' };
  if ('unavailable' in caller) {
    throw new Problem('unavailable', {
      detail: 'Whose token this is cannot be looked up just now.',
      headers: { 'retry-after': CACHED_SECONDS },
    });
  }
  if ('refused' in caller) {
    throw new Problem('unauthorized', {
      detail: `${caller.refused} Send "Authorization: Bearer" and a token that a manager made for you.`,
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
  if (!roles.includes(caller.role)) {
    throw new Problem('forbidden', {
      detail: `It takes a token of the role ${roles.join(' or ')}; this one is of the role ${caller.role}.`,
    });
  }
  return {
    role: caller.role,
    ...(caller.role === 'collector' && { onlyOf: caller.user_id }),
    ...(caller.token_id !== undefined && { tokenId: caller.token_id }),
  };
}

/** The roles that may call a route. */
export function rolesOf(routeKey: string): readonly Role[] | typeof ANYBODY {
  const [, route = routeKey] = /^(.+ \/.+)\/$/.exec(routeKey) ?? [];
  return Object.hasOwn(ACCESS, route) ? (ACCESS[route] ?? []) : [];
}
