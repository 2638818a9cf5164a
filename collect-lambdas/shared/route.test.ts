import * as z from 'zod';
import { httpEvent, readReply, type HttpRequest } from '../../tests/support/http-event.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { ANYBODY, MANAGING } from './access.ts';
import { jsonResponse } from './http.ts';
import { createRouter, route } from './route.ts';

const greeting = z.strictObject({ name: z.string('Send text.') });

const handle = createRouter({
  'GET /greet': route({
    roles: ANYBODY,
    query: { times: z.string().regex(/^[1-9]$/, 'Send 1 to 9.') },
    handle: (_: object, { query: { times } }) => jsonResponse(200, { times }),
    docs: false,
  }),
  'POST /greet': route({
    roles: MANAGING,
    body: greeting,
    bodyLimit: 20,
    handle: (_: object, { readBody, caller }) => jsonResponse(201, { ...readBody(), ...caller }),
    docs: false,
  }),
  'GET /greetings/': route({ roles: ANYBODY, handle: () => jsonResponse(200, {}), docs: false }),
})({ logger: new RecordingLogger() });

const ask = async (key: string, request: HttpRequest = {}) => readReply(await handle(httpEvent(key, request)));

test('a handler gets the parsed query, the parsed body and the caller', async () => {
  expect(await ask('GET /greet', { query: { times: '3' } })).toMatchObject({ status: 200, body: { times: '3' } });
  expect(await ask('POST /greet', { body: { name: 'Ama' } })).toMatchObject({
    status: 201,
    body: { name: 'Ama', role: 'manager' },
  });
});

test.each([
  ['an unknown parameter', 'GET /greet', { query: { times: '3', tone: 'low' } }, 422],
  ['an unusable parameter', 'GET /greet', { query: { times: '0' } }, 422],
  ['an unusable body', 'POST /greet', { body: { name: 1 } }, 422],
  ['a body that is too large', 'POST /greet', { body: { name: 'x'.repeat(20) } }, 413],
  ['a caller without the role', 'POST /greet', { body: { name: 'Ama' }, caller: { role: 'viewer' as const } }, 403],
  ['a caller without a token', 'POST /greet', { body: { name: 'Ama' }, caller: null }, 401],
])('%s is refused', async (_what, key, request, status) => {
  expect(await ask(key, request)).toMatchObject({ status });
});

test('a route declared with a trailing slash also works without it, and no other route accepts a trailing slash', async () => {
  expect(await ask('GET /greetings/')).toMatchObject({ status: 200 });
  expect(await ask('GET /greetings')).toMatchObject({ status: 200 });
  expect(await ask('GET /greet/')).toMatchObject({ status: 404 });
});

test.each(['PUT /greet', 'GET /other', '$default', 'constructor', '__proto__'])(
  'a route that is not declared, such as %s, is 404',
  async (key) => {
    expect(await ask(key)).toMatchObject({ status: 404, body: { type: 'urn:collect:problem:not-found' } });
  },
);
