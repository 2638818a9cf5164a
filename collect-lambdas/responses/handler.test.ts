import { MemoryStore } from '../../tests/support/memory-store.ts';
import { hashOf } from '../shared/xform-files.ts';
import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEvent, readReply } from '../../tests/support/http-event.ts';
import { InProcessProxy, LAMBDA_PAYLOAD_BYTES } from '../../tests/support/in-process-proxy.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { incoming } from '../../tests/support/responses.ts';
import type { IncomingResponse, LateRevision, StoredRevision } from '../../db-proxy-lambda/contract.ts';
import { encodeCursor } from '../shared/query.ts';
import { createHandler } from './routes.ts';

interface History {
  items: StoredRevision[];
  late: LateRevision[];
  next_cursor: string | null;
}

interface Page {
  items: StoredRevision[];
  next_cursor: string | null;
}

describe.each(databaseKinds)('the API of stored responses on %s:', (kind) => {
  let proxy: InProcessProxy;
  let logger: RecordingLogger;
  let files: MemoryStore;
  let store: MemoryStore;
  /** How often the publisher was triggered. */
  let triggered: number;
  let handler: ReturnType<typeof createHandler>;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    logger = new RecordingLogger();
    files = new MemoryStore();
    store = new MemoryStore();
    triggered = 0;
    const triggerPublish = async () => void (triggered += 1);
    handler = createHandler({ dbProxy: proxy, files, store, logger, triggerPublish });
  });
  afterEach(() => proxy.stop());

  const list = async (query: Record<string, string> = {}) =>
    readReply(await handler(httpEvent('GET /responses', { query })));

  /** Requests a page that must be returned. */
  async function page(query: Record<string, string> = {}): Promise<Page> {
    const reply = await list(query);
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    return reply.body as Page;
  }

  const read = async (route: string, responseId: string) =>
    readReply(await handler(httpEvent(`GET /responses/{response_id}${route}`, { path: { response_id: responseId } })));

  async function save(...responses: IncomingResponse[]): Promise<string[]> {
    await proxy.call('saveResponses', { responses });
    return responses.map((each) => each.response_id);
  }

  const idsOf = ({ items }: Page) => items.map((each) => each.response_id);

  describe('GET /responses', () => {
    test('lists complete responses in the order of arrival', async () => {
      const flag = { rule: 'Rule1', message: 'Ask again.', questions: ['food'], values: { food: '9.00' } };
      const first = incoming({ status: 'flagged', flags: [flag], response: { food: '9.00' }, form_version: 3 });
      const second = incoming();
      await save(first, second);

      const reply = await page();

      expect(reply).toEqual({
        items: [
          {
            response_id: first.response_id,
            form_id: 'household_finances',
            form_version: 3,
            rules_version: 3,
            user_id: 'collector-1',
            status: 'flagged',
            revision: 1,
            flags: [flag],
            response: { food: '9.00' },
            author: null,
            saved_at: expect.any(String),
          },
          expect.objectContaining({ response_id: second.response_id, status: 'accepted' }),
        ],
        next_cursor: null,
      });
    });

    test('is empty when nothing is stored', async () => {
      expect(await page()).toEqual({ items: [], next_cursor: null });
    });

    test('lists a flagged response to its collector until a correction passes', async () => {
      const mine = incoming({ status: 'flagged', user_id: 'collector-7' });
      const solved = incoming({ status: 'flagged', user_id: 'collector-7' });
      await save(mine, incoming({ status: 'flagged' }), solved, incoming({ user_id: 'collector-7' }));
      await save(incoming({ ...solved, ...newer(solved), status: 'accepted' }));

      expect(idsOf(await page({ status: 'flagged', user_id: 'collector-7' }))).toEqual([mine.response_id]);
    });

    test('applies each filter alone and all filters together', async () => {
      const ids = await save(
        incoming({ status: 'flagged', user_id: 'a', form_id: 'crops' }),
        incoming({ status: 'accepted', user_id: 'a', form_id: 'crops' }),
        incoming({ status: 'flagged', user_id: 'b', form_id: 'crops' }),
        incoming({ status: 'flagged', user_id: 'a', form_id: 'wells' }),
      );
      const at = (...positions: number[]) => positions.map((position) => ids[position]);

      expect(idsOf(await page({ status: 'flagged' }))).toEqual(at(0, 2, 3));
      expect(idsOf(await page({ status: 'accepted' }))).toEqual(at(1));
      expect(idsOf(await page({ user_id: 'a' }))).toEqual(at(0, 1, 3));
      expect(idsOf(await page({ form_id: 'crops' }))).toEqual(at(0, 1, 2));
      expect(idsOf(await page({ status: 'flagged', user_id: 'a', form_id: 'crops' }))).toEqual(at(0));
      expect(idsOf(await page({ user_id: 'collector-99' }))).toEqual([]);
    });

    test('lists changes since a time in any time zone, in the order of the changes', async () => {
      const [first, second, third] = await save(incoming(), incoming(), incoming());
      await savedAt(first, '2026-09-01T06:00:00.002Z');
      await savedAt(second, '2026-09-01T06:00:00.001Z');
      await savedAt(third, '2026-09-01T05:59:59.999Z');

      expect(idsOf(await page({ updated_since: '2026-09-01T06:00:00Z' }))).toEqual([second, first]);
      expect(idsOf(await page({ updated_since: '2026-09-01T09:00:00.001999999+03:00' }))).toEqual([second, first]);
      expect(idsOf(await page({ updated_since: '2026-09-01T06:00:00.003Z' }))).toEqual([]);
    });

    test.each([{}, { updated_since: '2026-01-01T00:00:00Z' }])(
      'returns every response once over all pages with %j',
      async (query) => {
        const ids = await save(...Array.from({ length: 23 }, () => incoming({ status: 'flagged' })));
        const seen: string[] = [];
        const sizes: number[] = [];

        for (let cursor: string | null = ''; cursor !== null;) {
          const reply: Page = await page({
            ...query,
            status: 'flagged',
            limit: '10',
            ...(cursor !== '' && { cursor }),
          });
          seen.push(...idsOf(reply));
          sizes.push(reply.items.length);
          cursor = reply.next_cursor;
        }

        expect(seen).toEqual(ids);
        expect(sizes).toEqual([10, 10, 3]);
      },
    );

    test('has a cursor that is opaque and needs no URL encoding', async () => {
      await save(...Array.from({ length: 3 }, () => incoming()));

      const { next_cursor: cursor } = await page({ limit: '2', updated_since: '2026-01-01T00:00:00Z' });

      expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
    });

    test('returns 50 responses by default, and at most 100', async () => {
      await save(...Array.from({ length: 101 }, () => incoming()));

      expect((await page()).items).toHaveLength(50);
      expect((await page({ limit: '100' })).items).toHaveLength(100);
      expect((await page({ limit: '1' })).items).toHaveLength(1);
    });

    test('is 422 for a cursor of a list with another order', async () => {
      const since = { updated_since: '2026-01-01T00:00:00Z' };
      await save(...Array.from({ length: 3 }, () => incoming()));
      const byArrival = await page({ limit: '2' });
      const byChange = await page({ limit: '2', ...since });

      const replies = [
        await list({ cursor: byArrival.next_cursor ?? '', ...since }),
        await list({ cursor: byChange.next_cursor ?? '' }),
      ];

      for (const reply of replies) {
        expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '/cursor' }] } });
      }
    });
  });

  describe('GET /responses/{id}', () => {
    test.each(['response-1', `a/b?c#d%20&e=f`, `x' or '1'='1`, 'שלום 🏠', '__proto__'])(
      'returns the complete response %j',
      async (id) => {
        await save(incoming(), incoming({ response_id: id, response: { answer: id } }));

        expect(await read('', id)).toMatchObject({
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: { response_id: id, revision: 1, response: { answer: id } },
        });
      },
    );
  });

  describe('GET /responses/{id}/revisions', () => {
    test('returns complete revisions, oldest first', async () => {
      const first = incoming({ status: 'flagged', response: { food: 9 }, form_version: 1 });
      const second = incoming({
        ...first,
        ...newer(first),
        status: 'accepted',
        response: { food: 3 },
        form_version: 2,
      });
      await save(first, incoming(), second);

      const reply = await read('/revisions', first.response_id);

      const whole = { response_id: first.response_id, form_id: 'household_finances', user_id: 'collector-1' };
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({
        items: [
          {
            ...whole,
            revision: 1,
            status: 'flagged',
            form_version: 1,
            rules_version: 1,
            flags: [],
            response: { food: 9 },
            author: null,
            saved_at: expect.any(String),
          },
          {
            ...whole,
            revision: 2,
            status: 'accepted',
            form_version: 2,
            rules_version: 2,
            flags: [],
            response: { food: 3 },
            author: null,
            saved_at: expect.any(String),
          },
        ],
        late: [],
        next_cursor: null,
      });
    });

    test('returns a history larger than a reply in pages, and then the late responses', async () => {
      const text = '"'.repeat(450_000);
      const first = incoming({ response_id: 'response-1', response: { text, index: 0 } });
      for (const index of [0, 1, 2, 3]) await save({ ...first, ...timeOf(index), response: { text, index } });
      for (const day of [1, 2, 3]) {
        const late = incoming({ response_id: 'response-1', at: `2026-08-0${day}T00:00:00Z`, response: { text, day } });
        await proxy.call('saveResponses', { responses: [late], late: true });
      }

      const pages: History[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const query = cursor === '' ? {} : { query: { cursor } };
        const event = httpEvent('GET /responses/{response_id}/revisions', {
          path: { response_id: 'response-1' },
          ...query,
        });
        const answered = await handler(event);
        expect(Buffer.byteLength(JSON.stringify(answered))).toBeLessThan(LAMBDA_PAYLOAD_BYTES);
        const page = readReply(answered).body as History;
        pages.push(page);
        cursor = page.next_cursor;
      }

      expect(
        pages.map(({ items, late }) => [...items, ...late].map(({ response }) => response['index'] ?? response['day'])),
      ).toEqual([[0, 1], [2, 3], [1, 2], [3]]);
      expect(pages.map(({ items }) => items.map(({ revision }) => revision))).toEqual([[1, 2], [3, 4], [], []]);
    });

    test('is 422 for a cursor of another list', async () => {
      await save(incoming({ response_id: 'response-1' }));
      const event = { path: { response_id: 'response-1' }, query: { cursor: encodeCursor({ id: 1 }) } };

      expect(readReply(await handler(httpEvent('GET /responses/{response_id}/revisions', event)))).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/cursor' }] },
      });
    });
  });

  test('late responses are listed separately from the revisions, oldest first', async () => {
    const first = incoming({ response_id: 'response-1' });
    await save(first);
    const tooLate = ['2026-08-02T00:00:00Z', '2026-08-01T00:00:00Z'].map((at) =>
      incoming({ response_id: 'response-1', at, response: { at } }),
    );
    await proxy.call('saveResponses', { responses: tooLate, late: true });

    const { body } = await read('/revisions', 'response-1');

    expect(body).toMatchObject({
      items: [{ revision: 1, response: first.response }],
      late: [{ response: { at: '2026-08-01T00:00:00Z' } }, { response: { at: '2026-08-02T00:00:00Z' } }],
    });
    expect(Object.keys(Object(Reflect.get(Object(body), 'late')[0]))).not.toContain('revision');
  });

  test('a collector sees neither earlier revisions nor late responses of another collector', async () => {
    const first = incoming({ response_id: 'response-1', user_id: 'collector-2', response: { by: 'another' } });
    const own = { response_id: 'response-1', user_id: 'collector-1', response: { by: 'own' } };
    await save(first);
    await save(incoming({ ...own, at: '2026-09-02T00:00:00Z' }));
    const late = [
      incoming({ ...own, at: '2026-08-01T00:00:00Z' }),
      incoming({ ...first, ...timeOf(1), user_id: 'collector-2', only_of: 'collector-2' }),
    ];
    await proxy.call('saveResponses', { responses: late, late: true });

    const event = {
      path: { response_id: 'response-1' },
      caller: { role: 'collector', user_id: 'collector-1' },
    } as const;
    const { body } = readReply(await handler(httpEvent('GET /responses/{response_id}/revisions', event)));

    expect(body).toMatchObject({
      items: [{ revision: 2, user_id: 'collector-1' }],
      late: [{ user_id: 'collector-1' }],
    });
    expect(JSON.stringify(body)).not.toContain('another');
    expect((await read('/revisions', 'response-1')).body).toMatchObject({ items: [{}, {}], late: [{}, {}] });
  });

  describe('DELETE /responses/{id}', () => {
    const erase = async (responseId: string) =>
      readReply(await handler(httpEvent('DELETE /responses/{response_id}', { path: { response_id: responseId } })));

    test.each(['response-1', `a/b?c#d%20&e=f`, `x' or '1'='1`, `x'; delete from responses; --`, '%', 'שלום 🏠'])(
      'erases only the response %j, and is idempotent',
      async (id) => {
        await save(incoming({ response_id: id }), incoming({ response_id: 'another' }));

        for (let times = 0; times < 2; times += 1)
          expect(await erase(id)).toEqual({ status: 204, headers: {}, body: null });

        for (const reply of [await read('', id), await read('/revisions', id)]) {
          expect(reply).toMatchObject({
            status: 410,
            headers: { 'content-type': 'application/problem+json' },
            body: { type: 'urn:collect:problem:erased' },
          });
        }
        expect(await read('', 'another')).toMatchObject({ status: 200, body: { revision: 1 } });
      },
    );

    describe('with files', () => {
      const own = hashOf('response-1');
      beforeEach(async () => {
        await save(incoming({ response_id: 'response-1' }));
        for (const key of [`responses/${own}/files/a`, `uploads/${own}/b/c`, `responses/${hashOf('other')}/files/a`]) {
          await files.put(key, '{}');
        }
      });

      test('removes them and no others, and leaves a marker, so that the sweep removes them again', async () => {
        expect(await erase('response-1')).toMatchObject({ status: 204 });

        expect(files.keys()).toEqual([`responses/${hashOf('other')}/files/a`]);
        expect(triggered).toBe(1);
        expect(store.keys()).toEqual([`owed/erasure/${own}`]);
        expect(store.read(`owed/erasure/${own}`)).toEqual({ response_id: 'response-1' });
      });

      test('erases nothing without a marker', async () => {
        store.failing = () => true;

        expect(await erase('response-1')).toMatchObject({ status: 503 });

        expect(proxy.calls.map(({ operation }) => operation)).not.toContain('eraseResponse');
        expect(files.keys()).toHaveLength(3);
      });

      test('is 503 if they cannot be removed; the answers are erased, and the next request removes the files', async () => {
        files.failing = (request) => request.startsWith('DELETE uploads/');
        expect(await erase('response-1')).toMatchObject({
          status: 503,
          body: { detail: expect.stringContaining('The answers are erased') as string },
        });
        expect(store.keys()).toEqual([`owed/erasure/${own}`]);

        files.failing = () => false;
        expect(await erase('response-1')).toMatchObject({ status: 204 });
        expect(files.keys(`uploads/${own}`)).toEqual([]);
      });

      test('keeps the files of an unknown response, which may come later', async () => {
        expect(await erase('other')).toMatchObject({ status: 404 });

        expect(files.keys()).toHaveLength(3);
      });
    });

    test('leaves a tombstone in the lists', async () => {
      await save(incoming({ response_id: 'response-1', response: { food: 9 } }), incoming());
      await erase('response-1');

      expect(await page({ status: 'erased' })).toMatchObject({
        items: [{ response_id: 'response-1', status: 'erased', revision: 2, flags: [], response: {} }],
      });
      expect(idsOf(await page())).toContain('response-1');
      expect(idsOf(await page({ status: 'accepted' }))).not.toContain('response-1');
    });

    test.each(['nobody', '', 'RESPONSE-1', ' response-1', 'response-_', 'a'.repeat(129)])(
      'is 404 when nothing is stored under %j',
      async (id) => {
        await save(incoming({ response_id: 'response-1' }));

        expect(await erase(id)).toMatchObject({ status: 404, body: { type: 'urn:collect:problem:not-found' } });
        expect(await read('', 'response-1')).toMatchObject({ status: 200 });
      },
    );
  });

  test('an unreachable proxy is 503, and the log has no more of a response than its id', async () => {
    proxy.failWith = 'DATABASE_UNAVAILABLE';

    const replies = [
      await list({ user_id: 'Secret' }),
      await read('', 'household-17'),
      await read('/revisions', 'household-17'),
    ];

    for (const reply of replies) {
      expect(reply).toMatchObject({
        status: 503,
        headers: { 'retry-after': '10' },
        body: { request_id: 'request-1' },
      });
    }
    expect(logger.lines).toHaveLength(3);
    expect(logger.text).not.toContain('Secret');
    expect(logger.text.match(/"response_id":"household-17"/g)).toHaveLength(2);
  });

  async function savedAt(responseId: string | undefined, time: string): Promise<void> {
    await proxy.database.db
      .updateTable('responses')
      .set({ updated_at: time })
      .where('response_id', '=', responseId ?? '')
      .execute();
  }
});

describe.each(databaseKinds)('an invalid request, on %s', (kind) => {
  let proxy: InProcessProxy;
  let handler: ReturnType<typeof createHandler>;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    const stores = { files: new MemoryStore(), store: new MemoryStore() };
    const triggerPublish = () => Promise.resolve();
    handler = createHandler({ dbProxy: proxy, ...stores, logger: new RecordingLogger(), triggerPublish });
    await proxy.call('saveResponses', { responses: [incoming({ response_id: 'response-1' })] });
  });
  beforeEach(() => {
    proxy.calls.length = 0;
  });
  afterAll(() => proxy.stop());

  const list = async (query: Record<string, string> = {}) =>
    readReply(await handler(httpEvent('GET /responses', { query })));

  const read = async (route: string, responseId: string) =>
    readReply(await handler(httpEvent(`GET /responses/{response_id}${route}`, { path: { response_id: responseId } })));

  const cursor = encodeCursor({ id: 1 });
  test.each([
    [{ limit: '0' }, '/limit'],
    [{ limit: '101' }, '/limit'],
    [{ limit: 'x' }, '/limit'],
    [{ limit: '' }, '/limit'],
    [{ limit: '1.5' }, '/limit'],
    [{ limit: '-1' }, '/limit'],
    [{ limit: ' 5' }, '/limit'],
    [{ limit: '1e1' }, '/limit'],
    [{ limit: '10,20' }, '/limit'],
    [{ status: 'pending' }, '/status'],
    [{ status: '' }, '/status'],
    [{ status: 'accepted,flagged' }, '/status'],
    [{ user_id: '' }, '/user_id'],
    [{ user_id: 'a '.repeat(1) }, '/user_id'],
    [{ user_id: 'a'.repeat(129) }, '/user_id'],
    [{ form_id: 'No-Form' }, '/form_id'],
    [{ form_id: `x' or '1'='1` }, '/form_id'],
    [{ updated_since: 'yesterday' }, '/updated_since'],
    [{ updated_since: '2026-09-01' }, '/updated_since'],
    [{ updated_since: '2026-09-01T06:00:00' }, '/updated_since'],
    [{ updated_since: '2026-09-01T06:00:00 03:00' }, '/updated_since'],
    [{ cursor: '' }, '/cursor'],
    [{ cursor: '5' }, '/cursor'],
    [{ cursor: 'not base64!' }, '/cursor'],
    [{ cursor: cursor.slice(0, -3) }, '/cursor'],
    [{ cursor: encodeCursor('text') }, '/cursor'],
    [{ cursor: encodeCursor(null) }, '/cursor'],
    [{ cursor: encodeCursor([1]) }, '/cursor'],
    [{ cursor: encodeCursor({}) }, '/cursor'],
    [{ cursor: encodeCursor({ id: '1' }) }, '/cursor'],
    [{ cursor: encodeCursor({ id: -1 }) }, '/cursor'],
    [{ cursor: encodeCursor({ id: 1.5 }) }, '/cursor'],
    [{ cursor: encodeCursor({ id: 1, updated_at: `' or 1=1 --` }) }, '/cursor'],
    [{ cursor: encodeCursor({ revision: 3 }) }, '/cursor'],
    [{ page: '2' }, '/page'],
    [{ Status: 'flagged' }, '/Status'],
    [JSON.parse('{"__proto__": "x"}') as Record<string, string>, '/__proto__'],
    [{ constructor: 'x' }, '/constructor'],
    [{ 'a/b~c': 'x' }, '/a~1b~0c'],
  ])('is 422 with the parameters %j', async (query, pointer) => {
    const reply = await list(query);

    expect(reply).toMatchObject({
      status: 422,
      headers: { 'content-type': 'application/problem+json' },
      body: { type: 'urn:collect:problem:invalid-parameter', status: 422 },
    });
    expect(Reflect.get(Object(reply.body), 'errors')).toEqual([{ pointer, detail: expect.stringMatching(/\w+\.$/) }]);
    expect(proxy.calls).toEqual([]);
  });

  test('is 422 with all invalid parameters', async () => {
    const reply = await list({ limit: '0', status: 'x', page: '2', cursor: 'x' });

    const errors: unknown = Reflect.get(Object(reply.body), 'errors');
    const pointers = (errors as { pointer: string }[]).map((error) => error.pointer);
    expect(pointers.toSorted()).toEqual(['/cursor', '/limit', '/page', '/status']);
  });

  test.each(['nobody', '', 'response', 'RESPONSE-1', 'response-1 ', ' response-1', 'response-_', '%', 'a'.repeat(129)])(
    'is 404 for the unknown id %j, with and without /revisions',
    async (id) => {
      for (const reply of [await read('', id), await read('/revisions', id)]) {
        expect(reply).toEqual({
          status: 404,
          headers: { 'content-type': 'application/problem+json' },
          body: {
            type: 'urn:collect:problem:not-found',
            title: expect.any(String),
            status: 404,
            detail: 'No response is stored under this id.',
          },
        });
      }
    },
  );
});

/** The new values of a later revision. */
function newer({ response_id }: IncomingResponse) {
  const { last_modified, last_modified_time, content_hash } = incoming({ response_id, at: '2026-09-02T00:00:00Z' });
  return { last_modified, last_modified_time, content_hash };
}

function timeOf(index: number) {
  const { last_modified, last_modified_time, content_hash } = incoming({ at: `2026-09-01T06:0${index}:00Z` });
  return { last_modified, last_modified_time, content_hash };
}
