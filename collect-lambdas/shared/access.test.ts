import { ANYBODY, authorize, COLLECTING, EVERY_ROLE, MANAGING, READING, type CallerContext } from './access.ts';
import { Problem } from './problem.ts';

const manager: CallerContext = { role: 'manager' };
const viewer: CallerContext = { role: 'viewer' };
const collector: CallerContext = { role: 'collector', user_id: 'collector-1' };
const device: CallerContext = { role: 'device', user_id: 'collector-1' };

/** The status of the reply: 200 if the caller is authorized. */
function statusFor(roles: Parameters<typeof authorize>[0], context: unknown): number {
  try {
    authorize(roles, context);
    return 200;
  } catch (error) {
    if (error instanceof Problem) return error.body.status;
    throw error;
  }
}

test.each([
  ['COLLECTING', COLLECTING, [200, 403, 200]],
  ['READING', READING, [403, 200, 200]],
  ['EVERY_ROLE', EVERY_ROLE, [200, 200, 200]],
  ['MANAGING', MANAGING, [403, 403, 200]],
  ['no role', [], [403, 403, 403]],
])('a route for %s gives a collector, a viewer and a manager 200 or 403', (_name, roles, expected) => {
  expect([collector, viewer, manager].map((context) => statusFor(roles, context))).toEqual(expected);
});

test.each([
  ['an invalid token', { refused: 'This token is unknown.' }],
  ['no context of an authorizer', undefined],
  ['an unknown role', { role: 'admin' }],
  ['a collector without a user_id', { role: 'collector' }],
])('%s gets 401, except on a public route', (_what, context) => {
  expect(statusFor(EVERY_ROLE, context)).toBe(401);
  expect(statusFor(ANYBODY, context)).toBe(200);
});

test('a token that cannot be looked up gets 503 with Retry-After, except on a public route', () => {
  expect(statusFor(ANYBODY, { unavailable: 'true' })).toBe(200);
  expect(statusFor(COLLECTING, { unavailable: 'true' })).toBe(503);
  expect(() => authorize(COLLECTING, { unavailable: 'true' })).toThrow(
    expect.objectContaining({ headers: { 'retry-after': '60' } }),
  );
});

test('the caller has its token’s id if the authorizer returns it', () => {
  const token_id = '0190d2f0-5d7a-7c3e-9a53-2f1d4b6c8e01';
  expect(authorize(MANAGING, { role: 'manager', token_id })).toEqual({ role: 'manager', tokenId: token_id });
});

test('only a collector is restricted to its own responses', () => {
  expect(authorize(COLLECTING, collector)).toEqual({ role: 'collector', onlyOf: 'collector-1' });
  expect(authorize(COLLECTING, manager)).toEqual({ role: 'manager' });
});

test.each([COLLECTING, READING, EVERY_ROLE, MANAGING])(
  'a device may not call a route for %j, and is told why',
  (...roles) => {
    expect(() => authorize(roles, device)).toThrow(
      expect.objectContaining({
        body: expect.objectContaining({
          status: 403,
          detail: expect.stringContaining('server address') as string,
        }) as object,
      }),
    );
  },
);
