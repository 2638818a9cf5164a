import { createHmac } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { TestReceiver } from '../../tests/support/receiver.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { incoming } from '../../tests/support/responses.ts';
import { OUTBOX_LEASE, type Input, WEBHOOK_EVENTS } from '../../db-proxy-lambda/contract.ts';
import { WEBHOOK_MARKERS } from '../shared/owed.ts';
import { createSeal } from '../shared/webhooks/seal.ts';
import { createSender } from '../shared/webhooks/sender.ts';
import { deliveryMessage } from '../shared/webhooks/trigger.ts';
import type { Dependencies } from './dependencies.ts';
import { createHandler } from './handler.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SECRET = 'whsec_test';
const FLAG = { rule: 'Rule1', message: 'Is 4711 right?', questions: ['age'], values: { age: 4711 } };

describe.each(databaseKinds)('the delivery of events to webhooks, on %s:', (kind) => {
  let proxy: InProcessProxy;
  let store: MemoryStore;
  let logger: RecordingLogger;
  let dependencies: Dependencies;
  /** Ids of webhooks whose worker is to be started. */
  let queued: string[];
  let now: number;
  let runs = 0;
  let receivers: TestReceiver[];

  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(async () => {
    for (const table of [
      'webhook_deliveries',
      'webhooks',
      'response_events',
      'live_sheets',
      'responses',
      'response_revisions',
      'leases',
    ] as const) {
      await proxy.database.db.deleteFrom(table).execute();
    }
    proxy.failWith = undefined;
    store = new MemoryStore();
    logger = new RecordingLogger();
    queued = [];
    // Later than the events that the tests cause.
    now = Date.now() + MINUTE_MS;
    receivers = [];
    dependencies = {
      dbProxy: proxy,
      seal: createSeal(new MemoryStore()),
      createSender: () => createSender({ allowsLoopback: true }),
      store,
      send: async (body) => void queued.push(JSON.parse(body).webhook_id),
      logger,
      now: () => now,
      random: () => 0,
    };
  });
  afterEach(async () => {
    for (const receiver of receivers) await receiver.stop();
  });
  afterAll(() => proxy.stop());

  /** A receiver and its webhook. */
  async function subscribe(changes: Partial<Input<'createWebhook'>> = {}) {
    const receiver = await TestReceiver.start();
    receivers.push(receiver);
    const id = crypto.randomUUID();
    await proxy.call('createWebhook', {
      webhook_id: id,
      url: receiver.url(),
      secret: await dependencies.seal.seal(SECRET),
      events: [...WEBHOOK_EVENTS],
      form_id: null,
      ...changes,
    });
    return { receiver, id };
  }

  const run = (...ids: string[]) =>
    createHandler(dependencies)({
      Records: ids.map((id) => ({ messageId: `run-${(runs += 1)}`, body: deliveryMessage(id) })),
    } as SQSEvent);

  /** Saves a revision for each name, such as `a2` for the second revision of `a`; then publishes. */
  async function happen(...names: string[]): Promise<void> {
    for (const name of names) {
      const responses = [incoming({ response_id: name.slice(0, -1), at: `2026-09-01T0${name.slice(-1)}:00:00Z` })];
      await proxy.call('saveResponses', { responses });
    }
    await publish();
  }

  async function publish(): Promise<void> {
    const asked = { holder: 'publisher', lease_seconds: 60, limit: 500, waiting: [] };
    const { events } = await proxy.call('claimResponseEvents', { ...asked, published: [] });
    await proxy.call('claimResponseEvents', { ...asked, published: events.map((event) => event.event_id) });
    await proxy.call('releaseLease', { name: OUTBOX_LEASE, holder: 'publisher' });
  }

  const webhookOf = async (id: string) => (await proxy.call('getWebhook', { webhook_id: id })).found?.webhook;
  const listed = async (id: string, status: 'pending' | 'dead') =>
    (await proxy.call('listDeliveries', { webhook_id: id, status, limit: 100 })).items;
  const dueAtOf = (id: string) => (store.read(WEBHOOK_MARKERS + id) as { due_at: string } | undefined)?.due_at;

  /** Runs the worker whenever the marker says so, until a time or until nothing is pending. */
  async function runUntil(id: string, end: number): Promise<void> {
    for (;;) {
      const dueAt = dueAtOf(id);
      if (dueAt === undefined || Date.parse(dueAt) > end) break;
      now = Math.max(now, Date.parse(dueAt));
      await run(id);
    }
    now = Math.max(now, end);
  }

  /** Chooses a live sheet whose first run fails. */
  async function breakSheet({ error, ...choice }: { spreadsheet_id: string; tab: string; error: string }) {
    const held = { form_id: 'household_finances', holder: 'a-run', now: new Date(now).toISOString() };
    await proxy.call('putLiveSheet', { form_id: held.form_id, ...choice });
    const claimed = await proxy.call('claimLiveSheet', { ...held, lease_seconds: 60, done: [] });
    if (claimed.claim !== 'granted') throw new Error(`The sheet is ${claimed.claim}.`);
    const outcome = { kind: 'failed', error } as const;
    await proxy.call('reportLiveSheet', { ...held, choice_id: claimed.choice_id, outcome });
  }

  test('a live sheet that breaks is an event with the reason and without a response', async () => {
    const { receiver, id } = await subscribe();
    const sheet = { spreadsheet_id: 'sheet-1', tab: 'Live', error: 'Share the spreadsheet.' };
    await breakSheet(sheet);
    const [pending] = await listed(id, 'pending');

    await run(id);

    expect(pending).toMatchObject({ event_id: null, response_id: null, revision: null, user_id: null });
    expect(receiver.received.map(({ body }) => body)).toEqual([
      {
        event_id: `sheet-${pending?.delivery_id}`,
        type: 'sheet_broken',
        response_id: null,
        revision: null,
        form_id: 'household_finances',
        user_id: null,
        occurred_at: expect.any(String),
        sheet,
      },
    ]);
  });

  test('each event arrives once, signed, without answers', async () => {
    const { receiver, id } = await subscribe();
    await proxy.call('saveResponses', {
      responses: [incoming({ response_id: 'a', status: 'flagged', flags: [FLAG], response: { age: 4711 } })],
    });
    await happen('a8');

    await run(id);
    await run(id);

    expect(receiver.received.map(({ body }) => [body['type'], body['revision']])).toEqual([
      ['flagged', 1],
      ['corrected', 2],
    ]);
    const [first] = receiver.received;
    expect(first?.body).toEqual({
      event_id: expect.stringMatching(/^\d+$/),
      type: 'flagged',
      response_id: 'a',
      revision: 1,
      form_id: 'household_finances',
      user_id: 'collector-1',
      occurred_at: expect.any(String),
      flags: [{ rule: 'Rule1', message: 'Is 4711 right?', questions: ['age'] }],
    });
    expect(first?.headers['collect-event-id']).toBe(first?.body['event_id']);
    const [, t = '', v1] = /^t=(\d+),v1=([\da-f]{64})$/.exec(String(first?.headers['collect-signature'])) ?? [];
    expect(Number(t)).toBe(Math.floor(now / 1_000));
    expect(v1).toBe(createHmac('sha256', SECRET).update(`${t}.${first?.text}`).digest('hex'));
    expect(await webhookOf(id)).toMatchObject({ state: 'working', pending: 0, dead: 0, last_failure: null });
    expect(store.keys()).toEqual([]);
  });

  test('a webhook gets only the events and the form that it asks for', async () => {
    const corrections = await subscribe({ events: ['corrected'] });
    const wells = await subscribe({ form_id: 'wells' });
    const responses = [incoming({ response_id: 'w', form_id: 'wells' })];
    await proxy.call('saveResponses', { responses });
    await happen('a1', 'a2');

    await run(corrections.id, wells.id);

    expect(corrections.receiver.events).toEqual([]);
    expect(wells.receiver.events).toEqual(['w1']);
  });

  test('a review arrives with its author and its text', async () => {
    const { receiver, id } = await subscribe({ events: ['reviewed'] });
    await happen('a1');
    const review = {
      review_id: 'r1',
      action: 'return',
      status: 'returned',
      text: 'Ask again.',
      author: 'Amina',
    } as const;
    const event = { type: 'reviewed', response_id: 'a', revision: 1, occurred_at: new Date().toISOString() } as const;
    await proxy.database.db
      .insertInto('response_events')
      .values({ ...event, review: JSON.stringify(review) })
      .execute();
    await publish();

    await run(id);

    expect(receiver.received.map(({ body }) => body)).toMatchObject([{ type: 'reviewed', revision: 1, review }]);
  });

  test('a receiver that fails for an hour gets every event afterwards, a response’s events in order', async () => {
    const { receiver, id } = await subscribe();
    const failing = now + HOUR_MS;
    let refusals = 0;
    receiver.answer = (reply) => {
      if (now < failing) refusals += 1;
      reply.writeHead(now < failing ? 503 : 200).end();
    };
    const names = Array.from({ length: 40 }, (_, index) => `r${index}-`);
    await happen(...names.map((name) => `${name}1`), ...names.map((name) => `${name}2`));

    await run(id);
    await runUntil(id, failing);

    expect(await webhookOf(id)).toMatchObject({
      state: 'failing',
      pending: 80,
      dead: 0,
      last_failure: 'The receiver replied 503.',
    });
    // It was not flooded meanwhile.
    expect(refusals).toBeLessThan(60);
    receiver.received.length = 0;

    await runUntil(id, failing + 10 * MINUTE_MS);

    expect(receiver.events).toHaveLength(80);
    for (const name of names) {
      expect(receiver.events.filter((each) => each.startsWith(name))).toEqual([`${name}1`, `${name}2`]);
    }
    expect(await webhookOf(id)).toMatchObject({ state: 'working', pending: 0, dead: 0 });
    expect(store.keys()).toEqual([]);
  });

  test('an event that the receiver refuses holds up only later events of its response', async () => {
    const { receiver, id } = await subscribe();
    receiver.answer = (reply, { body }) => reply.writeHead(body['response_id'] === 'bad' ? 400 : 200).end();
    await happen('bad1', 'bad2', 'a1', 'b1', 'a2');

    await run(id);

    expect(receiver.events.toSorted()).toEqual(['a1', 'a2', 'b1', 'bad1']);
    await happen('c1', 'bad3');
    receiver.received.length = 0;
    await run(id);
    expect(receiver.events).toEqual(['c1']);

    receiver.answer = (reply) => reply.writeHead(200).end();
    receiver.received.length = 0;
    await runUntil(id, now + MINUTE_MS);
    expect(receiver.events).toEqual(['bad1', 'bad2', 'bad3']);
  });

  test('the tries of an event are up to a day apart, and after three days it is a dead letter with the reason', async () => {
    const { receiver, id } = await subscribe();
    const tries: number[] = [];
    receiver.answer = (reply, { body }) => {
      if (body['response_id'] === 'bad') tries.push(now);
      reply.writeHead(body['response_id'] === 'bad' ? 422 : 200).end();
    };
    await happen('bad1', 'bad2');
    const began = now;

    await run(id);
    await runUntil(id, now + 6 * DAY_MS);

    const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    expect(pauses.slice(0, 4)).toEqual([30_000, 120_000, 480_000, 1_920_000]);
    expect(Math.max(...pauses)).toBe(DAY_MS);
    expect(await listed(id, 'dead')).toMatchObject([
      { response_id: 'bad', revision: 1, reason: 'The receiver replied 422.' },
      { response_id: 'bad', revision: 2, reason: 'The receiver replied 422.' },
    ]);
    expect(Math.min(...tries.filter((at) => at >= began + 3 * DAY_MS)) - began).toBeLessThan(4 * DAY_MS);
    expect(logger.text).toContain('deliveries given up');
    expect(store.keys()).toEqual([]);

    receiver.answer = (reply) => reply.writeHead(200).end();
    receiver.received.length = 0;
    expect(await proxy.call('redeliver', { webhook_id: id })).toEqual({ redelivered: 2 });
    now += DAY_MS;
    await run(id);
    expect(receiver.events).toEqual(['bad1', 'bad2']);
  });

  test('events that were never tried become dead letters too if the receiver has failed for three days', async () => {
    const { receiver, id } = await subscribe();
    receiver.answer = (reply) => reply.writeHead(500).end();
    await happen(...Array.from({ length: 30 }, (_, index) => `r${index}-1`));

    await run(id);
    await runUntil(id, now + 4 * DAY_MS);

    expect(await webhookOf(id)).toMatchObject({ state: 'failing', pending: 0, dead: 30 });
  });

  test('a webhook whose receiver replies 410 is switched off, and its events are dead letters until a manager asks for them', async () => {
    const { receiver, id } = await subscribe();
    receiver.answer = (reply) => reply.writeHead(410).end();
    await happen('a1', 'b1');

    await run(id);
    await happen('c1');
    await run(id);

    expect(await webhookOf(id)).toMatchObject({
      state: 'off',
      pending: 0,
      dead: 2,
      last_failure: 'The receiver replied 410: it wants no more events.',
    });
    expect(store.keys()).toEqual([]);
    receiver.answer = (reply) => reply.writeHead(200).end();
    receiver.received.length = 0;
    await proxy.call('updateWebhook', { webhook_id: id, changes: { active: true } });
    await proxy.call('redeliver', { webhook_id: id });
    await run(id);
    expect(receiver.events.toSorted()).toEqual(['a1', 'b1']);
  });

  test('a reply of an earlier address does not switch off a webhook whose URL a manager has changed meanwhile', async () => {
    const { receiver, id } = await subscribe();
    const next = await TestReceiver.start();
    receivers.push(next);
    await happen('a1');
    receiver.answer = (reply) => {
      const changed = proxy.call('updateWebhook', { webhook_id: id, changes: { url: next.url() } });
      void changed.then(() => reply.writeHead(410).end());
    };

    await run(id);
    await happen('b1');
    await run(id);

    expect(await webhookOf(id)).toMatchObject({ state: 'working', pending: 0, last_failure: null });
    expect(next.events).toEqual(['b1']);
  });

  test('a slow receiver holds up no other webhook', async () => {
    const slow = await subscribe();
    const fast = await subscribe();
    slow.receiver.answer = () => undefined;
    dependencies.createSender = () => createSender({ allowsLoopback: true, limitMs: 300 });
    await happen('a1', 'b1');

    const waiting = run(slow.id);
    await run(fast.id);

    expect(fast.receiver.events.toSorted()).toEqual(['a1', 'b1']);
    await waiting;
    expect(await webhookOf(slow.id)).toMatchObject({
      state: 'failing',
      pending: 2,
      last_failure: 'The receiver did not reply within 0.3 seconds.',
    });
  });

  test('events of different responses arrive over several connections, those of one response one after the other', async () => {
    const { receiver, id } = await subscribe();
    receiver.answer = (reply) => setTimeout(() => reply.writeHead(200).end(), 20);
    await happen(...Array.from({ length: 30 }, (_, index) => `r${index}-1`));

    await run(id);
    expect(receiver.received).toHaveLength(30);
    expect(receiver.mostOpen).toBe(16);

    receiver.mostOpen = 0;
    await happen('a1', 'a2', 'a3');
    await run(id);
    expect([receiver.events.slice(-3), receiver.mostOpen]).toEqual([['a1', 'a2', 'a3'], 1]);
  });

  test('only ids are sent for an erased response, even in events that waited', async () => {
    const { receiver, id } = await subscribe();
    await proxy.call('saveResponses', {
      responses: [incoming({ response_id: 'a', status: 'flagged', flags: [FLAG] })],
    });
    await publish();
    await proxy.call('eraseResponse', { response_id: 'a' });
    expect(
      JSON.stringify(await proxy.database.db.selectFrom('webhook_deliveries').selectAll().execute()),
    ).not.toContain('4711');
    await publish();

    await run(id);

    const ids = { response_id: 'a', form_id: 'household_finances', user_id: 'collector-1' };
    const about = { event_id: expect.any(String), occurred_at: expect.any(String) };
    expect(receiver.received.map(({ body }) => body)).toEqual([
      { ...about, ...ids, type: 'flagged', revision: 1 },
      { ...about, ...ids, type: 'erased', revision: 2 },
    ]);
  });

  test('an event that is queued while its response is being erased loses its texts with the erasure’s own event', async () => {
    const { id } = await subscribe();
    await happen('a1');
    await proxy.database.db
      .updateTable('webhook_deliveries')
      .set({ content: JSON.stringify({ flags: [{ rule: 'R', message: '4711', questions: [] }] }) })
      .execute();
    await proxy.call('eraseResponse', { response_id: 'a' });
    await proxy.database.db
      .updateTable('webhook_deliveries')
      .set({ content: JSON.stringify({ flags: [{ rule: 'R', message: '4711', questions: [] }] }) })
      .execute();

    await publish();

    const rows = await proxy.database.db.selectFrom('webhook_deliveries').selectAll().execute();
    expect(rows.map(({ webhook_id, content }) => [webhook_id, content])).toEqual([
      [id, null],
      [id, null],
    ]);
  });

  test('only one run serves a webhook; an event that is queued meanwhile is sent by it or by the next one', async () => {
    const { receiver, id } = await subscribe();
    receiver.answer = (reply) => setTimeout(() => reply.writeHead(200).end(), 30);
    await happen('a1', 'a2', 'a3', 'b1');

    await Promise.all([run(id), run(id), run(id)]);

    expect(receiver.events.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1']);
  });

  test('after a run died, the next run sends the events again whose outcomes were not recorded', async () => {
    const { receiver, id } = await subscribe();
    await happen('a1', 'a2');
    const call = proxy.call.bind(proxy);
    dependencies.dbProxy = {
      call: (operation, input) =>
        operation === 'claimDeliveries' && receiver.received.length > 0
          ? Promise.reject(new Error('The process died.'))
          : call(operation, input),
    };
    expect(await run(id)).toMatchObject({ batchItemFailures: [{}] });
    dependencies.dbProxy = proxy;
    await proxy.database.db.deleteFrom('leases').execute();

    await run(id);

    expect(new Set(receiver.events)).toEqual(new Set(['a1', 'a2']));
    expect(await webhookOf(id)).toMatchObject({ pending: 0 });
  });

  test('nothing is lost while the database is unavailable: the marker starts another run', async () => {
    const { receiver, id } = await subscribe();
    await happen('a1');
    proxy.failWith = 'DATABASE_UNAVAILABLE';
    expect(await run(id)).toEqual({ batchItemFailures: [] });
    expect(logger.text).toContain('webhook not served');

    proxy.failWith = undefined;
    await run(id);
    expect(receiver.events).toEqual(['a1']);
  });

  test('a secret that cannot be read is shown as the reason, and nothing is sent unsigned', async () => {
    const { receiver, id } = await subscribe({ secret: 'bm9uc2Vuc2U=' });
    await happen('a1');

    await run(id);

    expect(receiver.received).toEqual([]);
    expect(await webhookOf(id)).toMatchObject({ state: 'failing', last_failure: expect.stringContaining('secret') });
  });

  test('an event that is queued between the end of a run and the removal of the marker is sent', async () => {
    const { receiver, id } = await subscribe();
    await happen('a1');
    const remove = store.remove;
    Object.assign(store, {
      remove: async (key: string) => {
        await happen('b1');
        await remove(key);
      },
    });

    await run(id);
    expect(queued).toEqual([id]);
    await run(id);
    expect(receiver.events).toEqual(['a1', 'b1']);
  });

  test('no line of the log names a URL or a secret', async () => {
    const { receiver, id } = await subscribe();
    receiver.answer = (reply) => reply.writeHead(410).end();
    await happen('a1');
    await run(id);
    proxy.failWith = 'DATABASE_BUSY';
    await run(id);

    expect(logger.text).toContain(id);
    expect(logger.text).not.toMatch(/127\.0\.0\.1|whsec|hook"/);
  });
});
