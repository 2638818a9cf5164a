import { inflateSync } from 'node:zlib';
import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEvent, readReply, type HttpRequest } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore, changeRecorder } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { incoming } from '../../tests/support/responses.ts';
import { pixelsOfPng, pixelsOfSvg, scanQr } from '../../tests/support/scan-qr.ts';
import { fingerprintOf } from '../shared/token.ts';
import { createHandler } from './routes.ts';

const NOW = Date.parse('2028-02-29T12:00:00.000Z');

describe.each(databaseKinds)('tokens over HTTP on %s:', (kind) => {
  let proxy: InProcessProxy;
  /** The bucket with the snapshot. */
  let store: MemoryStore;
  let ask: (routeKey: string, request?: HttpRequest) => Promise<ReturnType<typeof readReply>>;

  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    store = new MemoryStore();
    const recordChange = changeRecorder(proxy.logger, store);
    const handler = createHandler({ dbProxy: proxy, recordChange, logger: proxy.logger, now: () => NOW });
    ask = async (routeKey, request) => readReply(await handler(httpEvent(routeKey, request)));
  });
  afterEach(() => proxy.stop());

  test('a new token is returned once, and cannot be read from the database', async () => {
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
    [{ role: 'collector', user_id: '..' }, '/user_id'],
    [{ role: 'collector', user_id: 'x'.repeat(129) }, '/user_id'],
    [{ role: 'collector', user_id: 'a\u0000b' }, '/user_id'],
    [{ role: 'collector', user_id: 'a\nb' }, '/user_id'],
    [{ role: 'collector', user_id: '\ud800' }, '/user_id'],
    [{ role: 'device' }, '/user_id'],
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

  test('a device’s token comes with the settings for the app on the phone', async () => {
    const body = { role: 'device', user_id: 'collector-1' };
    const made = await ask('POST /tokens', {
      body,
      headers: { host: 'api.example.org', 'x-forwarded-proto': 'https' },
    });
    const { token } = made.body as { token: string };

    expect(made.body).toMatchObject({
      role: 'device',
      user_id: 'collector-1',
      odk_collect: { settings: { general: { server_url: `https://api.example.org/odk/${token}` }, admin: {} } },
      form_page: `https://api.example.org/fill/#token=${token}`,
    });
    expect((await ask('POST /tokens', { body: { role: 'viewer' } })).body).not.toHaveProperty('odk_collect');
  });

  test('a phone that scans either picture of a device’s token gets all its settings', async () => {
    const made = await ask('POST /tokens', {
      body: { role: 'device', user_id: 'collector-1' },
      headers: { host: 'api.example.org', 'x-forwarded-proto': 'https' },
    });
    const { token, odk_collect: app } = made.body as { token: string; odk_collect: { qr_png: string; qr_svg: string } };

    for (const pixels of [pixelsOfPng(Buffer.from(app.qr_png, 'base64')), pixelsOfSvg(app.qr_svg)]) {
      const settings: unknown = JSON.parse(inflateSync(Buffer.from(scanQr(pixels), 'base64')).toString());
      expect(settings).toEqual({
        general: {
          protocol: 'odk_default',
          server_url: `https://api.example.org/odk/${token}`,
          form_update_mode: 'match_exactly',
          autosend: 'wifi_and_cellular',
          image_size: 'medium',
        },
        admin: {},
      });
    }
  });

  test('a revoked token is listed as revoked; an unknown token is 404', async () => {
    const { token_id: id } = (await ask('POST /tokens', { body: { role: 'viewer' } })).body as { token_id: string };

    expect(await ask('DELETE /tokens/{token_id}', { path: { token_id: id } })).toMatchObject({ status: 204 });
    expect((await ask('GET /tokens')).body).toMatchObject({
      items: [{ token_id: id, revoked_at: expect.any(String) }],
    });
    for (const unknown of [crypto.randomUUID(), "' or 1=1 --"]) {
      expect(await ask('DELETE /tokens/{token_id}', { path: { token_id: unknown } })).toMatchObject({ status: 404 });
    }
  });

  test('the snapshot has the owner of a token under its hash, but not the token', async () => {
    const made = await ask('POST /tokens', { body: { role: 'collector', user_id: 'collector-1', label: 'Secret' } });
    const { token, token_id: id } = made.body as { token: string; token_id: string };
    const key = `tokens/${fingerprintOf(token).sha256}.json`;

    expect(store.keys()).toEqual([key]);
    expect(store.read(key)).toEqual({
      token_id: id,
      role: 'collector',
      user_id: 'collector-1',
      expires_at: expect.any(String) as string,
      revoked_at: null,
    });
    await ask('DELETE /tokens/{token_id}', { path: { token_id: id } });
    expect(store.keys()).toEqual([key]);
    expect(store.read(key)).toMatchObject({ token_id: id, revoked_at: expect.any(String) });
  });

  test('a token is revoked even if S3 fails, with 503 if neither the snapshot nor a marker was written', async () => {
    const { token_id: id } = (await ask('POST /tokens', { body: { role: 'viewer' } })).body as { token_id: string };
    const revoke = () => ask('DELETE /tokens/{token_id}', { path: { token_id: id } });

    store.failing = () => true;
    expect(await revoke()).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    expect((await ask('GET /tokens')).body).toMatchObject({ items: [{ revoked_at: expect.any(String) }] });
    store.failing = (request) => request.startsWith('PUT tokens');
    expect(await revoke()).toMatchObject({ status: 204 });
    expect(store.keys('owed/snapshot/')).toHaveLength(1);
    store.failing = () => false;
    expect(await revoke()).toMatchObject({ status: 204 });
    expect(store.keys('tokens/').map((key) => store.read(key))).toMatchObject([{ revoked_at: expect.any(String) }]);
  });

  test.each([
    { role: 'manager', label: 'Amina' },
    { role: 'viewer' },
    { role: 'collector', user_id: "O'Neil", label: 'Phone 12' },
  ] as const)('GET /me tells a caller about their own token: %j', async (body) => {
    const made = (await ask('POST /tokens', { body })).body as { token_id: string; expires_at: string };
    const caller = body.role === 'collector' ? { role: body.role, user_id: body.user_id } : { role: body.role };

    expect(await ask('GET /me', { caller: { ...caller, token_id: made.token_id } })).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: { token_id: made.token_id, user_id: null, label: null, expires_at: made.expires_at, ...body },
    });
  });

  test('GET /me tells the role of a caller whose token id an earlier release did not pass on', async () => {
    expect((await ask('GET /me', { caller: { role: 'collector', user_id: 'collector-1' } })).body).toEqual({
      token_id: null,
      role: 'collector',
      user_id: 'collector-1',
      label: null,
      expires_at: null,
    });
  });

  test('the list has pages', async () => {
    for (let index = 0; index < 3; index += 1) await ask('POST /tokens', { body: { role: 'viewer' } });
    const first = (await ask('GET /tokens', { query: { limit: '2' } })).body as { items: []; next_cursor: string };
    const second = await ask('GET /tokens', { query: { limit: '2', cursor: first.next_cursor } });

    expect(first.items).toHaveLength(2);
    expect(second.body).toMatchObject({ items: [{ role: 'viewer' }], next_cursor: null });
  });

  test('the list has filters by role and by collector', async () => {
    for (const body of [
      { role: 'viewer', label: 'a' },
      { role: 'collector', user_id: 'collector-1', label: 'b' },
      { role: 'device', user_id: 'collector-1', label: 'c' },
      { role: 'device', user_id: 'collector-2', label: 'd' },
    ]) {
      await ask('POST /tokens', { body });
    }
    const labels = async (query: Record<string, string>) => {
      const { body } = await ask('GET /tokens', { query });
      return (body as { items: { label: string }[] }).items.map(({ label }) => label).toSorted();
    };

    expect(await labels({ user_id: 'collector-1' })).toEqual(['b', 'c']);
    expect(await labels({ role: 'device' })).toEqual(['c', 'd']);
    expect(await labels({ role: 'device', user_id: 'collector-1' })).toEqual(['c']);
    expect(await labels({ role: 'manager' })).toEqual([]);
    for (const query of [{ role: 'admin' }, { user_id: ' ' }]) {
      expect(await ask('GET /tokens', { query })).toMatchObject({ status: 422 });
    }
  });

  describe('the audit', () => {
    const MANAGER = '0190d2f0-5d7a-7c3e-9a53-2f1d4b6c8e01';
    const by = { token_id: MANAGER, source_ip: '192.0.2.7' };
    const caller = { role: 'manager', token_id: MANAGER } as const;
    const newToken = (tokenId: string, label: string | null, digit: string) => ({
      token_id: tokenId,
      prefix: 'clt_12345678',
      sha256: digit.repeat(64),
      role: 'manager' as const,
      user_id: null,
      label,
      expires_at: '2029-01-01T00:00:00.000Z',
    });
    const crops = (title: string) => ({ form_id: 'crops', definition: { title } });
    const request = { spreadsheet_id: 'a-sheet', format: { csv: true, sheet: true }, filter: {} };
    const read = async (query: Record<string, string> = {}) => {
      const { body } = await ask('GET /audit', { query });
      return body as { items: Record<string, unknown>[]; next_cursor: string | null };
    };
    const summary = async (query?: Record<string, string>) =>
      (await read(query)).items.map(({ action, label, subject_id, detail }) => [action, label, subject_id, detail]);

    test('lists who erased, exported, changed a form, created and revoked a token, newest first', async () => {
      await proxy.call('createToken', newToken(MANAGER, 'Amina', 'a'));
      await proxy.call('saveResponses', { responses: [incoming({ response_id: "O'Neil" })] });
      const { body } = await ask('POST /tokens', { body: { role: 'collector', user_id: 'collector-1' }, caller });
      const made = (body as { token_id: string }).token_id;
      const exportId = crypto.randomUUID();
      await proxy.call('putForm', { ...crops('Crops'), by });
      await proxy.call('putForm', { ...crops('Crops and trees'), by });
      await proxy.call('requestExport', { export_id: exportId, table_name: 'flags', request, by });
      await ask('DELETE /tokens/{token_id}', { path: { token_id: made }, caller });
      await proxy.call('eraseResponse', { response_id: "O'Neil", by });

      expect(await summary()).toEqual([
        ['response_erased', 'Amina', "O'Neil", null],
        ['token_revoked', 'Amina', made, null],
        ['export_requested', 'Amina', exportId, 'flags to CSV and spreadsheet a-sheet'],
        ['form_changed', 'Amina', 'crops', 'version 2'],
        ['form_changed', 'Amina', 'crops', 'version 1'],
        ['token_created', 'Amina', made, 'collector collector-1'],
        ['token_created', 'operator', MANAGER, 'manager'],
      ]);
      const { items } = await read();
      expect(items[0]).toMatchObject({ token_id: MANAGER, subject_kind: 'response', source_ip: '192.0.2.7' });
      expect(items[1]).toMatchObject({ token_id: MANAGER, subject_kind: 'token', source_ip: '192.0.2.1' });
      expect(items.at(-1)).toMatchObject({ token_id: null, source_ip: null });
    });

    test('has one event for repeated actions, and none for refused or unknown ones', async () => {
      const doTwice = async (what: () => Promise<unknown>) => [await what(), await what()];
      const exportId = crypto.randomUUID();
      await proxy.call('saveResponses', { responses: [incoming({ response_id: 'response-1' })] });
      await doTwice(() => proxy.call('createToken', newToken(MANAGER, null, 'a')));
      await doTwice(() => proxy.call('putForm', { ...crops('Crops'), by }));
      await doTwice(() => proxy.call('putForm', { ...crops('Trees'), expected_version: 7, by }));
      await doTwice(() => proxy.call('requestExport', { export_id: exportId, table_name: 'flags', request, by }));
      await doTwice(() => proxy.call('eraseResponse', { response_id: 'response-1', by }));
      await doTwice(() => proxy.call('eraseResponse', { response_id: 'unknown', by }));
      await doTwice(() => proxy.call('revokeToken', { token_id: MANAGER, by }));
      await doTwice(() => proxy.call('revokeToken', { token_id: crypto.randomUUID(), by }));

      expect((await summary()).map(([action]) => action)).toEqual([
        'token_revoked',
        'response_erased',
        'export_requested',
        'form_changed',
        'token_created',
      ]);
    });

    test('and the recorded action are stored atomically', async () => {
      await proxy.call('saveResponses', { responses: [incoming({ response_id: 'response-1' })] });
      await proxy.database.db.schema.dropTable('audit_events').execute();

      for (const [operation, input] of [
        ['eraseResponse', { response_id: 'response-1', by }],
        ['putForm', { ...crops('Crops'), by }],
        ['createToken', newToken(MANAGER, null, 'a')],
        ['requestExport', { export_id: MANAGER, table_name: 'flags', request, by }],
      ] as const) {
        expect(await proxy.invoke({ operation, input })).toMatchObject({ ok: false });
      }

      const { response } = await proxy.call('getResponse', { response_id: 'response-1' });
      expect(response?.status).toBe('accepted');
      expect((await proxy.call('listForms', {})).forms.map(({ form_id }) => form_id)).toEqual(['household_finances']);
      expect((await proxy.call('listTokens', { limit: 1 })).items).toEqual([]);
      expect((await proxy.call('listExports', { limit: 1 })).items).toEqual([]);
    });

    test('has filters and pages', async () => {
      const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
      await proxy.call('createToken', newToken(first, 'one', 'a'));
      await proxy.call('createToken', { ...newToken(second, 'two', 'b'), by: { ...by, token_id: first } });
      await proxy.call('putForm', { ...crops('Crops'), by: { ...by, token_id: second } });
      await proxy.database.db.updateTable('audit_events').set({ at: '2028-01-01T00:00:00.000Z' }).execute();
      await proxy.call('putForm', { ...crops('Trees'), by: { ...by, token_id: second } });
      await proxy.database.db
        .updateTable('audit_events')
        .set({ at: '2028-01-02T00:00:00.000Z' })
        .where('detail', '=', 'version 2')
        .execute();

      const details = async (query: Record<string, string>) => (await summary(query)).map(([, , , detail]) => detail);
      expect(await details({ token_id: first })).toEqual(['manager']);
      expect(await details({ action: 'form_changed' })).toEqual(['version 2', 'version 1']);
      expect(await details({ subject_id: 'crops' })).toEqual(['version 2', 'version 1']);
      expect(await details({ subject_id: second })).toEqual(['manager']);
      expect(await details({ since: '2028-01-02T02:00:00+02:00' })).toEqual(['version 2']);
      expect(await details({ action: 'token_created', since: '2028-01-02T00:00:00Z' })).toEqual([]);

      const page = await read({ limit: '3' });
      const next = await read({ limit: '3', cursor: page.next_cursor ?? '' });
      expect([...page.items, ...next.items].map(({ subject_id }) => subject_id)).toEqual([
        'crops',
        'crops',
        second,
        first,
      ]);
      expect(next.next_cursor).toBeNull();
    });
  });
});

describe('an invalid request for the audit log', () => {
  const dbProxy = { call: () => Promise.reject(new Error('The db-proxy must not be called.')) };
  const logger = new RecordingLogger();
  const recordChange = changeRecorder(logger);
  const handler = createHandler({ dbProxy, recordChange, logger, now: () => NOW });

  test.each([
    [{ action: 'deleted' }, '/action', /^Send one of response_erased, /],
    [{ token_id: "' or 1=1 --" }, '/token_id', /GET \/tokens lists them/],
    [{ subject_id: '' }, '/subject_id', /^Send the id of a response/],
    [{ since: 'yesterday' }, '/since', /^Send a time such as /],
    [{ cursor: 'x' }, '/cursor', /next_cursor/],
    [{ user: 'x' }, '/user', /^Leave it out; allowed here: action, /],
  ])('%j is 422', async (query, pointer, detail) => {
    const reply = await handler(httpEvent('GET /audit', { query }));

    expect(readReply(reply)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer, detail: expect.stringMatching(detail) }] },
    });
  });
});
