import { databaseKinds } from '../../tests/support/databases.ts';
import { readDefinition } from '../../tests/support/form-samples.ts';
import { httpEvent, readReply, type HttpRequest } from '../../tests/support/http-event.ts';
import { InProcessProxy, LAMBDA_PAYLOAD_BYTES } from '../../tests/support/in-process-proxy.ts';
import { RecordingQueue } from '../../tests/support/recording-queue.ts';
import { emptySnapshot } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { BREAKS_RULE1, FOOD, household, INCOME, SAVINGS } from '../../tests/support/responses.ts';
import { longTest } from '../../tests/support/thorough.ts';
import type { DbProxy } from '../shared/db-proxy-client.ts';
import { createFormStore } from '../shared/form-store.ts';
import { writeMessage } from '../shared/write-message.ts';
import type { BatchReply } from './batch.ts';
import { createHandler } from './routes.ts';

const NDJSON = 'application/x-ndjson';
const NOW = Date.parse('2026-10-15T12:00:00Z');

const triggerPublish = () => Promise.resolve();

describe.each(databaseKinds)('POST /collect/batch on %s', (kind) => {
  let proxy: InProcessProxy;
  let handler: ReturnType<typeof createHandler>;
  let queue: RecordingQueue;
  /** How many more saves succeed before the proxy becomes unreachable. */
  let savesLeft: number;
  let clock: () => number;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    const logger = new RecordingLogger();
    const dbProxy: DbProxy = {
      call: (operation, input) => {
        if (operation === 'saveResponses' && savesLeft === 0) proxy.failWith = 'PROXY_UNREACHABLE';
        if (operation === 'saveResponses') savesLeft -= 1;
        return proxy.call(operation, input);
      },
    };
    handler = createHandler({
      dbProxy,
      forms: createFormStore(proxy, emptySnapshot(), logger),
      logger,
      enqueue: (body, attributes) => queue.send(body, attributes),
      now: () => clock(),
      triggerPublish,
    });
  });
  beforeEach(() => {
    proxy.failWith = undefined;
    proxy.calls.length = 0;
    queue = new RecordingQueue();
    savesLeft = Infinity;
    clock = () => NOW;
  });
  afterAll(() => proxy.stop());

  async function post(body: unknown, request: Omit<HttpRequest, 'body'> = {}) {
    return readReply(await handler(httpEvent('POST /collect/batch', { body, ...request })));
  }

  /** Posts a batch that must be accepted. */
  async function batch(body: unknown, request: Omit<HttpRequest, 'body'> = {}): Promise<BatchReply> {
    const reply = await post(body, request);
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    return reply.body as BatchReply;
  }

  const savesOf = () => proxy.calls.filter(({ operation }) => operation === 'saveResponses');

  async function stored(response: Record<string, unknown>) {
    const input = { response_id: String(response['response_id']), after_revision: 0 };
    const { items } = await proxy.call('listRevisions', input);
    return items;
  }

  const households = (count: number, changes: Record<string, unknown> = {}) =>
    Array.from({ length: count }, () => household(changes));

  const ndjson = (responses: readonly unknown[]) => responses.map((each) => JSON.stringify(each)).join('\n');

  test('rejects only the erased item', async () => {
    const erased = household();
    await batch([erased]);
    await proxy.call('eraseResponse', { response_id: String(erased['response_id']) });

    const reply = await batch([household(), { ...erased, last_modified_time: '2026-10-01T00:00:00Z' }]);

    expect(reply).toMatchObject({
      results: [
        { status: 'accepted' },
        { index: 1, response_id: erased['response_id'], status: 'rejected', problem: { status: 410 } },
      ],
      summary: { accepted: 1, flagged: 0, unchanged: 0, rejected: 1 },
    });
  });

  test('returns the result of every response, in order, with a summary, after one call of the proxy', async () => {
    const [accepted, flagged, known, corrected] = [household(), household(BREAKS_RULE1), household(), household()];
    await batch([known, corrected]);
    proxy.calls.length = 0;
    const bad = household({ [INCOME]: '12,5', age: 131 });
    const stale = { ...corrected, last_modified_time: '2026-09-01T05:00:00Z' };
    const correction = { ...corrected, ...BREAKS_RULE1, last_modified_time: '2026-09-01T07:00:00Z' };

    const reply = await batch([accepted, bad, flagged, known, stale, correction]);

    const flag = expect.objectContaining({ rule: 'Rule1' }) as unknown;
    expect(reply).toEqual({
      results: [
        { response_id: accepted['response_id'], status: 'accepted', revision: 1, flags: [] },
        {
          index: 1,
          response_id: bad['response_id'],
          status: 'rejected',
          problem: {
            type: 'urn:collect:problem:invalid-response',
            title: expect.any(String),
            status: 422,
            errors: [
              { pointer: '/age', detail: expect.any(String) },
              { pointer: `/${INCOME}`, detail: expect.any(String) },
            ],
          },
        },
        { response_id: flagged['response_id'], status: 'flagged', revision: 1, flags: [flag], response: flagged },
        { response_id: known['response_id'], status: 'accepted', revision: 1, flags: [] },
        {
          index: 4,
          response_id: corrected['response_id'],
          status: 'rejected',
          problem: {
            type: 'urn:collect:problem:older-revision',
            title: expect.any(String),
            status: 409,
            detail: expect.any(String),
            current: { revision: 1, last_modified_time: '2026-09-01T06:00:00Z', status: 'accepted' },
          },
        },
        { response_id: corrected['response_id'], status: 'flagged', revision: 2, flags: [flag], response: correction },
      ],
      summary: { accepted: 1, flagged: 2, unchanged: 1, rejected: 2 },
    });
    expect(savesOf()).toHaveLength(1);
    expect(await stored(accepted)).toMatchObject([{ status: 'accepted' }]);
    expect(await stored(bad)).toEqual([]);
  });

  test('changes nothing when it is sent again', async () => {
    const responses = [...households(3), ...households(2, BREAKS_RULE1)];
    const first = await batch(responses);

    const again = await batch(responses);

    expect(first.summary).toEqual({ accepted: 3, flagged: 2, unchanged: 0, rejected: 0 });
    expect(again).toEqual({
      results: first.results,
      summary: { accepted: 0, flagged: 0, unchanged: 5, rejected: 0 },
    });
  });

  test('saves the responses checked before time runs out, and asks to send the others again', async () => {
    const [first, second, third] = [household(), household(), household()];
    let looks = 0;
    // Ten seconds pass while the second response is checked.
    clock = () => NOW + ((looks += 1) > 5 ? 10_000 : 0);

    const reply = await batch([first, second, third, household({ age: 131 })]);

    const late = { status: 'rejected', problem: { type: 'urn:collect:problem:not-processed', status: 503 } };
    expect(reply).toMatchObject({
      results: [
        { status: 'accepted' },
        { status: 'accepted' },
        { index: 2, response_id: third['response_id'], ...late },
        { index: 3, ...late },
      ],
      summary: { accepted: 2, flagged: 0, unchanged: 0, rejected: 2 },
    });
    expect(await Promise.all([second, third].map(stored))).toMatchObject([{ length: 1 }, { length: 0 }]);
    clock = () => NOW;
    expect((await batch([first, second, third])).summary).toMatchObject({ accepted: 1, unchanged: 2 });
  });

  test('rejects only the item whose last_modified_time is in the future', async () => {
    const [good, ahead] = [household(), household({ last_modified_time: '2030-01-01T00:00:00Z' })];

    const reply = await batch([good, ahead]);

    expect(reply.results).toMatchObject([
      { status: 'accepted' },
      { index: 1, status: 'rejected', problem: { status: 422, errors: [{ pointer: '/last_modified_time' }] } },
    ]);
  });

  test('accepts NDJSON with blank lines and CRLF, and rejects only the line that is not JSON', async () => {
    const [first, second] = [household(), household({ name: 'Zoë 🏠' })];
    const text = `\r\n${JSON.stringify(first)}\r\n{"response_id":\r\n\n  ${JSON.stringify(second)}  \n`;

    const reply = await batch(text, { contentType: NDJSON });

    expect(reply).toMatchObject({
      results: [
        { response_id: first['response_id'], status: 'accepted' },
        { index: 1, status: 'rejected', problem: { type: 'urn:collect:problem:not-json', errors: [{ pointer: '' }] } },
        { response_id: second['response_id'], status: 'accepted' },
      ],
      summary: { accepted: 2, flagged: 0, unchanged: 0, rejected: 1 },
    });
    expect(await stored(second)).toMatchObject([{ response: { name: 'Zoë 🏠' } }]);
  });

  test('accepts base64 from API Gateway', async () => {
    const responses = households(3, { name: 'שלום 🏠' });

    const replies = [
      await batch(ndjson(responses), { contentType: `${NDJSON}; charset=utf-8`, base64: true }),
      await batch(responses, { base64: true }),
    ];

    expect(replies.map(({ summary }) => summary)).toEqual([
      { accepted: 3, flagged: 0, unchanged: 0, rejected: 0 },
      { accepted: 0, flagged: 0, unchanged: 3, rejected: 0 },
    ]);
  });

  test('saves several revisions of a response with the same result as separate posts', async () => {
    const first = household(BREAKS_RULE1);
    const corrected = { ...first, [FOOD]: 300, last_modified_time: '2026-09-01T07:00:00Z' };
    const conflicting = { ...corrected, name: 'Somebody else' };
    const steps = [first, first, corrected, first, conflicting, corrected];
    const alone = steps.map((step) => ({ ...step, response_id: `${String(first['response_id'])}-alone` }));

    const together = await batch(steps);
    const one: unknown[] = [];
    for (const step of alone) {
      const event = httpEvent('POST /collect', { body: step });
      one.push(readReply(await handler(event)));
    }

    expect(together.summary).toEqual({ accepted: 1, flagged: 1, unchanged: 2, rejected: 2 });
    expect(together.results).toMatchObject([
      { status: 'flagged', revision: 1 },
      { status: 'flagged', revision: 1 },
      { status: 'accepted', revision: 2 },
      { index: 3, status: 'rejected', problem: { status: 409, current: { revision: 2 } } },
      { index: 4, status: 'rejected', problem: { status: 409, current: { revision: 2 } } },
      { status: 'accepted', revision: 2 },
    ]);
    expect(one).toMatchObject([
      { status: 201, body: { status: 'flagged', revision: 1 } },
      { status: 200, body: { status: 'flagged', revision: 1 } },
      { status: 200, body: { status: 'accepted', revision: 2 } },
      { status: 409, body: { current: { revision: 2 } } },
      { status: 409, body: { current: { revision: 2 } } },
      { status: 200, body: { status: 'accepted', revision: 2 } },
    ]);
    expect(savesOf()[0]).toMatchObject({ input: { responses: { length: 6 } } });
    expect(await stored(first)).toMatchObject([{ response: first }, { response: corrected }]);
  });

  test.each([
    ['null', null],
    ['a number', 1e5],
    ['text', 'response'],
    ['a list', []],
    ['an empty object', {}],
    ['an object whose id is not text', { response_id: 5 }],
    ['an object whose id is too long', { response_id: 'a'.repeat(129) }],
  ])('rejects an item that is %s, without a response_id, and saves the others', async (_what, item) => {
    const [before, after] = households(2);

    const reply = await batch([before, item, after]);

    expect(reply.summary).toEqual({ accepted: 2, flagged: 0, unchanged: 0, rejected: 1 });
    expect(reply.results[1]).toMatchObject({ index: 1, status: 'rejected', problem: { status: 422 } });
    expect(reply.results[1]).not.toHaveProperty('response_id');
  });

  test('rejects prototype keys as unknown keys', async () => {
    const text = `[{"__proto__": {"response_id": "other"}, ${JSON.stringify(household()).slice(1)}]`;

    const reply = await batch(text);

    expect(reply.results).toMatchObject([{ status: 'rejected', problem: { errors: [{ pointer: '/__proto__' }] } }]);
  });

  test('does not call the proxy when there is nothing to save', async () => {
    const empty = { results: [], summary: { accepted: 0, flagged: 0, unchanged: 0, rejected: 0 } };

    expect(await batch([])).toEqual(empty);
    expect(await batch('\n', { contentType: NDJSON })).toEqual(empty);
    expect(await batch([{}, {}])).toMatchObject({ summary: { rejected: 2 } });
    expect(savesOf()).toEqual([]);
  });

  test.each([
    ['400', 'not JSON', '[{]', 400, 'not-json'],
    ['400', 'empty', '', 400, 'not-json'],
    ['422', 'a response instead of an array', household(), 422, 'invalid-response'],
    ['422', 'null', 'null', 422, 'invalid-response'],
  ])('replies %s to a body that is %s', async (_status, _what, body, status, kindOfProblem) => {
    expect(await post(body)).toMatchObject({ status, body: { type: `urn:collect:problem:${kindOfProblem}` } });
  });

  test.each(['text/csv', 'application/ndjson', ''])('replies 415 to the content type %j', async (contentType) => {
    expect(await post([household()], { contentType })).toMatchObject({
      status: 415,
      body: { detail: 'Send application/json or application/x-ndjson, in UTF-8.' },
    });
  });

  test.each(['application/json', NDJSON])(
    'saves 1,000 responses as %s with one call, and refuses 1,001',
    async (type) => {
      const responses = households(1_001);
      const write = (list: unknown[]) => (type === NDJSON ? ndjson(list) : JSON.stringify(list));

      const taken = await batch(write(responses.slice(0, 1_000)), { contentType: type });
      const saves = savesOf().length;
      const refused = await post(write(responses), { contentType: type });

      expect(taken.summary).toEqual({ accepted: 1_000, flagged: 0, unchanged: 0, rejected: 0 });
      expect(taken.results.map((each) => each.response_id)).toEqual(
        responses.slice(0, 1_000).map((each) => each['response_id']),
      );
      expect(saves).toBe(1);
      expect(refused).toMatchObject({ status: 413, body: { type: 'urn:collect:problem:too-large' } });
      expect(savesOf()).toHaveLength(1);
    },
  );

  test.each([false, true])('accepts 5,000,000 bytes, and replies 413 to one byte more (base64: %s)', async (base64) => {
    const fits = JSON.stringify(households(2)).padEnd(5_000_000);

    expect(await batch(fits, { base64 })).toMatchObject({ summary: { accepted: 2 } });
    expect(await post(`${fits} `, { base64 })).toMatchObject({ status: 413 });
  });

  describe('while the proxy is unavailable', () => {
    const queued = () =>
      queue.messages.flatMap(({ body }) =>
        writeMessage.parse(JSON.parse(body)).input.responses.map((each) => each.response),
      );

    beforeEach(async () => {
      await batch([]);
      savesLeft = 0;
    });

    test('queues valid responses, returns their flags, and rejects the others', async () => {
      const [accepted, flagged, bad] = [household(), household(BREAKS_RULE1), household({ age: 131 })];

      const reply = await post([accepted, bad, flagged]);

      expect(reply).toMatchObject({ status: 202, headers: { 'content-type': 'application/json' } });
      expect(reply.body).toEqual({
        results: [
          { response_id: accepted['response_id'], status: 'queued', flags: [] },
          { index: 1, response_id: bad['response_id'], status: 'rejected', problem: expect.anything() },
          {
            response_id: flagged['response_id'],
            status: 'queued',
            flags: [expect.objectContaining({ rule: 'Rule1' })],
            response: flagged,
          },
        ],
        summary: { accepted: 0, flagged: 0, unchanged: 0, queued: 2, rejected: 1 },
      });
      expect(queued()).toEqual([accepted, flagged]);
    });

    test('replies 503 if the queue fails too, and saves the batch when it is sent again', async () => {
      const responses = households(2);
      queue.refuses = true;

      const failed = await post(responses);
      proxy.failWith = undefined;
      savesLeft = Infinity;

      expect(failed).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
      expect((await batch(responses)).summary).toMatchObject({ accepted: 2 });
    });

    test('replies 200 if there is nothing to save', async () => {
      expect(await post([{}])).toMatchObject({ status: 200, body: { summary: { rejected: 1 } } });
    });

    test('queues a batch of maximum size, in order, in messages within the limit of SQS', async () => {
      const text = largestBatch();

      const reply = await post(text);

      expect(reply).toMatchObject({ status: 202, body: { summary: { queued: 1_000 } } });
      expect(Math.max(...queue.messages.map(({ body }) => Buffer.byteLength(body)))).toBeLessThan(1_000_000);
      expect(queued()).toEqual(JSON.parse(text));
    });

    test('queues only the responses of the failed call if saving the batch takes two calls', async () => {
      savesLeft = 1;

      const reply = await post(largestBatch());

      const { results, summary } = reply.body as BatchReply;
      const waiting = queued().length;
      expect(reply.status).toBe(202);
      expect(summary.flagged + waiting).toBe(1_000);
      expect(summary.queued).toBe(waiting);
      expect(results.map(({ status }) => status)).toEqual([
        ...Array.from({ length: summary.flagged }, () => 'flagged'),
        ...Array.from({ length: waiting }, () => 'queued'),
      ]);
    });
  });

  /** 1,000 flagged responses of nearly 5,000,000 bytes: each answer has its maximum length. */
  function largestBatch(): string {
    const text = '🏠'.repeat(200);
    const short = '🏠'.repeat(50);
    const long = { name: text, email: text, location: text, username: text, mobile_number: short, gender: short };
    const ids = { user_id: short, response_family_id: '🏠'.repeat(128) };
    return JSON.stringify(households(1_000, { ...BREAKS_RULE1, [SAVINGS]: 5000, ...long, ...ids }));
  }

  test("saves a batch of maximum size, all flagged, with a reply within Lambda's limit", async () => {
    const text = largestBatch();
    expect(Buffer.byteLength(text)).toBeGreaterThan(4_900_000);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(5_000_000);

    const first = await batch(text);
    const calls = savesOf().length;
    const again = await batch(text);

    expect(calls).toBe(2);
    expect(first.summary).toEqual({ accepted: 0, flagged: 1_000, unchanged: 0, rejected: 0 });
    expect(again.summary).toEqual({ accepted: 0, flagged: 0, unchanged: 1_000, rejected: 0 });
    expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThan(LAMBDA_PAYLOAD_BYTES);
    expect(first.results[999]).toMatchObject({ status: 'flagged', flags: [{ rule: 'Rule1' }, { rule: 'Rule2' }] });
  });

  test.each([
    ['many faults', Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`${index}`.padStart(50, '~'), 0]))],
    ['a key that is thousands of characters long', { ['~'.repeat(4_800)]: 0 }],
  ])("rejects 1,000 responses with %s each, with a reply within Lambda's limit", async (_what, faults) => {
    const text = JSON.stringify(
      Array.from({ length: 1_000 }, (_, index) => ({ response_id: `bad-${index}`, ...faults })),
    );
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(5_000_000);

    const reply = await batch(text);

    expect(reply.summary.rejected).toBe(1_000);
    expect(Buffer.byteLength(JSON.stringify(reply))).toBeLessThan(LAMBDA_PAYLOAD_BYTES);
    expect(reply.results[999]).toMatchObject({
      index: 999,
      response_id: 'bad-999',
      status: 'rejected',
      problem: { status: 422, detail: expect.stringContaining('alone') },
    });
  });

  test('lists every fault of a response if the reply has room', async () => {
    const reply = await batch([{}]);

    expect(reply.results[0]).toMatchObject({ problem: { errors: { length: Object.keys(household()).length } } });
  });
});

describe('a batch for a form with many rules', () => {
  const RULES = 8;
  const CHAPTERS = Array.from({ length: 52 }, (_, index) => `chapter_${index}`);
  let proxy: InProcessProxy;
  let queue: RecordingQueue;
  let handler: ReturnType<typeof createHandler>;
  beforeAll(async () => {
    proxy = await InProcessProxy.start('sqlite');
    const rule = (index: number) => ({
      name: `Rule ${index}`,
      message: 'Look at {story} again, please.',
      conditions: { fact: 'story', operator: 'notEqual', value: { fact: 'summary' } },
    });
    const question = { type: 'text', max_length: 5_000, multiline: false };
    const definition = {
      title: 'Stories',
      form_id: 'stories',
      questions: [
        ...['story', 'summary'].map((key) => ({ ...question, key, column: key, required: true })),
        ...CHAPTERS.map((key) => ({ ...question, key, column: key, required: false })),
      ],
      facts: [],
      rules: Array.from({ length: RULES }, (_, index) => rule(index)),
    };
    await proxy.call('putForm', { form_id: 'stories', definition });
    const logger = new RecordingLogger();
    queue = new RecordingQueue();
    const forms = createFormStore(proxy, emptySnapshot(), logger);
    handler = createHandler({ dbProxy: proxy, forms, logger, enqueue: queue.send, triggerPublish, now: () => NOW });
  });
  afterEach(() => {
    proxy.failWith = undefined;
  });
  afterAll(() => proxy.stop());

  const metadata = Object.fromEntries(Object.entries(household()).slice(0, 8));
  const story = (id: string, text: string) => ({ ...metadata, response_id: id, story: text, summary: text });

  async function post(responses: readonly unknown[], formId = 'stories') {
    const request = { body: responses, path: { form_id: formId } };
    const reply = readReply(await handler(httpEvent('POST /forms/{form_id}/responses/batch', request)));
    expect(Buffer.byteLength(JSON.stringify(reply.body))).toBeLessThan(LAMBDA_PAYLOAD_BYTES);
    return reply as { status: number; body: BatchReply };
  }

  longTest('returns shortened flags if the full flags exceed a reply, even when the batch is sent again', async () => {
    const responses = Array.from({ length: 1_000 }, (_, index) => story(`story-${index}`, 'ä'.repeat(300)));

    const first = await post(responses);
    const again = await post(responses);

    expect(first.body.summary).toEqual({ accepted: 0, flagged: 1_000, unchanged: 0, rejected: 0 });
    expect(again.body.summary).toEqual({ accepted: 0, flagged: 0, unchanged: 1_000, rejected: 0 });
    for (const { body } of [first, again]) {
      const [result] = body.results;
      expect(result).toMatchObject({ status: 'flagged', detail: expect.stringContaining('GET /responses/') });
      expect(result).not.toHaveProperty('response');
      expect(Reflect.get(Object(result), 'flags')).toHaveLength(RULES);
    }
    const { response } = await proxy.call('getResponse', { response_id: 'story-999' });
    expect(response?.flags).toMatchObject({ length: RULES, 0: { questions: ['story', 'summary'] } });
  });

  test('is queued while the proxy is unavailable, in messages within the limit of SQS', async () => {
    await post([story('before', 'ä')]);
    proxy.failWith = 'DATABASE_UNAVAILABLE';

    const reply = await post(Array.from({ length: 100 }, (_, index) => story(`queued-${index}`, 'ä'.repeat(5_000))));

    expect(reply).toMatchObject({ status: 202, body: { summary: { queued: 100 } } });
    expect(Math.max(...queue.messages.map(({ body }) => Buffer.byteLength(body)))).toBeLessThan(1_048_576);
  });

  test('is saved in several calls if calculations make it larger than a call', async () => {
    const copies = Array.from({ length: 4 }, (_, index) => ({
      name: `copy_${index}`,
      type: 'calculate',
      value: 'story',
    }));
    const questions = [{ name: 'story', type: 'text', max_length: 5_000 }, ...copies];
    const definition = { ...readDefinition({ form_id: 'copies', title: 'Copies', questions }) };
    await proxy.call('putForm', { form_id: 'copies', definition });
    const responses = Array.from({ length: 250 }, (_, index) => ({
      ...metadata,
      response_id: `copied-${index}`,
      story: 'a'.repeat(5_000),
    }));

    expect((await post(responses, 'copies')).body.summary).toMatchObject({ accepted: 250 });
  });

  test('rejects only the response that is too large', async () => {
    const long = Object.fromEntries(CHAPTERS.map((key) => [key, 'a'.repeat(5_000)]));

    const { body } = await post([story('short', 'a'), { ...story('long', 'a'), ...long }]);

    expect(body.results).toMatchObject([
      { status: 'flagged' },
      { response_id: 'long', status: 'rejected', problem: { status: 413 } },
    ]);
  });
});
