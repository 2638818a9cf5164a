import { serve, type RunningServer } from '../../emulators/http-server.ts';
import { withConditions } from './conditional-writes.ts';

/** A server that stores the last body of each path, and takes its time. */
let server: RunningServer;
let objects: Map<string, string>;
beforeEach(async () => {
  objects = new Map();
  server = await serve(
    0,
    withConditions((request, response) => {
      const { url = '', method } = request;
      const stored = objects.get(url);
      if (method === 'HEAD') {
        response.writeHead(stored === undefined ? 404 : 200, { etag: `"${stored ?? ''}"` }).end();
        return;
      }
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () =>
        setImmediate(() => {
          objects.set(url, body);
          response.writeHead(200).end();
        }),
      );
    }),
  );
});
afterEach(() => server.close());

const put = async (body: string, headers: Record<string, string> = {}, path = '/bucket/key') =>
  (await fetch(`http://127.0.0.1:${server.port}${path}`, { method: 'PUT', body, headers })).status;

test('an object is written once with If-None-Match, however many try at the same time', async () => {
  const absent = { 'if-none-match': '*' };
  const statuses = await Promise.all(['a', 'b', 'c', 'd'].map((body) => put(body, absent)));

  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 412)).toHaveLength(3);
  expect(await put('e', absent)).toBe(412);
  expect(objects.get('/bucket/key')).not.toBe('e');
  expect(await put('e', absent, '/bucket/other')).toBe(200);
});

test('an object is replaced with If-Match only if it has the ETag', async () => {
  await put('a');

  expect(await put('b', { 'if-match': '"x"' })).toBe(412);
  expect(await put('b', { 'if-match': '"a"' })).toBe(200);
  expect(await put('c', { 'if-match': '"a"' })).toBe(412);
  expect(await put('c', { 'if-match': '"a"' }, '/bucket/none')).toBe(404);
  expect(objects.get('/bucket/key')).toBe('b');
});

test('a write without conditions replaces the object', async () => {
  await put('a');

  expect(await put('b')).toBe(200);
  expect(objects.get('/bucket/key')).toBe('b');
});
