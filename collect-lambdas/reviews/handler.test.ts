import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEvent, readReply, type HttpRequest } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { RecordingQueue } from '../../tests/support/recording-queue.ts';
import { incoming } from '../../tests/support/responses.ts';
import type { CallerContext } from '../shared/access.ts';
import { reviewMessage } from '../shared/write-message.ts';
import { createHandler } from './routes.ts';

const FLAG = { rule: 'Rule1', message: 'Ask again.', questions: ['food'], values: {} };
const MANAGER = '0190d2f0-5d7a-7c3e-9a53-2f1d4b6c8e01';
const OTHER_MANAGER = '0190d2f0-5d7a-7c3e-9a53-2f1d4b6c8e02';
const COLLECTOR: CallerContext = { role: 'collector', user_id: 'collector-1' };
const problem = (kind: string) => ({ type: `urn:collect:problem:${kind}` });

describe.each(databaseKinds)('The reviews function on %s', (kind) => {
  let proxy: InProcessProxy;
  let logger: RecordingLogger;
  let queue: RecordingQueue;
  let handler: ReturnType<typeof createHandler>;
  let triggered: number;
  let responseId: string;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(async () => {
    proxy.failWith = undefined;
    logger = new RecordingLogger();
    queue = new RecordingQueue();
    triggered = 0;
    const triggerPublish = () => Promise.resolve(void (triggered += 1));
    handler = createHandler({ dbProxy: proxy, enqueue: queue.send, triggerPublish, logger, now: Date.now });
    const response = incoming({ status: 'flagged', flags: [FLAG] });
    responseId = response.response_id;
    await proxy.call('saveResponses', { responses: [response] });
  });
  afterAll(() => proxy.stop());

  const call = async (route: string, request: HttpRequest = {}) =>
    readReply(
      await handler(
        httpEvent(route, {
          path: { response_id: responseId },
          caller: { role: 'manager', token_id: MANAGER },
          ...request,
        }),
      ),
    );
  const review = (body: unknown, key?: string, request: HttpRequest = {}) =>
    call('POST /responses/{response_id}/reviews', {
      body,
      ...(key !== undefined && { headers: { 'idempotency-key': key } }),
      ...request,
    });
  const assign = (body: unknown) => call('POST /responses/{response_id}/assign', { body });
  const list = (request: HttpRequest = {}) => call('GET /responses/{response_id}/reviews', request);
  const RETURN = { action: 'return', text: 'Ask again.', revision: 1 };
  async function correct() {
    const response = incoming({ response_id: responseId, at: '2026-09-02T00:00:00Z' });
    await proxy.call('saveResponses', { responses: [response] });
  }

  /** Saves the reviews of the queue's messages, as the write function does. */
  async function drain() {
    for (const { body } of queue.messages.splice(0)) {
      const { input } = reviewMessage.parse(JSON.parse(body));
      await proxy.call('saveReviews', input);
    }
  }

  test('saves a review, replies with the status after it, and triggers the publisher', async () => {
    expect(await review(RETURN)).toMatchObject({
      status: 201,
      body: { response_id: responseId, ...RETURN, status: 'returned', author: MANAGER, assignee: null, applied: true },
    });
    expect(triggered).toBe(1);
  });

  test('carries out a request with the same Idempotency-Key once, with the same reply', async () => {
    const first = await review(RETURN, 'key-1');
    await correct();

    expect(await review(RETURN, 'key-1')).toEqual({ ...first, status: 200 });
    expect(await review({ ...RETURN, text: 'Other.' }, 'key-1')).toMatchObject({
      status: 409,
      body: problem('key-reused'),
    });
    expect((await list()).body).toMatchObject({ items: [{ text: 'Ask again.' }], next_cursor: null });
  });

  test('keeps the keys of two managers apart', async () => {
    const caller = { role: 'manager', token_id: OTHER_MANAGER } as const;
    await review({ action: 'comment', text: 'One.' }, 'key-2');

    expect(await review({ action: 'comment', text: 'Two.' }, 'key-2', { caller })).toMatchObject({ status: 201 });
  });

  test('refuses a review of another revision than the stored one, and names both', async () => {
    await correct();

    expect(await review(RETURN)).toMatchObject({
      status: 409,
      body: { ...problem('other-revision'), revision: 1, current: { revision: 2, status: 'accepted' } },
    });
  });

  test.each([
    [{ action: 'approve' }, '/revision'],
    [{ action: 'return', revision: 1 }, '/text'],
    [{ action: 'comment' }, '/text'],
    [{ action: 'comment', text: '   ' }, '/text'],
    [{ action: 'comment', text: 'a'.repeat(2_001) }, '/text'],
    [{ action: 'approve', revision: 0 }, '/revision'],
    [{ action: 'assign', revision: 1 }, '/action'],
    [{ action: 'comment', text: 'a', note: 'b' }, '/note'],
  ])('refuses %j and names the member', async (body, pointer) => {
    expect(await review(body)).toMatchObject({
      status: 422,
      body: { ...problem('invalid-body'), errors: [{ pointer }] },
    });
  });

  test('refuses an Idempotency-Key with a space', async () => {
    expect(await review(RETURN, 'a b')).toMatchObject({
      status: 422,
      body: { ...problem('invalid-parameter'), errors: [{ pointer: '/Idempotency-Key' }] },
    });
  });

  test('lets a collector comment on their own response, and do nothing else', async () => {
    const comment = { action: 'comment', text: 'They share the food.' };
    expect(await review(comment, 'c', { caller: COLLECTOR })).toMatchObject({ status: 201 });
    expect(await review(RETURN, undefined, { caller: COLLECTOR })).toMatchObject({
      status: 403,
      body: problem('forbidden'),
    });
    const other = { caller: { role: 'collector', user_id: 'collector-2' } } as const;
    expect(await review(comment, undefined, other)).toMatchObject({ status: 403, body: problem('not-yours') });
    expect(await list(other)).toMatchObject({ status: 403 });
    expect(await list({ caller: COLLECTOR })).toMatchObject({ status: 200, body: { items: [comment] } });
  });

  test('replies 404 for an unknown response, 410 for an erased one, 409 for a test', async () => {
    const test = incoming({ form_id: 'wells.draft' });
    await proxy.call('saveResponses', { responses: [test] });
    const at = (response_id: string) => review(RETURN, undefined, { path: { response_id } });

    expect(await at('unknown')).toMatchObject({ status: 404 });
    expect(await at(' ')).toMatchObject({ status: 404 });
    expect(await at(test.response_id)).toMatchObject({ status: 409, body: problem('test-response') });
    await proxy.call('eraseResponse', { response_id: responseId });
    expect(await at(responseId)).toMatchObject({ status: 410, body: problem('erased') });
    expect(await list()).toMatchObject({ status: 410 });
  });

  test('lists reviews in pages', async () => {
    for (const text of ['1', '2', '3']) await review({ action: 'comment', text });
    const first = (await list({ query: { limit: '2' } })).body;
    expect(first).toMatchObject({ items: [{ text: '1' }, { text: '2' }] });
    const cursor = String(Reflect.get(Object(first), 'next_cursor'));
    expect((await list({ query: { limit: '2', cursor } })).body).toMatchObject({
      items: [{ text: '3' }],
      next_cursor: null,
    });
  });

  test('assigns a response, whose worklist entry moves to the new collector', async () => {
    expect(await assign({ user_id: 'collector-9', revision: 1 })).toMatchObject({
      status: 201,
      body: { action: 'assign', assignee: 'collector-9', status: 'flagged', revision: 1 },
    });
    const caller = { role: 'collector', user_id: 'collector-9' } as const;
    expect((await call('GET /worklist', { caller })).body).toMatchObject({
      items: [{ response_id: responseId, user_id: 'collector-9', reviews: [{ action: 'assign' }] }],
    });
    expect(await assign({ user_id: 'collector-2', revision: 7 })).toMatchObject({
      status: 409,
      body: problem('other-revision'),
    });
    expect(await assign({ user_id: ' ' })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/user_id' }] } });
  });

  test('shows a collector only their own worklist', async () => {
    expect(await call('GET /worklist', { caller: COLLECTOR, query: { user_id: 'collector-2' } })).toMatchObject({
      status: 403,
      body: { ...problem('not-yours'), errors: [{ pointer: '/user_id' }] },
    });
  });

  describe('while the database is unavailable', () => {
    const MESSAGE = /"operation":"saveReviews"/;

    test('queues a review, which the write function saves with the time at which it was sent', async () => {
      proxy.failWith = 'DATABASE_UNAVAILABLE';
      const reply = await review(RETURN, 'outage-1');
      expect(reply).toMatchObject({
        status: 202,
        body: { response_id: responseId, action: 'return', status: 'queued' },
      });
      expect(queue.messages).toEqual([{ body: expect.stringMatching(MESSAGE), attributes: {} }]);

      proxy.failWith = undefined;
      await drain();
      expect((await list()).body).toMatchObject({ items: [{ action: 'return', applied: true, author: MANAGER }] });
      expect(await review(RETURN, 'outage-1')).toMatchObject({ status: 200, body: { status: 'returned' } });
      expect(logger.text).not.toContain('Ask again');
    });

    test('a review that is stale when it is saved is listed as not applied', async () => {
      proxy.failWith = 'PROXY_UNREACHABLE';
      await review({ action: 'approve', revision: 1 }, 'outage-2');
      proxy.failWith = undefined;
      await correct();
      await drain();

      expect((await list()).body).toMatchObject({ items: [{ action: 'approve', applied: false, status: 'accepted' }] });
      expect(await review({ action: 'approve', revision: 1 }, 'outage-2')).toMatchObject({
        status: 409,
        body: { ...problem('other-revision'), current: { revision: 2 } },
      });
    });

    test('acknowledges nothing if the queue refuses the review too', async () => {
      proxy.failWith = 'DATABASE_UNAVAILABLE';
      queue.refuses = true;

      expect(await review(RETURN)).toMatchObject({ status: 503, body: problem('unavailable') });
    });
  });
});
