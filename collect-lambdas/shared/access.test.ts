import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROLES } from '../../db-proxy-lambda/contract.ts';
import { readTemplate } from '../../local/template/read-template.ts';
import { ACCESS, authorize, rolesOf, type CallerContext } from './access.ts';
import { Problem } from './problem.ts';

const { routes } = readTemplate('template.yaml', {
  stackName: 'collect',
  parameters: { DatabaseUrl: 'sqlite:none' },
  endpoints: { httpApi: 'http://127.0.0.1', services: 'http://127.0.0.1' },
});

function contextOf(role: string): CallerContext {
  if (role === 'collector') return { role, user_id: 'collector-1' };
  if (role === 'manager' || role === 'viewer') return { role };
  return { refused: 'This token is not known.' };
}

/** What the matrix makes of a caller: 200 for whoever may go on. */
function statusFor(routeKey: string, context: unknown): number {
  try {
    authorize(routeKey, context);
    return 200;
  } catch (error) {
    if (error instanceof Problem) return error.body.status;
    throw error;
  }
}

describe('the matrix of roles and routes', () => {
  test('names every route of the template and no other', () => {
    const declared = routes.map(({ method, path: route }) => `${method} ${route}`.replace(/(\/.+)\/$/, '$1'));
    expect(Object.keys(ACCESS).toSorted()).toEqual([...new Set(declared)].toSorted());
  });

  test.each(routes)(
    'agrees with the template on whether anybody may $method $path',
    ({ method, path: route, authorizer }) => {
      expect(rolesOf(`${method} ${route}`) === 'anybody').toBe(authorizer === undefined);
    },
  );

  const rows = Object.entries(ACCESS).map(([route, allowed]) => ({ route, allowed }));

  describe.each(rows)('$route', ({ route, allowed }) => {
    test.each([...ROLES])('lets a %s in, or answers 403, as the matrix says', (role) => {
      expect(statusFor(route, contextOf(role))).toBe(allowed === 'anybody' || allowed.includes(role) ? 200 : 403);
    });

    test.each([
      ['a token that is not good', contextOf('nobody')],
      ['no word of the authorizer', undefined],
      ['a role that there is not', { role: 'admin' }],
      ['a collector without a user_id', { role: 'collector' }],
    ])('answers 401 to %s, unless anybody may', (_what, context) => {
      expect(statusFor(route, context)).toBe(allowed === 'anybody' ? 200 : 401);
    });
  });

  test('answers 503 with when to try again while nobody knows whose token it is, unless anybody may', () => {
    expect(statusFor('GET /health', { unavailable: 'true' })).toBe(200);
    expect(statusFor('POST /collect', { unavailable: 'true' })).toBe(503);
    expect(() => authorize('POST /collect', { unavailable: 'true' })).toThrow(
      expect.objectContaining({ headers: { 'retry-after': '60' } }),
    );
  });

  test('leaves a route that it does not name to nobody', () => {
    expect(statusFor('POST /constructor', contextOf('manager'))).toBe(403);
    expect(statusFor('constructor', contextOf('manager'))).toBe(403);
  });

  test('tells which token was shown, where the authorizer says it', () => {
    const token_id = '0190d2f0-5d7a-7c3e-9a53-2f1d4b6c8e01';
    expect(authorize('GET /tokens', { role: 'manager', token_id })).toEqual({ role: 'manager', tokenId: token_id });
  });

  test('binds a collector to its own responses, and nobody else', () => {
    expect(authorize('POST /collect', contextOf('collector'))).toEqual({ role: 'collector', onlyOf: 'collector-1' });
    expect(authorize('POST /collect', contextOf('manager'))).toEqual({ role: 'manager' });
  });
});

test('every event that API Gateway would send to a protected route says who calls', () => {
  const files = globSync('events/**/*.json').filter((file) => !file.includes(`${path.sep}authorizer${path.sep}`));
  const events = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, never>);
  const silent = events.filter(
    (event: { routeKey?: string; requestContext?: { authorizer?: unknown } }) =>
      event.routeKey !== undefined &&
      rolesOf(event.routeKey) !== 'anybody' &&
      event.requestContext?.authorizer === undefined,
  );
  expect(events.length).toBeGreaterThan(60);
  expect(silent).toEqual([]);
});
