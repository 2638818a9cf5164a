import { httpEventFile } from '../../tests/support/event-file.ts';
import { httpEvent, readReply, type HttpRequest } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { createRecordingLogger } from '../../tests/support/recording-logger.ts';
import { createHandler } from './routes.ts';

const NOW = '2026-09-01T06:00:00Z';

describe('hello:', () => {
  let proxy: InProcessProxy;
  let log: ReturnType<typeof createRecordingLogger>;
  let clock: string;

  beforeEach(async () => {
    proxy = await InProcessProxy.start('sqlite');
    log = createRecordingLogger();
    clock = NOW;
  });
  afterEach(() => proxy.stop());

  const handle = async (event: Parameters<ReturnType<typeof createHandler>>[0]) => {
    const handler = createHandler({
      dbProxy: proxy,
      logger: log.logger,
      timeZone: 'UTC',
      now: () => Date.parse(clock),
    });
    return readReply(await handler(event));
  };
  const send = (method: 'GET' | 'PUT', username: string, request: HttpRequest = {}, timeZone?: string) => {
    const event = httpEvent(`${method} /hello/{username}`, { ...request, path: { username } });
    if (timeZone !== undefined) event.headers['x-time-zone'] = timeZone;
    return handle(event);
  };
  const put = (username: string, dateOfBirth: unknown, timeZone?: string) =>
    send('PUT', username, { body: { dateOfBirth } }, timeZone);
  const messageFor = async (username: string, timeZone?: string) => (await send('GET', username, {}, timeZone)).body;

  test('the greeting has the days until a stored birthday', async () => {
    const reply = await handle(httpEventFile('hello', 'put-hello'));

    expect(reply).toEqual({ status: 204, headers: {}, body: null });
    await expect(handle(httpEventFile('hello', 'get-hello'))).resolves.toEqual({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { message: 'Hello, Zoé! Your birthday is in 10 day(s)' },
    });
  });

  test('the greeting on the birthday is "Happy birthday!"', async () => {
    await put('Ada', '1815-09-01');

    await expect(messageFor('Ada')).resolves.toEqual({ message: 'Hello, Ada! Happy birthday!' });
  });

  test('the greeting has the same wording for one day as for several', async () => {
    await put('Ada', '1815-09-02');

    await expect(messageFor('Ada')).resolves.toEqual({ message: 'Hello, Ada! Your birthday is in 1 day(s)' });
  });

  test('a birthday on 29 February is on 28 February in common years', async () => {
    clock = '2027-02-28T12:00:00Z';
    await put('Ada', '2024-02-29');
    await expect(messageFor('Ada')).resolves.toEqual({ message: 'Hello, Ada! Happy birthday!' });

    clock = '2028-02-28T12:00:00Z';
    await expect(messageFor('Ada')).resolves.toEqual({ message: 'Hello, Ada! Your birthday is in 1 day(s)' });
  });

  test('the current day is the day in X-Time-Zone, or else in the time zone of the stack', async () => {
    await put('Ada', '1990-09-02');
    clock = '2026-09-01T12:00:00Z';

    await expect(messageFor('Ada')).resolves.toEqual({ message: 'Hello, Ada! Your birthday is in 1 day(s)' });
    await expect(messageFor('Ada', 'Pacific/Kiritimati')).resolves.toEqual({ message: 'Hello, Ada! Happy birthday!' });
  });

  test('a later PUT replaces the birthday', async () => {
    await put('Ada', '1990-09-02');
    await put('Ada', '1990-09-03');

    await expect(messageFor('Ada')).resolves.toEqual({ message: 'Hello, Ada! Your birthday is in 2 day(s)' });
  });

  test('composed and decomposed letters are the same name', async () => {
    await put('Zoe\u0301', '1990-09-02');

    await expect(messageFor('Zo\u00e9')).resolves.toEqual({
      message: 'Hello, Zo\u00e9! Your birthday is in 1 day(s)',
    });
  });

  test.each(['Ada', 'ß', 'Νίκος', 'Оля', 'प्रिया', '香織', 'محمد', '𐐷'.repeat(64)])('%s is a name', async (name) => {
    await expect(put(name, '1990-09-02')).resolves.toMatchObject({ status: 204 });

    await expect(messageFor(name)).resolves.toEqual({ message: `Hello, ${name}! Your birthday is in 1 day(s)` });
  });

  describe.each(['PUT', 'GET'] as const)('%s refuses', (method) => {
    test.each(['R2D2', 'Ada Lovelace', 'O’Neill', 'a-b', 'a_b', '😀', '\u0301a', 'a\u200db', '<b>', '½'])(
      '%j, which has characters other than letters',
      async (name) => {
        const reply = await send(method, name, { body: { dateOfBirth: '1990-09-02' } });

        expect(reply).toMatchObject({
          status: 422,
          body: {
            type: 'urn:collect:problem:invalid-parameter',
            errors: [{ pointer: '/username', detail: 'Use letters only.' }],
          },
        });
      },
    );

    test.each(['', '𐐷'.repeat(65)])('a name that is empty or too long: %j', async (name) => {
      const reply = await send(method, name, { body: { dateOfBirth: '1990-09-02' } });

      expect(reply).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/username', detail: 'Use 1 to 64 letters.' }] },
      });
    });

    test.each(['Mars/Olympus_Mons', '+02:00', ''])('the time zone %j', async (timeZone) => {
      const reply = await send(method, 'Ada', { body: { dateOfBirth: '1990-09-02' } }, timeZone);

      expect(reply).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/X-Time-Zone', detail: expect.stringContaining('Europe/Paris') }] },
      });
    });

    test('an invalid name and an invalid time zone, both listed', async () => {
      const reply = await send(method, 'R2D2', { body: { dateOfBirth: '1990-09-02' } }, 'Mars');

      expect(reply.body).toMatchObject({ errors: [{ pointer: '/username' }, { pointer: '/X-Time-Zone' }] });
    });
  });

  test.each([
    ['get-hello-invalid', '/username'],
    ['get-hello-invalid-time-zone', '/X-Time-Zone'],
    ['put-hello-invalid', '/dateOfBirth'],
  ])('the event %s is refused at %s', async (name, pointer) => {
    await expect(handle(httpEventFile('hello', name))).resolves.toMatchObject({
      status: 422,
      headers: { 'content-type': 'application/problem+json' },
      body: { errors: [{ pointer }] },
    });
  });

  test.each([
    '2023-02-29',
    '1900-02-29',
    '2000-13-01',
    '2000-00-10',
    '2000-04-31',
    '0000-01-01',
    '00-1-1',
    '2000-1-1',
    '20000-01-01',
    ' 2000-01-01',
    '2000-01-01T00:00:00Z',
    '01/02/2000',
    '',
    20000101,
    1e21,
    null,
    true,
    ['2000-01-01'],
    undefined,
  ])('%j is not a date of birth', async (dateOfBirth) => {
    await expect(put('Ada', dateOfBirth)).resolves.toMatchObject({
      status: 422,
      body: {
        type: 'urn:collect:problem:invalid-body',
        errors: [{ pointer: '/dateOfBirth', detail: 'Send a real date as YYYY-MM-DD, such as 1990-05-17.' }],
      },
    });
    expect(proxy.calls).toEqual([]);
  });

  test('a date of birth must be before the current day of the caller', async () => {
    clock = '2026-09-01T12:00:00Z';

    await expect(put('Ada', '2026-09-01')).resolves.toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/dateOfBirth', detail: 'Send a day before today, 2026-09-01.' }] },
    });
    await expect(put('Ada', '2026-09-02')).resolves.toMatchObject({ status: 422 });
    await expect(put('Ada', '2026-08-31', 'Pacific/Pago_Pago')).resolves.toMatchObject({ status: 204 });
    await expect(put('Ada', '2026-09-01', 'Pacific/Kiritimati')).resolves.toMatchObject({ status: 204 });
  });

  test('an unknown member of the body is named', async () => {
    const reply = await send('PUT', 'Ada', { body: { dateOfBirth: '1990-09-02', 'a/b': 1 } });

    expect(reply).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/a~1b', detail: 'Leave it out; allowed here: dateOfBirth.' }] },
    });
  });

  test.each(['[]', '"1990-09-02"', 'null', '1'])('the body %s is not an object', async (body) => {
    await expect(send('PUT', 'Ada', { body })).resolves.toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '', detail: 'Send an object.' }] },
    });
  });

  test('a body that is not JSON is 400', async () => {
    await expect(handle(httpEventFile('hello', 'put-hello-not-json'))).resolves.toMatchObject({
      status: 400,
      body: { type: 'urn:collect:problem:not-json' },
    });
    await expect(send('PUT', 'Ada', { body: '' })).resolves.toMatchObject({ status: 400 });
  });

  test('another content type is 415', async () => {
    await expect(
      send('PUT', 'Ada', { body: '{"dateOfBirth":"1990-09-02"}', contentType: 'text/plain' }),
    ).resolves.toMatchObject({ status: 415 });
    await expect(send('PUT', 'Ada')).resolves.toMatchObject({ status: 415 });
  });

  test('a body of more than 1,000 bytes is 413', async () => {
    await expect(send('PUT', 'Ada', { body: { dateOfBirth: 'x'.repeat(1_000) } })).resolves.toMatchObject({
      status: 413,
    });
  });

  test('a body in base64 is read', async () => {
    await expect(send('PUT', 'Ada', { body: { dateOfBirth: '1990-09-02' }, base64: true })).resolves.toMatchObject({
      status: 204,
    });
  });

  test('an unknown name is 404', async () => {
    await put('Ada', '1990-09-02');

    await expect(send('GET', 'ada')).resolves.toMatchObject({
      status: 404,
      body: { type: 'urn:collect:problem:not-found' },
    });
  });

  test('while the database is unavailable, both routes are 503', async () => {
    proxy.failWith = 'DATABASE_UNAVAILABLE';

    await expect(put('Ada', '1990-09-02')).resolves.toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    await expect(send('GET', 'Ada')).resolves.toMatchObject({ status: 503 });
  });

  test('an internal error is 500 with the request id, and the log does not contain the name', async () => {
    proxy.failWith = 'INTERNAL';

    const reply = await put('Ada', '1990-09-02');

    expect(reply).toMatchObject({ status: 500, body: { request_id: 'request-1' } });
    expect(log.lines.join()).toContain('request failed');
    expect(log.lines.join()).not.toContain('Ada');
  });
});
