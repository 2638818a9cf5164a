import { request } from 'node:http';
import { join } from 'node:path';
import { startHost } from '../host.ts';
import type { Host } from '../host.ts';
import { eventually, fixtureFolder, functionResource } from '../../tests/support/fixture.ts';
import type { FixtureFolder } from '../../tests/support/fixture.ts';

const route = (Method: string, Path: string): object => ({ Type: 'HttpApi', Properties: { Method, Path } });

const TEMPLATE = JSON.stringify({
  Resources: {
    Echo: functionResource('echo/index.ts', {
      Timeout: 20,
      Events: {
        Post: route('POST', '/echo'),
        Get: route('GET', '/echo'),
        Item: route('GET', '/items/{item_id}'),
      },
    }),
    Reply: functionResource('reply/index.ts', { Events: { Post: route('POST', '/reply') } }),
  },
});

let folder: FixtureFolder;
let host: Host;
const printed: [functionName: string, text: string][] = [];

beforeAll(async () => {
  folder = fixtureFolder({
    'template.yaml': TEMPLATE,
    'echo/index.ts': 'export const handler = async (event: unknown) => event;',
    'reply/index.ts': `
      export const handler = async (event: { body: string }) => {
        const { fails, reply } = JSON.parse(event.body);
        if (fails) throw new Error('secret reason');
        return reply;
      };`,
  });
  host = await startHost({
    templateFile: join(folder.path, 'template.yaml'),
    home: join(folder.path, 'home'),
    port: 0,
    log: (functionName, text) => printed.push([functionName, text]),
  });
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

/** Sends a raw request, because fetch joins, adds and forbids headers. */
function send(options: {
  method: string;
  path: string;
  headers?: string[];
  body?: string | Buffer;
}): Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: string }> {
  const { method, path, headers = [], body = '' } = options;
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(host.url);
    const outgoing = request({ hostname, port, method, path, headers: ['host', 'api.example.org', ...headers] });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.end(body);
  });
}

async function eventOf(options: Parameters<typeof send>[0]): Promise<unknown> {
  const { status, body } = await send(options);
  expect(status).toBe(200);
  return JSON.parse(body);
}

describe('the event', () => {
  test('has the shape of payload format 2.0', async () => {
    const event = await eventOf({
      method: 'POST',
      path: '/echo?a=1&b=x%20y&a=2',
      headers: [
        'Content-Type: application/json',
        'User-Agent: a phone',
        'X-Twice: one',
        'x-twice: two',
        'Cookie: a=1; b=2',
        'Content-Length: 7',
      ].flatMap((line) => line.split(': ')),
      body: '{"a":1}',
    });

    expect(event).toEqual({
      version: '2.0',
      routeKey: 'POST /echo',
      rawPath: '/echo',
      rawQueryString: 'a=1&b=x%20y&a=2',
      cookies: ['a=1', 'b=2'],
      headers: {
        host: 'api.example.org',
        'content-type': 'application/json',
        'content-length': '7',
        'user-agent': 'a phone',
        'x-twice': 'one,two',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': new URL(host.url).port,
        'x-forwarded-proto': 'http',
        connection: expect.any(String),
      },
      queryStringParameters: { a: '1,2', b: 'x y' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: 'api.example.org',
        domainPrefix: 'local',
        http: { method: 'POST', path: '/echo', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'a phone' },
        requestId: expect.any(String),
        routeKey: 'POST /echo',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
  });

  test('leaves out what the request lacks', async () => {
    const event = await eventOf({ method: 'GET', path: '/echo' });
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
    for (const absent of ['body', 'cookies', 'queryStringParameters', 'pathParameters']) {
      expect(event).not.toHaveProperty(absent);
    }
  });

  test('has the decoded path variables', async () => {
    expect(await eventOf({ method: 'GET', path: '/items/caf%C3%A9%20au%20lait' })).toMatchObject({
      routeKey: 'GET /items/{item_id}',
      pathParameters: { item_id: 'café au lait' },
      rawPath: '/items/café au lait',
    });
  });

  test.each([
    ['application/json; charset=utf-8', false],
    ['text/csv', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['application/octet-stream', true],
    ['application/x-www-form-urlencoded', true],
    [undefined, true],
  ])('carries a body of type %s in base64: %s', async (type, isBase64Encoded) => {
    const headers = type === undefined ? [] : ['content-type', type];
    const body = Buffer.from('ä=1');
    expect(await eventOf({ method: 'POST', path: '/echo', headers, body })).toMatchObject({
      isBase64Encoded,
      body: body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    });
  });

  test('replaces invalid UTF-8 in a text body', async () => {
    const headers = ['content-type', 'application/json'];
    const body = Buffer.from('"René"', 'latin1');
    expect(await eventOf({ method: 'POST', path: '/echo', headers, body })).toMatchObject({ body: '"Ren\uFFFD"' });
  });
});

async function replyTo(reply: unknown): ReturnType<typeof send> {
  const headers = ['content-type', 'application/json'];
  return send({ method: 'POST', path: '/reply', headers, body: JSON.stringify({ reply }) });
}

describe('the response', () => {
  test("has the function's status, headers, cookies and body", async () => {
    const { status, headers, body } = await replyTo({
      statusCode: 201,
      headers: { Location: '/items/1', 'X-Count': 3, 'Content-Length': '999' },
      cookies: ['a=1', 'b=2; Secure'],
      body: 'mâde',
    });
    expect({ status, body }).toEqual({ status: 201, body: 'mâde' });
    expect(headers).toMatchObject({
      location: '/items/1',
      'x-count': '3',
      'content-length': '5',
      'content-type': 'text/plain; charset=utf-8',
      'set-cookie': ['a=1', 'b=2; Secure'],
    });
  });

  test('decodes a body in base64', async () => {
    const body = Buffer.from('bytes').toString('base64');
    expect(await replyTo({ statusCode: 200, body, isBase64Encoded: true })).toMatchObject({ body: 'bytes' });
  });

  test.each([
    [{ accepted: true }, '{"accepted":true}'],
    [[1, 2], '[1,2]'],
    ['plain text', 'plain text'],
    [null, 'null'],
  ])('is a 200 with the result as JSON if the result (%j) has no status code', async (reply, body) => {
    const response = await replyTo(reply);
    expect(response).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' }, body });
  });

  test('is empty if the result has no body', async () => {
    expect(await replyTo({ statusCode: 204 })).toMatchObject({ status: 204, body: '' });
  });

  test.each([{ statusCode: 'many' }, { statusCode: 42 }, { statusCode: 200, body: { not: 'text' } }])(
    'is a 500 if the result (%j) is invalid',
    async (reply) => {
      expect(await replyTo(reply)).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
    },
  );

  test('is a 500 without the reason if the function fails', async () => {
    const response = await send({
      method: 'POST',
      path: '/reply',
      body: '{"fails":true}',
      headers: ['content-type', 'application/json'],
    });
    expect(response).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
    const [name] = await eventually(() => printed.find(([, text]) => text.includes('secret reason')));
    expect(name).toBe('collect-Reply');
  });
});

describe('API Gateway itself', () => {
  test.each([
    ['GET', '/nowhere'],
    ['PUT', '/echo'],
    ['HEAD', '/echo'],
  ])('replies 404 to %s %s', async (method, path) => {
    expect(await send({ method, path })).toMatchObject({
      status: 404,
      body: method === 'HEAD' ? '' : '{"message":"Not Found"}',
    });
  });

  test.each([10_500_000, 7_000_000])('replies 413 to a body of %d bytes', async (size) => {
    const headers = ['content-type', 'text/plain', 'content-length', String(size)];
    expect(await send({ method: 'POST', path: '/echo', headers, body: Buffer.alloc(size, 'x') })).toMatchObject({
      status: 413,
      body: '{"message":"Request Entity Too Large"}',
    });
  });
});
