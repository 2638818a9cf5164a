/** Calls every route of the running application as each kind of caller, and checks who has access. */
import { generateToken } from '../../collect-lambdas/shared/token.ts';
import type { Role } from '../../db-proxy-lambda/contract.ts';
import { dbProxyOf } from '../../local/stack.ts';
import { storeToken, type NewToken } from '../../local/tokens.ts';
import { household } from '../support/responses.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

/** The function checks the token in the path, which tests/odk/ tests, and ignores the header. */
const TOKEN_IN_PATH = 'path';

/** The roles with access: c is collector, v viewer, m manager, d device, - everyone. Written by hand, independent of the code. */
const MATRIX: Record<string, string> = {
  'GET /': '-',
  'GET /health': '-',
  'GET /openapi.json': '-',
  'GET /docs': '-',
  'GET /docs/{file}': '-',
  'GET /console': '-',
  'GET /fill': '-',
  'GET /fill/{form_id}': '-',
  'GET /assets/{file}': '-',
  'GET /calculation': '-',
  'GET /calculation/plot': '-',
  'GET /hello/{username}': '-',
  'PUT /hello/{username}': '-',
  'GET /metrics': '-',
  'GET /metrics/chart': '-',
  'POST /collect': 'c m',
  'POST /collect/batch': 'c m',
  'POST /forms/{form_id}/responses': 'c m',
  'POST /forms/{form_id}/responses/batch': 'c m',
  'GET /responses': 'c v m',
  'GET /responses/{response_id}': 'c v m',
  'GET /responses/{response_id}/revisions': 'c v m',
  'GET /responses/{response_id}/submissions': 'm',
  'DELETE /responses/{response_id}': 'm',
  'POST /responses/{response_id}/reviews': 'c m',
  'GET /responses/{response_id}/reviews': 'c v m',
  'POST /responses/{response_id}/assign': 'm',
  'GET /worklist': 'c v m',
  'GET /responses/{response_id}/attachments': 'c v m',
  'POST /responses/{response_id}/attachments': 'c m',
  'GET /forms': 'c v m',
  'GET /forms/{form_id}': 'c v m',
  'GET /forms/{form_id}/versions': 'c v m',
  'GET /forms/{form_id}/versions/{version}': 'c v m',
  'PUT /forms/{form_id}': 'm',
  'DELETE /forms/{form_id}': 'm',
  'POST /forms/{form_id}/dry-run': 'm',
  'PUT /forms/{form_id}/xform': 'm',
  'GET /forms/{form_id}/xform': 'v m',
  'GET /forms/{form_id}/xform/media': 'v m',
  'PUT /forms/{form_id}/xform/media/{file}': 'm',
  'DELETE /forms/{form_id}/xform/media/{file}': 'm',
  'POST /forms/{form_id}/rejudge': 'm',
  'GET /forms/{form_id}/rejudge/{rejudge_id}': 'v m',
  'GET /forms/{form_id}/quality': 'v m',
  'POST /google-sheet': 'm',
  'GET /exports': 'v m',
  'GET /exports/{export_id}': 'v m',
  'GET /tables': 'v m',
  'GET /sheets': 'v m',
  'PUT /forms/{form_id}/sheet': 'm',
  'GET /forms/{form_id}/sheet': 'v m',
  'DELETE /forms/{form_id}/sheet': 'm',
  'POST /api/v1/tasks/upload': 'm',
  ...Object.fromEntries(
    ['tasks', 'companies', 'people', 'task_status'].flatMap((collection) => [
      [`GET /api/v1/${collection}`, 'v m'],
      [`POST /api/v1/${collection}`, 'm'],
      [`GET /api/v1/${collection}/{id}`, 'v m'],
      [`PATCH /api/v1/${collection}/{id}`, 'm'],
      [`DELETE /api/v1/${collection}/{id}`, 'm'],
    ]),
  ),
  ...Object.fromEntries(
    [
      'GET /odk/{token}/formList',
      'HEAD /odk/{token}/formList',
      'GET /odk/{token}/forms/{form_id}/{file}',
      'GET /odk/{token}/forms/{form_id}/{version}/manifest',
      'GET /odk/{token}/forms/{form_id}/{version}/media/{file}',
      'HEAD /odk/{token}/submission',
      'GET /odk/{token}/submission',
      'POST /odk/{token}/submission',
      'GET /odk/{token}/worklist',
      'GET /odk/{token}/responses/{response_id}/submission',
      'GET /odk/{token}/responses/{response_id}/files/{file}',
    ].map((route) => [route, TOKEN_IN_PATH]),
  ),
  'POST /tokens': 'm',
  'GET /tokens': 'm',
  'DELETE /tokens/{token_id}': 'm',
  'GET /audit': 'm',
  'GET /me': 'c v m',
  'POST /webhooks': 'm',
  'GET /webhooks': 'm',
  'GET /webhooks/{webhook_id}': 'm',
  'PATCH /webhooks/{webhook_id}': 'm',
  'DELETE /webhooks/{webhook_id}': 'm',
  'POST /webhooks/{webhook_id}/test': 'm',
  'GET /webhooks/{webhook_id}/deliveries': 'm',
  'POST /webhooks/{webhook_id}/redeliver': 'm',
};

const LETTERS: Record<Role, string> = { collector: 'c', viewer: 'v', manager: 'm', device: 'd' };
const ROLES: Role[] = ['collector', 'viewer', 'manager', 'device'];
const OWN = 'collector-1';
const OTHER = 'collector-2';

let stack: TestStack;
let tokens: Record<Role, string>;
let refused: Record<string, string | undefined>;

beforeAll(async () => {
  stack = await startTestStack();
  const [viewer, device] = [await make({ role: 'viewer' }), await make({ role: 'device', user_id: OWN })];
  tokens = { ...stack.tokens, viewer, device };
  refused = {
    'no token': undefined,
    'an unknown token': `Bearer ${generateToken()}`,
    'a password': 'Basic Y29sbGVjdDpjb2xsZWN0',
    'a token that has expired': `Bearer ${await storeWith({ role: 'manager', days: -1 })}`,
    'a token that was revoked': `Bearer ${await makeRevoked()}`,
  };
});
afterAll(() => stack.stop());

/** Creates a token through the API, as a manager. */
async function make(body: object): Promise<string> {
  const { token } = await ok<{ token: string }>('POST', '/tokens', stack.tokens.manager, body);
  return token;
}

/** Creates a token as the command line does, without the API's limits. */
async function storeWith(changes: Pick<NewToken, 'role' | 'days'>): Promise<string> {
  const { model } = stack.host;
  const name = model.functions.find(({ id }) => id === 'DbProxy/DbProxyFunction')?.name ?? '';
  const secret = generateToken();
  await storeToken(dbProxyOf(stack.host, name), secret, { label: 'test', ...changes });
  return secret;
}

async function makeRevoked(): Promise<string> {
  const made = await ok<{ token: string; token_id: string }>('POST', '/tokens', stack.tokens.manager, {
    role: 'manager',
  });
  await revoke(made.token_id);
  return made.token;
}

async function revoke(tokenId: string): Promise<void> {
  const reply = await send('DELETE', `/tokens/${tokenId}`, `Bearer ${stack.tokens.manager}`);
  expect(reply.status).toBe(204);
}

function send(method: string, route: string, authorization?: string, body?: unknown): Promise<Response> {
  return fetch(`${stack.url}${route}`, {
    method,
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function ok<Body>(method: string, route: string, token: string, body?: unknown): Promise<Body> {
  const reply = await send(method, route, `Bearer ${token}`, body);
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${route}: ${reply.status} ${text}`);
  const read: Body = JSON.parse(text);
  return read;
}

/** Calls a route of the template, with path variables that match no object. */
function call(route: string, authorization?: string): Promise<Response> {
  const [method = '', template = ''] = route.split(' ');
  return send(method, template.replaceAll(/\{\w+\}/g, 'nothing'), authorization);
}

/** The outcome of authorization. Other errors of a request are reported only to authorized callers. */
async function outcomeOf(reply: Response): Promise<string> {
  if (reply.status !== 401 && reply.status !== 403) return reply.status < 500 ? 'authorized' : String(reply.status);
  expect(reply.headers.get('content-type')).toBe('application/problem+json');
  const { type }: { type: string } = JSON.parse(await reply.text());
  return type;
}

const declared = (): string[] => stack.host.model.routes.map(({ method, path }) => `${method} ${path}`);
const withoutTrailingSlash = (route: string): string => route.replace(/(\/.+)\/$/, '$1');

describe('the matrix of roles and routes', () => {
  test('has a row for every route', () => {
    expect(new Set(declared().map(withoutTrailingSlash))).toEqual(new Set(Object.keys(MATRIX)));
  });

  test.each(Object.keys(MATRIX).filter((route) => !['-', TOKEN_IN_PATH].includes(MATRIX[route] ?? '')))(
    '%s replies 401 without a valid token, and names the authentication scheme',
    async (route) => {
      for (const spelling of declared().filter((each) => withoutTrailingSlash(each) === route)) {
        for (const [what, authorization] of Object.entries(refused)) {
          const reply = await call(spelling, authorization);

          expect([what, reply.status]).toEqual([what, 401]);
          expect(reply.headers.get('content-type')).toBe('application/problem+json');
          expect(reply.headers.get('www-authenticate')).toBe('Bearer');
          expect(await reply.json()).toMatchObject({ type: 'urn:collect:problem:unauthorized', status: 401 });
        }
      }
    },
  );

  test.each(Object.entries(MATRIX).filter(([, allowed]) => allowed !== TOKEN_IN_PATH))(
    '%s authorizes the roles "%s" (see MATRIX), and replies 403 to other roles',
    async (route, allowed) => {
      for (const spelling of declared().filter((each) => withoutTrailingSlash(each) === route)) {
        for (const role of ROLES) {
          const isAuthorized = allowed === '-' || allowed.includes(LETTERS[role]);

          const outcome = outcomeOf(await call(spelling, `Bearer ${tokens[role]}`));

          expect([role, await outcome]).toEqual([role, isAuthorized ? 'authorized' : 'urn:collect:problem:forbidden']);
        }
      }
    },
  );

  test.each(Object.keys(MATRIX).filter((route) => MATRIX[route] === '-'))(
    '%s authorizes every caller, whatever token is sent',
    async (route) => {
      for (const authorization of Object.values(refused)) {
        expect([200, 404, 415, 422]).toContain((await call(route, authorization)).status);
      }
    },
  );
});

describe('a token', () => {
  test('is named in the audit of its actions', async () => {
    const { token, token_id: id } = await ok<{ token: string; token_id: string }>(
      'POST',
      '/tokens',
      stack.tokens.manager,
      { role: 'manager', label: 'Amina' },
    );
    await ok('PUT', '/forms/audited', token, {
      title: 'Audited',
      questions: [{ key: 'depth', column: 'depth', type: 'decimal' }],
    });

    const { items } = await ok<{ items: object[] }>('GET', `/audit?token_id=${id}`, stack.tokens.manager);

    expect(items).toMatchObject([
      {
        label: 'Amina',
        action: 'form_changed',
        subject_id: 'audited',
        source_ip: expect.stringMatching(/127\.0\.0\.1|::1/),
      },
    ]);
  });

  test('that was revoked is refused when its cache entry expires', async () => {
    const made = await ok<{ token: string; token_id: string }>('POST', '/tokens', stack.tokens.manager, {
      role: 'viewer',
    });
    const status = async () => (await call('GET /tables', `Bearer ${made.token}`)).status;
    expect(await status()).toBe(200);

    await revoke(made.token_id);
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 301_000);
    const afterwards = await status();
    clock.mockRestore();

    expect(afterwards).toBe(401);
  });

  test.each(['Bearer', 'Bearer ', "Bearer ' or 1=1 --", 'Bearer a b', 'Bearer %', `Bearer ${'a'.repeat(4_000)}`])(
    'that is malformed is refused: %j',
    async (authorization) => {
      expect((await call('GET /tables', authorization)).status).toBe(401);
    },
  );

  test('is accepted only in the Authorization header; no header sets the caller’s role', async () => {
    const asManager = { role: 'manager', 'x-amzn-authorizer': '{"role":"manager"}', lambda: '{"role":"manager"}' };
    const reply = await fetch(`${stack.url}/tables?authorization=Bearer%20${stack.tokens.manager}&role=manager`, {
      headers: { ...asManager, cookie: `authorization=Bearer ${stack.tokens.manager}` },
    });

    expect(reply.status).toBe(401);
  });
});

describe("a collector's token", () => {
  const NOT_YOURS = { type: 'urn:collect:problem:not-yours', status: 403 };
  const post = (route: string, body: unknown) => send('POST', route, `Bearer ${tokens.collector}`, body);
  const get = (route: string) => send('GET', route, `Bearer ${tokens.collector}`);

  /** Stores a response as a manager, who may do so for any user. */
  async function stored(userId: string, changes: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const response = household({ user_id: userId, ...changes });
    await ok('POST', '/collect', tokens.manager, response);
    return response;
  }
  const asStored = (id: unknown) =>
    ok<{ items: unknown[] }>('GET', `/responses/${String(id)}/revisions`, tokens.manager);

  test.each(['/collect', '/forms/household_finances/responses'])(
    "may send its own responses to %s, but not another collector's",
    async (route) => {
      const own = household({ user_id: OWN });
      const other = household({ user_id: OTHER });

      expect((await post(route, own)).status).toBe(201);
      const refusal = await post(route, other);
      expect(refusal.status).toBe(403);
      expect(await refusal.json()).toMatchObject({ ...NOT_YOURS, errors: [{ pointer: '/user_id' }] });
      expect((await get(`/responses/${String(other['response_id'])}`)).status).toBe(404);
    },
  );

  test.each(['/collect/batch', '/forms/household_finances/responses/batch'])(
    "may send a batch to %s; only another collector's responses are rejected",
    async (route) => {
      const theirs = await stored(OTHER);
      const batch = [
        household({ user_id: OWN }),
        household({ user_id: OTHER }),
        { ...theirs, user_id: OWN, last_modified_time: '2026-10-01T00:00:00Z', name: 'Somebody' },
      ];

      const reply = await post(route, batch);

      expect(reply.status).toBe(200);
      expect(await reply.json()).toMatchObject({
        results: [
          { status: 'accepted', revision: 1 },
          { index: 1, status: 'rejected', problem: NOT_YOURS },
          { index: 2, status: 'rejected', problem: NOT_YOURS },
        ],
      });
      expect(await asStored(theirs['response_id'])).toMatchObject({ items: [{ revision: 1, response: theirs }] });
    },
  );

  test("cannot overwrite another collector's response by sending it with its own user_id", async () => {
    const theirs = await stored(OTHER);

    for (const time of ['2020-01-01T00:00:00Z', theirs['last_modified_time'], '2026-10-01T00:00:00Z']) {
      const refusal = await post('/collect', { ...theirs, user_id: OWN, last_modified_time: time });
      expect(refusal.status).toBe(403);
      const text = await refusal.text();
      expect(JSON.parse(text)).toMatchObject(NOT_YOURS);
      expect(text).not.toContain('current');
    }
    expect(await asStored(theirs['response_id'])).toMatchObject({ items: [{ revision: 1, response: theirs }] });
  });

  test("may read its own responses, but neither another collector's responses nor their history", async () => {
    const own = await stored(OWN);
    const theirs = await stored(OTHER);

    for (const suffix of ['', '/revisions']) {
      expect((await get(`/responses/${String(own['response_id'])}${suffix}`)).status).toBe(200);
      const refusal = await get(`/responses/${String(theirs['response_id'])}${suffix}`);
      expect(refusal.status).toBe(403);
      const text = await refusal.text();
      expect(JSON.parse(text)).toMatchObject(NOT_YOURS);
      expect(text).not.toContain(OTHER);
    }
  });

  test('cannot read a response that was handed over to another collector', async () => {
    const handedOver = await stored(OWN);
    await stored(OTHER, { ...handedOver, user_id: OTHER, last_modified_time: '2026-10-01T00:00:00Z' });

    expect((await get(`/responses/${String(handedOver['response_id'])}`)).status).toBe(403);
    expect((await get(`/responses/${String(handedOver['response_id'])}/revisions`)).status).toBe(403);
  });

  test("lists only its own responses, and may not list another collector's", async () => {
    await stored(OWN);
    await stored(OTHER);
    const usersOf = async (query: string) => {
      const { items } = await ok<{ items: { user_id: string }[] }>('GET', `/responses${query}`, tokens.collector);
      return new Set(items.map(({ user_id: userId }) => userId));
    };

    for (const query of ['', `?user_id=${OWN}`, '?updated_since=2020-01-01T00:00:00Z', '?form_id=household_finances']) {
      expect(await usersOf(query)).toEqual(new Set([OWN]));
    }
    const refusal = await get(`/responses?user_id=${OTHER}`);
    expect(refusal.status).toBe(403);
    expect(await refusal.json()).toMatchObject(NOT_YOURS);
    // API Gateway joins parameters of the same name with a comma, which gives an unknown id.
    expect((await get(`/responses?user_id=${OWN}&user_id=${OTHER}`)).status).toBe(403);
  });

  test("cannot page into another collector's responses with a manager's cursor", async () => {
    await stored(OWN);
    await stored(OTHER);
    const { next_cursor: cursor } = await ok<{ next_cursor: string }>('GET', '/responses?limit=1', tokens.manager);

    const { items } = await ok<{ items: { user_id: string }[] }>(
      'GET',
      `/responses?cursor=${cursor}`,
      tokens.collector,
    );

    expect(new Set(items.map(({ user_id: userId }) => userId))).toEqual(new Set([OWN]));
  });
});

test.each(Object.keys(MATRIX).filter((route) => MATRIX[route] === TOKEN_IN_PATH))(
  '%s refuses a wrong token in the path with 403, whatever token is in the header',
  async (route) => {
    for (const authorization of [undefined, `Bearer ${tokens.manager}`, `Bearer ${tokens.device}`]) {
      expect((await call(route, authorization)).status).toBe(403);
    }
  },
);
