import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { portOf } from '../../tests/support/port-of.ts';
import { sendRequest } from './send-request.ts';

describe('a request', () => {
  let server: Server;
  let connections: number;
  let received: { method: string | undefined; body: string }[];
  let reply: (response: ServerResponse) => void;
  beforeEach(async () => {
    connections = 0;
    received = [];
    server = createServer(
      (request, response) =>
        void text(request).then((body) => {
          received.push({ method: request.method, body });
          return reply(response);
        }),
    ).listen(0, '127.0.0.1');
    server.on('connection', () => (connections += 1));
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const send = (body?: string | Uint8Array, signal = AbortSignal.timeout(5_000)) =>
    sendRequest(`http://127.0.0.1:${portOf(server)}/key`, {
      method: 'PUT',
      headers: { 'content-type': 'text/plain' },
      ...(body !== undefined && { body }),
      signal,
    });

  test('gets the status, the headers and the bytes of the reply; the next one uses its connection', async () => {
    reply = (response) => void response.writeHead(412, { etag: 'a' }).end(Uint8Array.of(0xff, 0));

    expect(await send('hä')).toMatchObject({ status: 412, headers: { etag: 'a' }, bytes: Buffer.of(0xff, 0) });
    expect(await send(Buffer.from('x'))).toMatchObject({ status: 412 });
    expect(await send()).toMatchObject({ status: 412 });

    expect(received.map(({ body }) => body)).toEqual(['hä', 'x', '']);
    expect(connections).toBe(1);
  });

  test('fails if the reply ends too early', async () => {
    reply = (response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('abc', () => response.destroy());
    };

    await expect(send('a')).rejects.toThrow('aborted');
  });

  test('fails when its signal aborts, before the reply or within it', async () => {
    const aborting = new AbortController();
    reply = () => aborting.abort();
    await expect(send('a', aborting.signal)).rejects.toThrow('aborted');

    const within = new AbortController();
    reply = (response) => void response.writeHead(200).write('abc', () => within.abort());
    await expect(send('a', within.signal)).rejects.toThrow('aborted');
    await expect(send('b', within.signal)).rejects.toThrow('aborted');
    expect(received.map(({ body }) => body)).toEqual(['a', 'a']);
  });
});
