import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEvent, readReply } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { incoming } from '../../tests/support/responses.ts';
import type { CallerContext } from '../shared/access.ts';
import { createHandler } from './routes.ts';

const NEWEST = { order: 'newest' };

interface NewestPage {
  items: { response_id: string; received_at: string }[];
  next_cursor: string | null;
  previous_cursor: string | null;
}

describe.each(databaseKinds)('GET /responses?order=newest on %s:', (kind) => {
  let proxy: InProcessProxy;
  let list: (query: Record<string, string>, caller?: CallerContext) => Promise<ReturnType<typeof readReply>>;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    const unused = { files: new MemoryStore(), store: new MemoryStore(), triggerPublish: () => Promise.resolve() };
    const handler = createHandler({ ...unused, dbProxy: proxy, logger: new RecordingLogger() });
    list = async (query, caller) => {
      const sent = { query, ...(caller && { caller }) };
      return readReply(await handler(httpEvent('GET /responses', sent)));
    };
    const flags = [{ rule: 'Rule1', message: 'Ask again.', questions: [], values: {} }];
    const responses = Array.from({ length: 7 }, (_, index) =>
      incoming({
        response_id: `r-${index}`,
        user_id: `collector-${index % 2}`,
        ...(index % 3 === 0 && { status: 'flagged', flags }),
        response: { answer: `Answer ${index}` },
      }),
    );
    await proxy.call('saveResponses', { responses });
  });
  afterAll(() => proxy.stop());

  const page = async (query: Record<string, string> = {}): Promise<NewestPage> => {
    const { status, body } = await list({ ...NEWEST, ...query });
    expect(status).toBe(200);
    return body as NewestPage;
  };
  const idsOf = ({ items }: NewestPage) => items.map((each) => each.response_id);

  test('the newest arrival is listed first, with cursors to older and to newer pages', async () => {
    const first = await page({ limit: '3' });
    const second = await page({ limit: '3', cursor: first.next_cursor ?? '' });
    const third = await page({ limit: '3', cursor: second.next_cursor ?? '' });
    const again = await page({ limit: '3', cursor: third.previous_cursor ?? '' });
    const newest = await page({ limit: '3', cursor: again.previous_cursor ?? '' });

    expect([first, second, third].map(idsOf)).toEqual([['r-6', 'r-5', 'r-4'], ['r-3', 'r-2', 'r-1'], ['r-0']]);
    expect([again, newest].map(idsOf)).toEqual([second, first].map(idsOf));
    expect([first.previous_cursor, third.next_cursor, newest.previous_cursor]).toEqual([null, null, null]);
    expect(Date.parse(first.items[0]?.received_at ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect(first).not.toHaveProperty('count');
  });

  test.each([
    [{ status: 'flagged,accepted' }, 7],
    [{ status: 'flagged' }, 3],
    [{ rule: 'Rule1' }, 3],
    [{ rule: "' or 1=1 --" }, 0],
    [{ text: 'ANSWER 5' }, 1],
    [{ text: '%' }, 0],
    [{ from: '2020-01-01T02:00:00+02:00' }, 7],
    [{ to: '2020-01-01T00:00:00Z' }, 0],
    [{ user_id: 'collector-1', rule: 'Rule1', text: 'answer' }, 1],
  ])('%j with count=true counts the responses that match: %j', async (query, count) => {
    expect(await list({ ...NEWEST, ...query, limit: '1', count: 'true' })).toMatchObject({
      body: { count, capped: false },
    });
  });

  test('a collector’s token reaches their own responses alone, with any filter', async () => {
    const caller = { role: 'collector', user_id: 'collector-1' } as const;

    for (const query of [{}, { text: 'answer' }, { status: 'accepted,flagged' }, { form_id: 'household_finances' }]) {
      const { body } = await list({ ...NEWEST, ...query, count: 'true' }, caller);
      expect(idsOf(body as NewestPage)).toEqual(['r-5', 'r-3', 'r-1']);
      expect(body).toMatchObject({ count: 3 });
    }
    expect(await list({ ...NEWEST, user_id: 'collector-0' }, caller)).toMatchObject({ status: 403 });
  });

  test.each([
    [{ order: 'oldest' }, '/order', /^Send newest/],
    [{ status: 'flagged,open' }, '/status', /^Send one of accepted, flagged, .* several, with commas/],
    [{ status: '' }, '/status', /^Send one of accepted/],
    [{ rule: '' }, '/rule', /^Send the name of a rule/],
    [{ ever: 'accepted' }, '/ever', /^Send flagged or returned/],
    [{ text: '' }, '/text', /^Send 1 to 100 characters/],
    [{ text: ' wood' }, '/text', /without blanks/],
    [{ text: 'x'.repeat(101) }, '/text', /^Send 1 to 100 characters/],
    [{ from: 'yesterday' }, '/from', /^Send a time such as /],
    [{ to: 'tomorrow' }, '/to', /^Send a time such as /],
    [{ count: 'yes' }, '/count', /^Send true/],
    [{ updated_since: '2026-01-01T00:00:00Z' }, '/updated_since', /^Leave it out with order=newest; send from/],
  ])('%j is refused at %s', async (query, pointer, detail) => {
    expect(await list({ ...NEWEST, ...query })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer, detail: expect.stringMatching(detail) }] },
    });
  });

  test('the parameters of this order are refused without it, all in one reply', async () => {
    const time = '2026-01-01T00:00:00Z';
    const { body } = await list({
      rule: 'a',
      ever: 'flagged',
      text: 'a',
      from: time,
      to: time,
      count: 'true',
      status: 'flagged,returned',
    });
    const { errors } = body as { errors: { pointer: string; detail: string }[] };

    expect(errors.map(({ pointer }) => pointer)).toEqual([
      '/rule',
      '/ever',
      '/text',
      '/from',
      '/to',
      '/count',
      '/status',
    ]);
    expect(errors.every(({ detail }) => detail.includes('order=newest'))).toBe(true);
  });

  test('a cursor of this order is refused by other orders, and the other way round', async () => {
    const byArrival = (await list({ limit: '1' })).body as NewestPage;
    const newest = await page({ limit: '1' });

    for (const query of [
      { ...NEWEST, cursor: byArrival.next_cursor ?? '' },
      { cursor: newest.next_cursor ?? '' },
      { updated_since: '2026-01-01T00:00:00Z', cursor: newest.next_cursor ?? '' },
    ]) {
      expect(await list(query)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/cursor' }] } });
    }
  });
});
