import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { portOf } from '../support/port-of.ts';
import { Relay } from './relay.ts';

let server: Server;
let relay: Relay;
let asked: number;

beforeEach(async () => {
  asked = 0;
  server = createServer((_, response) => {
    asked += 1;
    response.end('a reply');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  relay = await Relay.start(portOf(server));
});
afterEach(async () => {
  await relay.stop();
  server.close();
});

const ask = async (): Promise<string> => (await fetch(relay.url)).text();

test('a relay passes on requests and replies', async () => {
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(['a reply', 'a reply', 'a reply']);
});

test('after a cut the caller has no reply, although the request was executed', async () => {
  relay.cutReplies(1);

  await expect(ask()).rejects.toThrow('fetch failed');

  expect({ asked, cuts: relay.cuts }).toEqual({ asked: 1, cuts: 1 });
  expect(await ask()).toBe('a reply');
});

test('a relay that refuses connections later accepts them on the same port', async () => {
  await ask();
  await relay.refuse();

  await expect(ask()).rejects.toThrow('fetch failed');
  await relay.heal();

  expect(await ask()).toBe('a reply');
  expect(asked).toBe(2);
});

test('a relay closes the connection if its target is unavailable', async () => {
  server.close();
  server.closeAllConnections();

  await expect(ask()).rejects.toThrow('fetch failed');
});
