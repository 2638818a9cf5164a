import { randomUUID } from 'node:crypto';
import { everyDatabaseKind } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { incoming } from '../../tests/support/responses.ts';
import type { IncomingResponse, Input } from '../contract.ts';
import { insertResponseEvents } from './queries.ts';

const LATER = '2026-09-02T00:00:00Z';

describe.each(everyDatabaseKind)('the outbox on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  const save = (...responses: IncomingResponse[]) => proxy.call('saveResponses', { responses });
  const claim = (changes: Partial<Input<'claimResponseEvents'>> = {}) =>
    proxy.call('claimResponseEvents', {
      holder: 'first',
      lease_seconds: 60,
      limit: 10,
      published: [],
      waiting: [],
      ...changes,
    });
  const claimedIds = async (changes: Partial<Input<'claimResponseEvents'>> = {}) =>
    (await claim(changes)).events.map((event) => event.response_id);

  /** Saves these responses, and returns the ids of their events. */
  async function eventsOf(...ids: string[]): Promise<number[]> {
    await save(...ids.map((response_id) => incoming({ response_id })));
    const { events } = await claim();
    return events.map((event) => event.event_id);
  }

  test('has one event for each revision, oldest first, with the flags of that revision but no answers', async () => {
    const flags = [{ rule: 'Rule1', message: 'Ask.', questions: ['food'], values: { food: '9' } }];
    await save(incoming({ response_id: 'a', status: 'flagged', flags }), incoming({ response_id: 'b' }));
    await save(incoming({ response_id: 'a', at: LATER }));

    const { claimed, events } = await claim();

    const { values: _values, ...withoutAnswers } = flags[0] ?? { values: {} };
    expect(claimed).toBe(true);
    expect(events).toMatchObject([
      { type: 'flagged', response_id: 'a', revision: 1, flags: [withoutAnswers] },
      { type: 'accepted', response_id: 'b', revision: 1, flags: [] },
      { type: 'corrected', response_id: 'a', revision: 2, flags: [] },
    ]);
    expect(JSON.stringify(events)).not.toContain('values');
  });

  test('returns an event again until it is published, and skips events that the caller lists as waiting', async () => {
    const [first = 0, second = 0] = await eventsOf('a', 'b', 'c');

    expect(await claimedIds()).toEqual(['a', 'b', 'c']);
    expect(await claimedIds({ published: [first], waiting: [second] })).toEqual(['c']);
    expect(await claimedIds()).toEqual(['b', 'c']);
  });

  describe('hands each event to the consumers', () => {
    const queued = async () =>
      (await proxy.database.db.selectFrom('webhook_deliveries').select('response_id').orderBy('id').execute()).map(
        (delivery) => delivery.response_id,
      );
    beforeEach(async () => {
      const webhook = { webhook_id: randomUUID(), url: 'https://example.org/', secret: 'sealed', form_id: null };
      await proxy.call('createWebhook', { ...webhook, events: ['accepted', 'flagged'] });
    });

    test('once and in order, however often it is read before it is published or refused', async () => {
      const [first = 0, second = 0] = await eventsOf('a', 'b', 'c');
      await claim({ holder: 'first', limit: 1 });
      await claim({ published: [first] });
      await proxy.call('refuseResponseEvents', { events: [{ event_id: second, reason: 'too large' }] });
      await save(incoming({ response_id: 'd' }));

      expect(await claimedIds()).toEqual(['c', 'd']);
      expect(await queued()).toEqual(['a', 'b', 'c', 'd']);
    });

    test('even an event that an earlier release read but did not hand over; that event is returned once more', async () => {
      const [first = 0, second = 0] = await eventsOf('a', 'b');
      const { db } = proxy.database;
      await db.deleteFrom('webhook_deliveries').execute();
      await db.updateTable('response_events').set({ consumed: null }).execute();
      await proxy.call('refuseResponseEvents', { events: [{ event_id: second, reason: 'too large' }] });

      expect(await claimedIds({ published: [first] })).toEqual(['a', 'b']);
      expect(await claimedIds({ published: [first, second] })).toEqual([]);
      expect(await queued()).toEqual(['a', 'b']);
    });
  });

  test('moves a refused event to the table refused_events, with the reason', async () => {
    const [first = 0] = await eventsOf('a', 'b');

    await proxy.call('refuseResponseEvents', { events: [{ event_id: first, reason: 'too large' }] });

    expect(await claimedIds()).toEqual(['b']);
    expect(await proxy.database.db.selectFrom('refused_events').selectAll().execute()).toMatchObject([
      { id: first, response_id: 'a', reason: 'too large' },
    ]);
  });

  test('has one holder, until the outbox is empty or the lease expires', async () => {
    const [first = 0] = await eventsOf('a');

    expect(await claim({ holder: 'second' })).toEqual({ claimed: false, events: [] });
    expect(await claim({ published: [first] })).toEqual({ claimed: true, events: [] });
    await save(incoming({ response_id: 'b' }));
    expect(await claimedIds({ holder: 'second' })).toEqual(['b']);
    const { db } = proxy.database;
    await db.updateTable('leases').set({ held_until: '2020-01-01T00:00:00.000Z' }).execute();
    expect(await claimedIds({ holder: 'third' })).toEqual(['b']);
  });

  test('is claimed by one of several concurrent holders', async () => {
    await save(incoming());

    const claims = await Promise.all(Array.from({ length: 6 }, (_, index) => claim({ holder: `worker-${index}` })));

    expect(claims.filter(({ claimed }) => claimed)).toHaveLength(1);
  });

  test('is read in pages that are cut by rows and by bytes', async () => {
    const flags = Array.from({ length: 10 }, (_, index) => ({
      rule: `Rule${index}`,
      message: 'x'.repeat(5_000),
      questions: [],
      values: {},
    }));
    for (let batch = 0; batch < 2; batch += 1) {
      await save(...Array.from({ length: 40 }, () => incoming({ status: 'flagged', flags })));
    }

    const sizes: number[] = [];
    for (let published: number[] = [], limit = 3; sizes.at(-1) !== 0; limit = 500) {
      const { events } = await claim({ limit, published });
      sizes.push(events.length);
      published = events.map((event) => event.event_id);
    }

    expect(sizes).toEqual([3, 39, 38, 0]);
  });

  test('has only one event of an erased response: its erasure', async () => {
    await eventsOf('a', 'b');

    await proxy.call('eraseResponse', { response_id: 'a' });

    const { events } = await claim();
    expect(events.map(({ type, response_id, revision }) => ({ type, response_id, revision }))).toEqual([
      { type: 'accepted', response_id: 'b', revision: 1 },
      { type: 'erased', response_id: 'a', revision: 2 },
    ]);
  });

  test('has an event for each review beside that of the revision, in order', async () => {
    const [saved = 0] = await eventsOf('a');
    const review = (review_id: string, status: 'returned' | 'approved') => ({
      response_id: 'a',
      revision: 1,
      review: { review_id, action: 'comment' as const, status, text: "It's 5 m?", author: 'Amina' },
    });
    const now = new Date().toISOString();
    await insertResponseEvents(proxy.database.db, [review('r-1', 'returned'), review('r-2', 'approved')], now);

    const { events } = await claim({ published: [saved] });

    expect(events).toMatchObject([
      { type: 'reviewed', response_id: 'a', revision: 1, flags: [], review: { review_id: 'r-1', text: "It's 5 m?" } },
      { type: 'reviewed', response_id: 'a', revision: 1, flags: [], review: { review_id: 'r-2', status: 'approved' } },
    ]);
  });
});
