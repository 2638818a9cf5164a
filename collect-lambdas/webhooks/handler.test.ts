import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEvent, readReply, type HttpRequest } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { TestReceiver } from '../../tests/support/receiver.ts';
import { MAX_WEBHOOKS } from '../../db-proxy-lambda/contract.ts';
import { createSeal } from '../shared/webhooks/seal.ts';
import { createSender } from '../shared/webhooks/sender.ts';
import { sign } from '../shared/webhooks/signature.ts';
import { createHandler } from './routes.ts';

const NOW = Date.parse('2028-02-29T12:00:00.000Z');
const NEW = { url: 'https://example.org/collect?key=1', events: ['flagged', 'reviewed', 'flagged'] };

describe.each(databaseKinds)('webhooks over HTTP on %s:', (kind) => {
  let proxy: InProcessProxy;
  let triggered: string[];
  let receiver: TestReceiver;
  let allowsLoopback: boolean;
  let ask: (routeKey: string, request?: HttpRequest) => Promise<ReturnType<typeof readReply>>;

  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    receiver = await TestReceiver.start();
    triggered = [];
    allowsLoopback = true;
    const store = new MemoryStore();
    ask = async (routeKey, request) =>
      readReply(
        await createHandler({
          dbProxy: proxy,
          seal: createSeal(store),
          createSender: () => createSender({ allowsLoopback }),
          allowsLoopback,
          triggerDelivery: async (id) => void triggered.push(id),
          logger: proxy.logger,
          now: () => NOW,
        })(httpEvent(routeKey, request)),
      );
  });
  afterEach(async () => {
    await receiver.stop();
    await proxy.stop();
  });

  async function create(body: object = NEW) {
    const { body: webhook } = await ask('POST /webhooks', { body });
    return webhook as { webhook_id: string; secret: string };
  }
  const one = (webhookId: string) => ({ path: { webhook_id: webhookId } });

  test('a new webhook shows its secret once; the database does not have it', async () => {
    const created = await ask('POST /webhooks', { body: NEW });
    const { secret, ...webhook } = created.body as { secret: string; webhook_id: string };

    expect(created).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
    expect(secret).toMatch(/^whsec_[\w-]{43}$/);
    expect(webhook).toMatchObject({
      url: NEW.url,
      events: ['flagged', 'reviewed'],
      form_id: null,
      state: 'working',
      pending: 0,
      dead: 0,
    });
    expect((await ask('GET /webhooks')).body).toEqual({ items: [webhook], next_cursor: null });
    expect((await ask('GET /webhooks/{webhook_id}', one(webhook.webhook_id))).body).toEqual(webhook);
    const rows = JSON.stringify(await proxy.database.db.selectFrom('webhooks').selectAll().execute());
    expect(rows).not.toContain(secret.slice(6));
  });

  test.each([
    [{ ...NEW, url: 'http://example.org/' }, '/url'],
    [{ ...NEW, url: 'https://169.254.169.254/' }, '/url'],
    [{ ...NEW, url: 'https://localhost.:x/' }, '/url'],
    [{ ...NEW, url: 7 }, '/url'],
    [{ events: ['flagged'] }, '/url'],
    [{ ...NEW, events: [] }, '/events'],
    [{ ...NEW, events: ['everything'] }, '/events/0'],
    [{ url: NEW.url }, '/events'],
    [{ ...NEW, form_id: 'No Form' }, '/form_id'],
    [{ ...NEW, secret: 'mine' }, '/secret'],
  ])('%j is refused at %s', async (body, pointer) => {
    allowsLoopback = false;

    const refused = await ask('POST /webhooks', { body });

    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer, detail: expect.any(String) }] } });
    expect((await ask('GET /webhooks')).body).toEqual({ items: [], next_cursor: null });
  });

  test('changes take only the members that are sent, and start the worker if something is pending', async () => {
    const { webhook_id: id } = await create();
    const change = (body: object) => ask('PATCH /webhooks/{webhook_id}', { ...one(id), body });

    expect(await change({ form_id: 'wells' })).toMatchObject({ status: 200, body: { url: NEW.url, form_id: 'wells' } });
    expect(await change({ active: false })).toMatchObject({ body: { state: 'off', form_id: 'wells' } });
    expect(await change({ active: true, form_id: null })).toMatchObject({ body: { state: 'working', form_id: null } });
    expect(await change({ url: 'ftp://example.org' })).toMatchObject({ status: 422 });
    expect(triggered).toEqual([]);
  });

  test('what happens to webhooks is in the audit, without the path of the URL', async () => {
    const { webhook_id: id } = await create();
    await ask('PATCH /webhooks/{webhook_id}', { ...one(id), body: { active: false } });
    await ask('DELETE /webhooks/{webhook_id}', one(id));

    const { items } = await proxy.call('listAuditEvents', { limit: 10 });
    expect(
      items.map(({ action, subject_kind, subject_id, detail }) => [action, subject_kind, subject_id, detail]),
    ).toEqual([
      ['webhook_deleted', 'webhook', id, null],
      ['webhook_changed', 'webhook', id, 'example.org'],
      ['webhook_created', 'webhook', id, 'example.org'],
    ]);
  });

  test('a deleted webhook is gone', async () => {
    const { webhook_id: id } = await create();

    expect((await ask('DELETE /webhooks/{webhook_id}', one(id))).status).toBe(204);
    expect((await ask('DELETE /webhooks/{webhook_id}', one(id))).status).toBe(404);
    for (const route of [
      'GET /webhooks/{webhook_id}',
      'PATCH /webhooks/{webhook_id}',
      'POST /webhooks/{webhook_id}/test',
      'GET /webhooks/{webhook_id}/deliveries',
      'POST /webhooks/{webhook_id}/redeliver',
    ]) {
      expect([route, (await ask(route, { ...one(id), body: {} })).status]).toEqual([route, 404]);
      expect([route, (await ask(route, { ...one('../x'), body: {} })).status]).toEqual([route, 404]);
    }
  });

  test('the test button sends a signed event immediately, and says whether it arrived', async () => {
    const { webhook_id: id, secret } = await create({ ...NEW, url: receiver.url() });
    const tried = await ask('POST /webhooks/{webhook_id}/test', one(id));

    expect(tried).toMatchObject({ status: 200, body: { delivered: true, status: 204, reason: null } });
    const [got] = receiver.received;
    expect(got?.body).toEqual({
      event_id: expect.stringMatching(/^test-/),
      type: 'test',
      occurred_at: new Date(NOW).toISOString(),
    });
    expect(got?.headers['collect-signature']).toBe(sign(secret, got?.text ?? '', NOW));

    receiver.answer = (reply) => reply.writeHead(302, { location: '/' }).end();
    expect((await ask('POST /webhooks/{webhook_id}/test', one(id))).body).toMatchObject({
      delivered: false,
      status: 302,
      reason: expect.stringContaining('redirects are not followed'),
    });
    allowsLoopback = false;
    expect((await ask('POST /webhooks/{webhook_id}/test', one(id))).body).toMatchObject({
      delivered: false,
      status: null,
      reason: expect.stringContaining('not a public address'),
    });
    expect(receiver.received).toHaveLength(2);
  });

  test('pending events and dead letters are listed in pages with their reasons, and dead letters can be tried again', async () => {
    const { webhook_id: id } = await create();
    const row = {
      webhook_id: id,
      event_id: 1,
      type: 'flagged' as const,
      response_id: 'a',
      revision: 1,
      form_id: 'wells',
      user_id: 'collector-1',
      occurred_at: '2026-09-01T06:00:00.000Z',
      attempts: 9,
      due_at: '2026-09-01T06:00:00.000Z',
      expires_at: '2026-09-04T06:00:00.000Z',
      status: 'dead' as const,
      reason: 'The receiver replied 500.',
    };
    await proxy.database.db
      .insertInto('webhook_deliveries')
      .values([row, { ...row, event_id: 2 }, { ...row, status: 'pending', event_id: 3 }])
      .execute();
    const page = async (query: Record<string, string>) =>
      (await ask('GET /webhooks/{webhook_id}/deliveries', { ...one(id), query })).body as {
        items: { event_id: number }[];
        next_cursor: string;
      };

    const first = await page({ status: 'dead', limit: '1' });
    expect(first.items).toMatchObject([{ event_id: 1, reason: 'The receiver replied 500.', attempts: 9 }]);
    const second = await page({ status: 'dead', limit: '1', cursor: first.next_cursor });
    expect(second).toMatchObject({ items: [{ event_id: 2 }], next_cursor: null });
    expect((await ask('GET /webhooks/{webhook_id}', one(id))).body).toMatchObject({ pending: 1, dead: 2 });

    expect(await ask('POST /webhooks/{webhook_id}/redeliver', one(id))).toMatchObject({
      status: 202,
      body: { redelivered: 2 },
    });
    expect((await page({})).items.map(({ event_id: event }) => event)).toEqual([1, 2, 3]);
    expect(triggered).toEqual([id]);
  });

  test('more webhooks than an event can be queued for are refused', async () => {
    for (let count = 0; count < MAX_WEBHOOKS; count += 1) await create();

    expect(await ask('POST /webhooks', { body: NEW })).toMatchObject({
      status: 409,
      body: { type: 'urn:collect:problem:too-many-webhooks' },
    });
  });
});
