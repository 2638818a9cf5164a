import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Services } from './services.ts';

const folder = mkdtempSync(join(tmpdir(), 'collect-conditions-'));
const services = new Services();
beforeAll(async () => {
  await services.start(folder);
  await put('', {}, '/bucket');
});
afterAll(async () => {
  await services.stop();
  rmSync(folder, { recursive: true });
});

let objects = 0;
/** The path of an object that no other test uses. */
let path: string;
beforeEach(() => {
  objects += 1;
  path = `/bucket/${objects}`;
});

const ABSENT = { 'if-none-match': '*' };

async function put(body: string, headers: Record<string, string> = {}, to = path): Promise<number> {
  return (await fetch(services.url + to, { method: 'PUT', body, headers })).status;
}
const stored = async () => await (await fetch(services.url + path)).text();
const etagOf = async () => ({ 'if-match': String((await fetch(services.url + path)).headers.get('etag')) });

/** A conditional write that the server has begun to read, and whose body is still to come. */
async function begin(): Promise<ClientRequest> {
  const begun = request(services.url + path, { method: 'PUT', headers: { ...ABSENT, expect: '100-continue' } });
  begun.flushHeaders();
  await once(begun, 'continue');
  return begun;
}

test('several simultaneous writes with If-None-Match write an object once', async () => {
  const statuses = await Promise.all(['a', 'b', 'c', 'd'].map((body) => put(body, ABSENT)));

  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412]);
  expect(await put('e', ABSENT)).toBe(412);
  expect(await stored()).not.toBe('e');
});

test('an object is replaced with If-Match only if it has the ETag', async () => {
  expect(await put('a', { 'if-match': '"x"' })).toBe(404);
  await put('a');
  const first = await etagOf();

  expect(await put('b', { 'if-match': '"x"' })).toBe(412);
  expect(await put('b', first)).toBe(200);
  expect(await put('c', first)).toBe(412);
  expect(await stored()).toBe('b');
});

test('a write without conditions replaces the object', async () => {
  await put('a', ABSENT);

  expect(await put('b')).toBe(200);
  expect(await stored()).toBe('b');
});

test('a condition is checked when the body has arrived, so that a slow write does not replace a later one', async () => {
  const slow = await begin();

  expect(await put('b', ABSENT)).toBe(200);
  const replied: Promise<IncomingMessage[]> = once(slow, 'response');
  slow.end('a');

  const [reply] = await replied;
  expect(reply?.statusCode).toBe(412);
  expect(await stored()).toBe('b');
});

test('a write whose client disconnects in the middle of the body stores nothing, and does not hold up another write', async () => {
  const left = await begin();
  left.once('error', () => undefined).write('a');
  left.destroy();

  expect(await put('b', ABSENT)).toBe(200);
  expect(await stored()).toBe('b');
});
