import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDbProxyClient, DbProxyError } from './db-proxy-client.ts';

/** A fake of Lambda's Invoke API. Each request gets the next of `replies`; the last reply is repeated. */
describe('the client of the db-proxy', () => {
  let server: Server;
  let requests: { path: string | undefined; body: string }[];
  let replies: ((response: ServerResponse) => void)[];
  beforeEach(async () => {
    requests = [];
    replies = [];
    server = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push({ path: request.url, body: Buffer.concat(chunks).toString() });
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    reply?.(response);
  }

  const reply =
    (body: unknown, headers: Record<string, string> = {}) =>
    (response: ServerResponse) =>
      void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

  const refuse = (status: number, type: string) => (response: ServerResponse) =>
    void response.writeHead(status, { 'x-amzn-errortype': type }).end(JSON.stringify({ message: 'No.' }));

  const drop = (response: ServerResponse) => void response.destroy();

  const found = { ok: true, result: { response: null } };
  const ask = () => createDbProxyClient('db-proxy').call('getResponse', { response_id: 'שלום 🏠' });

  test('sends an operation with its input to the function and returns its result', async () => {
    replies = [reply(found)];

    const result = await ask();

    expect(result).toEqual({ response: null });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.path).toContain('/functions/db-proxy/invocations');
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      operation: 'getResponse',
      input: { response_id: 'שלום 🏠' },
    });
  });

  test.each([
    ['DATABASE_BUSY', true],
    ['DATABASE_UNAVAILABLE', true],
    ['DATABASE_FULL', true],
    ['INVALID_REQUEST', false],
    ['INTERNAL', false],
  ])('throws the code %s of an error reply (retryable: %s) and does not repeat the call', async (code, retryable) => {
    replies = [reply({ ok: false, error: { code, message: 'No.' } })];

    await expect(ask()).rejects.toMatchObject({ code, retryable });
    expect(requests).toHaveLength(1);
  });

  test('throws PROXY_UNREACHABLE if the function died or timed out', async () => {
    replies = [reply({ errorMessage: 'Task timed out' }, { 'x-amz-function-error': 'Unhandled' })];

    await expect(ask()).rejects.toMatchObject({ code: 'PROXY_UNREACHABLE', retryable: true });
  });

  test('throws PROXY_UNREACHABLE if the reply is not JSON', async () => {
    replies = [(response) => void response.writeHead(200).end('<html>')];

    await expect(ask()).rejects.toBeInstanceOf(DbProxyError);
  });

  test.each([
    ['a function that does not exist', refuse(404, 'ResourceNotFoundException')],
    ['a request that is too large', refuse(413, 'RequestTooLargeException')],
    ['missing permission', refuse(403, 'AccessDeniedException')],
  ])('throws PROXY_UNREACHABLE immediately after %s', async (_what, failure) => {
    replies = [failure];

    await expect(ask()).rejects.toMatchObject({ code: 'PROXY_UNREACHABLE' });
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['throttling', refuse(429, 'TooManyRequestsException')],
    ['a broken connection', drop],
    ['a failure of the service', refuse(500, 'ServiceException')],
  ])('retries after %s', async (_what, failure) => {
    replies = [failure, reply(found)];

    expect(await ask()).toEqual({ response: null });
    expect(requests).toHaveLength(2);
  });

  test('gives up at the time limit without a reply, even if tries are left', async () => {
    replies = [() => undefined];
    const call = createDbProxyClient('db-proxy', 200).call('ping', {});

    await expect(call).rejects.toMatchObject({ code: 'PROXY_UNREACHABLE', retryable: true });
    expect(requests).toHaveLength(1);
  });

  test('gives up when the caller’s signal aborts', async () => {
    replies = [reply(found)];
    const call = createDbProxyClient('db-proxy').call('ping', {}, AbortSignal.abort());

    await expect(call).rejects.toMatchObject({ code: 'PROXY_UNREACHABLE', retryable: true });
    expect(requests).toEqual([]);
  });

  test('gives up after three tries', async () => {
    replies = [refuse(429, 'TooManyRequestsException')];

    await expect(ask()).rejects.toMatchObject({ code: 'PROXY_UNREACHABLE', retryable: true });
    expect(requests).toHaveLength(3);
  });
});
