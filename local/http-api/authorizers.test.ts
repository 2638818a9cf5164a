import { join } from 'node:path';
import { startHost, type Host } from '../host.ts';
import { fixtureFolder, functionResource, type FixtureFolder } from '../../tests/support/fixture.ts';

const OUR_PAGE = 'https://survey.example.org';
const OTHER_PAGE = 'https://elsewhere.example.org';
const TTL_SECONDS = 300;

const route = (Path: string, Auth?: object): object => ({
  Type: 'HttpApi',
  Properties: { Method: 'POST', Path, ...(Auth !== undefined && { Auth }) },
});

const TEMPLATE = JSON.stringify({
  Parameters: { Origins: { Type: 'CommaDelimitedList', Default: 'https://closed.invalid' } },
  Globals: {
    HttpApi: {
      Auth: {
        DefaultAuthorizer: 'Tokens',
        Authorizers: {
          Tokens: {
            FunctionArn: { 'Fn::GetAtt': ['Authorizer', 'Arn'] },
            EnableSimpleResponses: true,
            Identity: { Headers: ['Authorization'], ReauthorizeEvery: TTL_SECONDS },
          },
        },
      },
      CorsConfiguration: {
        AllowOrigins: { Ref: 'Origins' },
        AllowMethods: ['GET', 'POST'],
        AllowHeaders: ['authorization', 'content-type'],
        ExposeHeaders: ['etag'],
        MaxAge: 600,
      },
    },
  },
  Resources: {
    Authorizer: functionResource('authorizer/index.ts'),
    Echo: functionResource('echo/index.ts', {
      Events: { Held: route('/held'), Open: route('/open', { Authorizer: 'NONE' }) },
    }),
  },
});

/** Decides by the token's text, and returns in its context how often it was called. */
const AUTHORIZER = `
  let asked = 0;
  export const handler = async (event: { type: string; identitySource: string[]; body?: string }) => {
    asked += 1;
    const [token = ''] = event.identitySource;
    const context = { asked: String(asked), type: event.type, token, sawBody: String(event.body !== undefined) };
    if (token === 'fails' || (token.startsWith('fails until') && asked < 2)) throw new Error('secret reason');
    if (token === 'makes no sense') return { verdict: 'good' };
    return { isAuthorized: token !== 'denied', context };
  };`;

let folder: FixtureFolder;
let host: Host | undefined;

beforeAll(() => {
  folder = fixtureFolder({
    'template.yaml': TEMPLATE,
    'authorizer/index.ts': AUTHORIZER,
    'echo/index.ts': 'export const handler = async (event: unknown) => event;',
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await host?.stop();
});
afterAll(() => folder.remove());

async function start(parameters: Record<string, string> = {}): Promise<string> {
  // With one environment the authorizer can count its calls.
  const home = join(folder.path, 'home');
  host = await startHost({
    templateFile: join(folder.path, 'template.yaml'),
    home,
    port: 0,
    parameters,
    maxConcurrency: 1,
  });
  return host.url;
}

function post(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', headers, body: 'a body' });
}

/** The authorizer's context that the function received. */
async function contextOf(reply: Response): Promise<unknown> {
  const { requestContext }: { requestContext: { authorizer?: { lambda: unknown } } } = JSON.parse(await reply.text());
  return requestContext.authorizer?.lambda;
}

describe('a route with an authorizer', () => {
  test('refuses a request without the header, says what to send, and does not call the authorizer', async () => {
    const url = await start();
    for (const headers of [{}, { authorization: '' }]) {
      const reply = await post(`${url}/held`, headers);

      expect(reply.status).toBe(401);
      expect(reply.headers.get('www-authenticate')).toBe('Bearer');
      expect(reply.headers.get('content-type')).toBe('application/problem+json');
      expect(await reply.json()).toMatchObject({ type: 'urn:collect:problem:unauthorized', status: 401 });
    }
    expect(await contextOf(await post(`${url}/held`, { authorization: 'good' }))).toMatchObject({ asked: '1' });
  });

  test("passes on the authorizer's context; the authorizer gets no body", async () => {
    const reply = await post(`${await start()}/held`, { authorization: 'good' });

    expect(reply.status).toBe(200);
    expect(await contextOf(reply)).toEqual({ asked: '1', type: 'REQUEST', token: 'good', sawBody: 'false' });
  });

  test.each([
    ['denied', 403, 'Forbidden'],
    ['fails', 500, 'Internal Server Error'],
    ['makes no sense', 500, 'Internal Server Error'],
  ])('replies to a request whose token is "%s" with %d, without the reason', async (authorization, status, message) => {
    const reply = await post(`${await start()}/held`, { authorization });

    expect(reply.status).toBe(status);
    expect(await reply.json()).toEqual({ message });
  });

  test('calls the authorizer once per token until the TTL ends', async () => {
    const url = await start();
    const ask = async (authorization: string) => contextOf(await post(`${url}/held`, { authorization }));
    const now = Date.now();

    expect([await ask('one'), await ask('one'), await ask('two')]).toMatchObject([
      { asked: '1' },
      { asked: '1' },
      { asked: '2' },
    ]);
    jest.spyOn(Date, 'now').mockReturnValue(now + (TTL_SECONDS + 60) * 1000);
    expect(await ask('one')).toMatchObject({ asked: '3' });
  });

  test('caches refusals too', async () => {
    const url = await start();
    await post(`${url}/held`, { authorization: 'denied' });

    expect((await post(`${url}/held`, { authorization: 'denied' })).status).toBe(403);
    expect(await contextOf(await post(`${url}/held`, { authorization: 'good' }))).toMatchObject({ asked: '2' });
  });

  test('does not cache a failure of the authorizer', async () => {
    const url = await start();
    const headers = { authorization: 'fails until asked twice' };

    expect((await post(`${url}/held`, headers)).status).toBe(500);
    expect((await post(`${url}/held`, headers)).status).toBe(200);
  });
});

test('a route with the authorizer NONE allows every caller, and its function gets no authorizer context', async () => {
  const reply = await post(`${await start()}/open`, { authorization: 'denied' });

  expect(reply.status).toBe(200);
  expect(await contextOf(reply)).toBeUndefined();
});

describe('a page of another origin', () => {
  const PREFLIGHT = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };

  function corsOf({ headers }: Response): Record<string, string> {
    return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));
  }

  test.each([OUR_PAGE, 'null', 'https://closed.invalid.example.org'])(
    'may not read replies unless it is allowed: %s',
    async (origin) => {
      const url = await start();

      expect(corsOf(await post(`${url}/open`, { origin }))).toEqual({});
      const preflight = await fetch(`${url}/open`, { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } });
      expect([preflight.status, corsOf(preflight)]).toEqual([204, {}]);
    },
  );

  test('may read all replies, also refusals, if it is allowed; no other page may', async () => {
    const url = await start({ Origins: `https://a.example.org,${OUR_PAGE}` });
    const readable = { 'access-control-allow-origin': OUR_PAGE, 'access-control-expose-headers': 'etag' };

    expect(corsOf(await post(`${url}/open`, { origin: OUR_PAGE }))).toEqual(readable);
    const refused = await post(`${url}/held`, { origin: OUR_PAGE });
    expect([refused.status, corsOf(refused)]).toEqual([401, readable]);
    expect(corsOf(await post(`${url}/open`, { origin: OTHER_PAGE }))).toEqual({});
    expect(corsOf(await post(`${url}/open`))).toEqual({});
  });

  test("gets a preflight's reply without a token, on any path", async () => {
    const url = await start({ Origins: OUR_PAGE });
    const ask = (path: string, origin: string) =>
      fetch(`${url}${path}`, { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } });

    for (const path of ['/held', '/nowhere']) {
      const reply = await ask(path, OUR_PAGE);
      expect(reply.status).toBe(204);
      expect(corsOf(reply)).toEqual({
        'access-control-allow-origin': OUR_PAGE,
        'access-control-allow-methods': 'GET,POST',
        'access-control-allow-headers': 'authorization,content-type',
        'access-control-expose-headers': 'etag',
        'access-control-max-age': '600',
      });
    }
    expect(corsOf(await ask('/held', OTHER_PAGE))).toEqual({});
  });

  test('gets an ordinary reply to OPTIONS if it asks for no method', async () => {
    const url = await start({ Origins: OUR_PAGE });

    expect((await fetch(`${url}/held`, { method: 'OPTIONS', headers: { origin: OUR_PAGE } })).status).toBe(404);
  });
});
