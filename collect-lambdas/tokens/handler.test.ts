import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEvent, readAnswer, type HttpRequest } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { fingerprintOf } from '../shared/token.ts';
import { createHandler } from './handler.ts';

const NOW = Date.parse('2028-02-29T12:00:00.000Z');

describe.each(databaseKinds)('tokens over HTTP on %s', (kind) => {
  let proxy: InProcessProxy;
  let ask: (routeKey: string, request?: HttpRequest) => Promise<ReturnType<typeof readAnswer>>;

  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    const newId = () => crypto.randomUUID();
    const handler = createHandler({ dbProxy: proxy, logger: proxy.logger, newId, now: () => NOW });
    ask = async (routeKey, request) => readAnswer(await handler(httpEvent(routeKey, request)));
  });
  afterEach(() => proxy.stop());

  test('a new token is shown once, and what is stored does not tell it', async () => {
    const body = { role: 'collector', user_id: 'collector-1', label: "O'Neil's phone", expires_in_days: 1 };
    const made = await ask('POST /tokens', { body });
    const { token } = made.body as { token: string };

    expect(made).toMatchObject({
      status: 201,
      headers: { 'cache-control': 'no-store' },
      body: {
        role: 'collector',
        user_id: 'collector-1',
        expires_at: '2028-03-01T12:00:00.000Z',
        revoked_at: null,
      },
    });
    expect(token).toMatch(/^clt_[\w-]{43}$/);
    const rows = await proxy.database.db.selectFrom('tokens').selectAll().execute();
    expect(rows).toMatchObject([fingerprintOf(token)]);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify((await ask('GET /tokens')).body)).not.toContain(token);
  });

  test.each([
    [{ role: 'admin' }, '/role'],
    [{}, '/role'],
    [{ role: 'collector' }, '/user_id'],
    [{ role: 'manager', user_id: 'collector-1' }, '/user_id'],
    [{ role: 'collector', user_id: ' ' }, '/user_id'],
    [{ role: 'collector', user_id: 'a\u0000b' }, '/user_id'],
    [{ role: 'collector', user_id: 'a\nb' }, '/user_id'],
    [{ role: 'collector', user_id: '\ud800' }, '/user_id'],
    [{ role: 'viewer', expires_in_days: 0 }, '/expires_in_days'],
    [{ role: 'viewer', expires_in_days: 1.5 }, '/expires_in_days'],
    [{ role: 'viewer', expires_in_days: 3_650 }, '/expires_in_days'],
    [{ role: 'viewer', label: 'x'.repeat(201) }, '/label'],
    [{ role: 'viewer', label: 'a\u0000b' }, '/label'],
    [{ role: 'viewer', token: 'mine' }, '/token'],
  ])('%j is refused at %s', async (body, pointer) => {
    const refused = await ask('POST /tokens', { body });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer, detail: expect.any(String) }] } });
    expect((await ask('GET /tokens')).body).toEqual({ items: [], next_cursor: null });
  });

  test('one that is revoked is listed as such; one that is unknown is 404', async () => {
    const { token_id: id } = (await ask('POST /tokens', { body: { role: 'viewer' } })).body as { token_id: string };

    expect(await ask('DELETE /tokens/{token_id}', { path: { token_id: id } })).toMatchObject({ status: 204 });
    expect((await ask('GET /tokens')).body).toMatchObject({
      items: [{ token_id: id, revoked_at: expect.any(String) }],
    });
    for (const unknown of [crypto.randomUUID(), "' or 1=1 --"]) {
      expect(await ask('DELETE /tokens/{token_id}', { path: { token_id: unknown } })).toMatchObject({ status: 404 });
    }
  });

  test('the list comes in pages', async () => {
    for (let index = 0; index < 3; index += 1) await ask('POST /tokens', { body: { role: 'viewer' } });
    const first = (await ask('GET /tokens', { query: { limit: '2' } })).body as { items: []; next_cursor: string };
    const second = await ask('GET /tokens', { query: { limit: '2', cursor: first.next_cursor } });

    expect(first.items).toHaveLength(2);
    expect(second.body).toMatchObject({ items: [{ role: 'viewer' }], next_cursor: null });
  });
});
