import { httpEvent, readReply } from '../../tests/support/http-event.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { DbProxyError } from './db-proxy-client.ts';
import { handleRequests, jsonResponse, pathParameter, readText } from './http.ts';
import { Problem } from './problem.ts';

const event = httpEvent('GET /forms');

async function replyTo(fail: () => Promise<never>) {
  const logger = new RecordingLogger();
  const reply = readReply(await handleRequests(fail, logger)(event));
  return { ...reply, logged: logger.text };
}

describe('a request', () => {
  test('gets the reply of the handler', async () => {
    const handle = handleRequests(() => Promise.resolve(jsonResponse(200, { a: 1 })), new RecordingLogger());

    expect(await handle(event)).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    });
  });

  test('gets a thrown problem as problem+json, with its headers, and logs nothing', async () => {
    const problem = new Problem('too-large', { detail: 'Send less.', headers: { 'retry-after': '5' } });

    const reply = await replyTo(() => Promise.reject(problem));

    expect(reply).toMatchObject({
      status: 413,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '5' },
      body: { detail: 'Send less.' },
      logged: '',
    });
  });

  test('gets 503 while the proxy is unreachable, and logs the code', async () => {
    const reply = await replyTo(() => Promise.reject(new DbProxyError('PROXY_UNREACHABLE')));

    expect(reply).toMatchObject({
      status: 503,
      headers: { 'retry-after': '10' },
      body: { request_id: 'request-1' },
    });
    expect(JSON.parse(reply.logged)).toMatchObject({ code: 'PROXY_UNREACHABLE', route: 'GET /forms' });
  });

  test.each([
    ['an error', new Error('select * from secrets')],
    ['an error that is not transient', new DbProxyError('INVALID_REQUEST')],
    ['a text', 'select * from secrets'],
    ['nothing', undefined],
    ['an object', { message: 'select * from secrets' }],
  ])('gets 500 with the request id and without the cause if the handler throws %s', async (_what, thrown) => {
    // A library may throw anything.
    const reply = await replyTo(() => Promise.reject(thrown));

    expect(reply.status).toBe(500);
    expect(reply.body).toEqual({
      type: 'urn:collect:problem:internal',
      title: expect.any(String) as string,
      status: 500,
      request_id: 'request-1',
    });
    expect(JSON.stringify(reply)).not.toContain('secrets');
    expect(JSON.parse(reply.logged)).toMatchObject({ level: 'ERROR', request_id: 'request-1' });
  });
});

describe('a body', () => {
  const read = (request: Parameters<typeof httpEvent>[1], limit = 100) =>
    readText(httpEvent('POST /forms', request), ['application/json', 'text/csv'], limit);

  test.each([
    ['application/json', 'application/json'],
    ['text/csv', 'text/csv'],
    ['TEXT/CSV; header=present; charset=UTF-8', 'text/csv'],
    ['application/json;charset=utf8', 'application/json'],
    [' application/json ', 'application/json'],
  ])('of the content type %j is read as %s', (contentType, type) => {
    expect(read({ body: 'a,b', contentType })).toEqual({ type, text: 'a,b' });
  });

  test.each(['', 'text/plain', 'text', 'application/json; charset=utf-16', 'application/json, text/csv'])(
    'of the content type %j is refused',
    (contentType) => {
      expect(() => read({ body: 'a', contentType })).toThrow('unsupported-media-type');
    },
  );

  test('is measured in bytes, and not in characters or in base64', () => {
    const body = 'é'.repeat(50);

    expect(read({ body, base64: true }).text).toBe(body);
    expect(read({ body }).text).toBe(body);
    expect(() => read({ body: `${body}a` })).toThrow('too-large');
    expect(() => read({ body: `${body}a`, base64: true })).toThrow('too-large');
  });

  test('of bytes that are not UTF-8 is refused', () => {
    const latin1 = { ...httpEvent('POST /forms', { body: '' }), isBase64Encoded: true, body: '6Q==' };

    expect(() => readText(latin1, ['application/json'], 100)).toThrow('not-json');
    // API Gateway has replaced the malformed bytes of a body that is not base64.
    expect(() => read({ body: '{"name":"Ren\uFFFD"}' })).toThrow('not-json');
    expect(read({ body: String.raw`{"name":"Ren\ufffd"}` }).text).toBe(String.raw`{"name":"Ren\ufffd"}`);
  });
});

test('pathParameter returns the value, or an empty text if there is none', () => {
  expect(pathParameter(httpEvent('GET /a/{id}', { path: { id: 'x' } }), 'id')).toBe('x');
  expect(pathParameter(httpEvent('GET /a/{id}'), 'id')).toBe('');
});
