import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { portOf } from '../../../tests/support/port-of.ts';
import { TestReceiver } from '../../../tests/support/receiver.ts';
import { createSender, type Sender, type SenderOptions, type SendOutcome } from './sender.ts';

const tlsFile = (name: string) => readFileSync(`tests/support/tls/${name}.pem`, 'utf8');
const authorities = tlsFile('certificate-authority');
const LIMIT_MS = 300;

let receivers: TestReceiver[] = [];
let senders: Sender[] = [];
afterEach(async () => {
  for (const sender of senders.splice(0)) sender.close();
  for (const receiver of receivers.splice(0)) await receiver.stop();
});

async function receive(certificate?: string): Promise<TestReceiver> {
  const tls = certificate === undefined ? undefined : { key: tlsFile('server-key'), cert: tlsFile(certificate) };
  const receiver = await TestReceiver.start(tls);
  receivers.push(receiver);
  return receiver;
}

function senderWith(options: Partial<SenderOptions> = {}): Sender {
  const sender = createSender({ allowsLoopback: true, ...options });
  senders.push(sender);
  return sender;
}

const send = (url: string, options?: Partial<SenderOptions>): Promise<SendOutcome> =>
  senderWith(options).send({ url, body: '{"n":1}', headers: { 'content-type': 'application/json' } });

test('the body and the headers arrive', async () => {
  const receiver = await receive();

  expect(await send(receiver.url())).toEqual({ ok: true, status: 204 });
  expect(receiver.received).toMatchObject([{ text: '{"n":1}', headers: { 'content-type': 'application/json' } }]);
});

test('a receiver whose certificate is valid for its name gets the message', async () => {
  const receiver = await receive('localhost');

  expect(await send(receiver.url('localhost'), { authorities })).toMatchObject({ ok: true });
});

test('a receiver with the certificate of another name is refused, and gets nothing', async () => {
  const receiver = await receive('other.example');

  expect(await send(receiver.url('localhost'), { authorities })).toEqual({
    ok: false,
    reason: 'The certificate of the receiver is for another name.',
  });
  expect(receiver.received).toEqual([]);
});

test('a receiver with a certificate of an unknown authority is refused, and gets nothing', async () => {
  const receiver = await receive('localhost');

  expect(await send(receiver.url('localhost'))).toEqual({
    ok: false,
    reason: 'The certificate of the receiver comes from an unknown authority.',
  });
  expect(receiver.received).toEqual([]);
});

test('the certificate of an address must name the address', async () => {
  const receiver = await receive('localhost');

  expect(await send(receiver.url(), { authorities })).toMatchObject({
    reason: 'The certificate of the receiver is for another name.',
  });
});

test.each([['169.254.169.254'], ['127.0.0.1'], ['::ffff:10.0.0.1'], ['fd00:ec2::254'], ['93.184.215.14', '10.0.0.1']])(
  'a name that leads to %s %s is refused',
  async (...addresses) => {
    const outcome = await send('https://example.org/', { allowsLoopback: false, resolve: async () => addresses });

    const refused = addresses.at(-1) ?? '';
    expect(outcome).toEqual({ ok: false, reason: `example.org leads to ${refused}, which is not a public address.` });
  },
);

test('an address without a name is checked too', async () => {
  expect(await send('https://[::ffff:7f00:1]/', { allowsLoopback: false })).toMatchObject({
    reason: expect.stringContaining('not a public address'),
  });
});

test('the address is resolved once for each message, and the connection goes to the checked address', async () => {
  const receiver = await receive();
  const resolved: string[] = [];
  // This machine’s resolver does not know the name: only the checked address leads to the receiver.
  const answers = [['127.0.0.1'], ['127.0.0.1'], ['10.0.0.1']];
  const sender = senderWith({
    resolve: async (host) => {
      resolved.push(host);
      return answers[resolved.length - 1] ?? [];
    },
  });
  const message = { url: receiver.url('rebinding.example'), body: '{}', headers: {} };

  const outcomes = [await sender.send(message), await sender.send(message), await sender.send(message)];

  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false]);
  expect(resolved).toHaveLength(3);
  expect(receiver.received).toHaveLength(2);
  expect(receiver.received[0]?.headers.host).toMatch(/^rebinding\.example:/);
});

test('messages that are sent at the same time share a lookup, and later ones do not', async () => {
  const receiver = await receive();
  let lookups = 0;
  const sender = senderWith({
    resolve: async () => {
      lookups += 1;
      return ['127.0.0.1'];
    },
  });
  const message = { url: receiver.url('name.example'), body: '{}', headers: {} };
  const send = () => sender.send(message);

  await Promise.all([send(), send(), send()]);
  expect(lookups).toBe(1);
  await send();
  expect(lookups).toBe(2);
  expect(receiver.received).toHaveLength(4);
});

test('a redirect is not followed', async () => {
  const target = await receive();
  const receiver = await receive();
  receiver.answer = (reply) => reply.writeHead(307, { location: target.url() }).end();

  expect(await send(receiver.url())).toEqual({
    ok: false,
    status: 307,
    reason: 'The receiver replied 307: redirects are not followed, so change the URL to the final address.',
  });
  expect(target.received).toEqual([]);
});

test('a receiver that does not reply in time is given up', async () => {
  const receiver = await receive();
  receiver.answer = () => undefined;

  expect(await send(receiver.url(), { limitMs: LIMIT_MS })).toEqual({
    ok: false,
    reason: 'The receiver did not reply within 0.3 seconds.',
  });
});

test('a receiver that wants to switch to another protocol is a failure', async () => {
  const switching = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(switching));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const outcome = await send(`http://127.0.0.1:${portOf(server)}/`);
  server.close();

  expect(outcome).toEqual({ ok: false, status: 101, reason: 'The receiver replied 101.' });
});

test('a name that is resolved too slowly is given up', async () => {
  const outcome = await send('https://example.org/', {
    limitMs: LIMIT_MS,
    resolve: () => new Promise(() => undefined),
  });

  expect(outcome).toMatchObject({ reason: 'The receiver did not reply within 0.3 seconds.' });
});

test('only the beginning of a huge reply is read', async () => {
  const receiver = await receive();
  let written = 0;
  receiver.answer = (reply) => {
    reply.writeHead(200);
    const more = (): void => {
      while (!reply.destroyed && written < 1e9) {
        written += 65_536;
        if (!reply.write(Buffer.alloc(65_536))) return void reply.once('drain', more);
      }
    };
    more();
  };

  expect(await send(receiver.url())).toEqual({ ok: true, status: 200 });
  while (receiver.open > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(written).toBeLessThan(20_000_000);
});

test.each([
  [410, { gone: true, reason: 'The receiver replied 410: it wants no more events.' }],
  [500, { reason: 'The receiver replied 500.' }],
])('a reply of %i is a failure', async (status, about) => {
  const receiver = await receive();
  receiver.answer = (reply) => reply.writeHead(status).end('secret');

  expect(await send(receiver.url())).toEqual({ ok: false, status, ...about });
});

test('a connection that the receiver closed while it was idle is replaced', async () => {
  const server = createServer((socket) => {
    let requests = 0;
    socket.on('error', () => undefined);
    socket.on('data', () => {
      requests += 1;
      // The second request of a connection finds it closed.
      if (requests > 1) socket.resetAndDestroy();
      else socket.write('HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sender = senderWith();
  const message = { url: `http://127.0.0.1:${portOf(server)}/`, body: '{}', headers: {} };

  const outcomes = [await sender.send(message), await sender.send(message)];
  server.close();

  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true]);
});

test('a refused connection is a failure', async () => {
  const receiver = await TestReceiver.start();
  const url = receiver.url();
  await receiver.stop();

  expect(await send(url)).toEqual({ ok: false, reason: 'The receiver refused the connection.' });
});
