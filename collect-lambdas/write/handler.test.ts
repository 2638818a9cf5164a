import type { SQSEvent } from 'aws-lambda';
import saveEvent from '../../events/write/save.json' with { type: 'json' };
import invalidEvent from '../../events/write/invalid.json' with { type: 'json' };
import type { IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { RecordingQueue } from '../../tests/support/recording-queue.ts';
import { incoming } from '../../tests/support/responses.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import { createDeadLetter } from '../shared/dead-letter.ts';
import { DbProxyError, type DbProxy } from '../shared/db-proxy-client.ts';
import { toMessages, toReviewMessage } from '../shared/write-message.ts';
import type { Dependencies } from './dependencies.ts';
import { createHandler } from './handler.ts';

const [sample]: SQSEvent['Records'] = saveEvent.Records;

function toSqs(...bodies: string[]): SQSEvent {
  if (sample === undefined) throw new Error('The event holds no record.');
  const record = (body: string, index: number) => ({
    messageId: `message-${index}`,
    receiptHandle: `handle-${index}`,
    body,
  });
  return { Records: bodies.map((body, index) => ({ ...sample, ...record(body, index) })) };
}

const message = (...responses: IncomingResponse[]): string => toMessages(responses).join('');
const done = { batchItemFailures: [] };
const failures = (...ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

describe.each(databaseKinds)('The write queue’s function, on %s', (kind) => {
  let proxy: InProcessProxy;
  let deadLetters: RecordingQueue;
  let logger: RecordingLogger;
  /** For a response, the error code of each call that contains it. */
  let faults: Map<IncomingResponse, DbProxyError['code']>;
  /** The ids of messages that stay in the queue. */
  let backedOff: string[];
  /** How often the publisher was triggered. */
  let triggered: number;
  let dependencies: Dependencies;
  let handle: ReturnType<typeof createHandler>;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(() => {
    proxy.failWith = undefined;
    proxy.calls.length = 0;
    deadLetters = new RecordingQueue();
    logger = new RecordingLogger();
    faults = new Map();
    const dbProxy: DbProxy = {
      call: (operation, input) => {
        const sent = JSON.stringify(input);
        const fault = [...faults].find(([{ response_id: id }]) => sent.includes(id))?.[1];
        if (fault !== undefined) return Promise.reject(new DbProxyError(fault));
        return proxy.call(operation, input);
      },
    };
    backedOff = [];
    triggered = 0;
    dependencies = {
      dbProxy,
      logger,
      deadLetter: createDeadLetter(deadLetters.send, logger),
      triggerPublish: () => Promise.resolve(void (triggered += 1)),
      backOff: async (records) => void backedOff.push(...records.map(({ messageId }) => messageId)),
    };
    handle = createHandler(dependencies);
  });
  afterAll(() => proxy.stop());

  const savesOf = () => proxy.calls.filter(({ operation }) => operation === 'saveResponses');

  async function isStored({ response_id: responseId }: IncomingResponse): Promise<boolean> {
    const { items } = await proxy.call('listRevisions', { response_id: responseId, after_revision: 0 });
    expect(items.length).toBeLessThanOrEqual(1);
    return items.length === 1;
  }

  const areStored = (...responses: IncomingResponse[]) => Promise.all(responses.map(isStored));

  test('saves the responses of a batch of messages in one call', async () => {
    const [first, second, third] = [incoming(), incoming(), incoming()];

    expect(await handle(toSqs(message(first), message(second, third)))).toEqual(done);

    expect(savesOf()).toEqual([
      { operation: 'saveResponses', input: { responses: [first, second, third], late: true } },
    ]);
    expect(await areStored(first, second, third)).toEqual([true, true, true]);
    expect(triggered).toBe(1);
  });

  test('is idempotent: repeated messages and saved responses change nothing', async () => {
    const [first, second] = [incoming(), incoming()];
    await proxy.call('saveResponses', { responses: [first] });

    expect(await handle(toSqs(message(first, second)))).toEqual(done);
    expect(await handle(toSqs(message(first, second), message(second)))).toEqual(done);

    expect(await areStored(first, second)).toEqual([true, true]);
    expect(deadLetters.messages).toEqual([]);
  });

  test('splits a batch into calls of 1,000 responses', async () => {
    const many = () => Array.from({ length: 600 }, () => incoming());

    expect(await handle(toSqs(message(...many()), message(...many().slice(0, 400)), message(incoming())))).toEqual(
      done,
    );

    expect(savesOf()).toMatchObject([
      { input: { responses: { length: 1_000 } } },
      { input: { responses: { length: 1 } } },
    ]);
  });

  test('splits a batch into calls within Lambda’s payload limit', async () => {
    const large = () => message(incoming({ response: { answer: 'ä'.repeat(400_000) } }));

    expect(await handle(toSqs(...Array.from({ length: 10 }, large)))).toEqual(done);

    expect(savesOf()).toMatchObject([{ input: { responses: { length: 6 } } }, { input: { responses: { length: 4 } } }]);
  });

  test.each(['PROXY_UNREACHABLE', 'DATABASE_UNAVAILABLE', 'DATABASE_BUSY', 'DATABASE_FULL'] as const)(
    'leaves every message in the queue when the proxy fails with %s',
    async (code) => {
      const [first, second] = [incoming(), incoming()];
      proxy.failWith = code;

      expect(await handle(toSqs(message(first), message(second)))).toEqual(failures('message-0', 'message-1'));

      expect(proxy.calls).toHaveLength(1);
      expect(triggered).toBe(0);
      expect(deadLetters.messages).toEqual([]);
      proxy.failWith = undefined;
      expect(await handle(toSqs(message(first), message(second)))).toEqual(done);
      expect(await areStored(first, second)).toEqual([true, true]);
    },
  );

  test('leaves only unsaved messages in the queue', async () => {
    const many = Array.from({ length: 1_000 }, () => incoming());
    const later = incoming();
    faults.set(later, 'DATABASE_BUSY');

    expect(await handle(toSqs(message(...many), message(later)))).toEqual(failures('message-1'));

    expect(await areStored(...many.slice(0, 1), later)).toEqual([true, false]);
  });

  test('dead-letters a message that the proxy refuses, with the reason, and saves the other messages', async () => {
    const [before, bad, after] = [incoming(), incoming({ response: { answer: 'secret' } }), incoming()];
    faults.set(bad, 'INVALID_REQUEST');

    expect(await handle(toSqs(message(before), message(bad), message(after)))).toEqual(done);

    expect(deadLetters.messages).toEqual([
      { body: message(bad), attributes: { reason: 'The db-proxy refuses it: INVALID_REQUEST.' } },
    ]);
    expect(await areStored(before, bad, after)).toEqual([true, false, true]);
    expect(logger.text).not.toContain('secret');
  });

  test('dead-letters only the bad responses of a message, and saves the others', async () => {
    const responses = Array.from({ length: 9 }, () => incoming());
    const bad = responses.filter((_, index) => index === 2 || index === 7);
    for (const each of bad) faults.set(each, 'INTERNAL');

    expect(await handle(toSqs(message(...responses)))).toEqual(done);

    expect(deadLetters.messages).toEqual([
      { body: message(...bad), attributes: { reason: 'The db-proxy refuses it: INTERNAL.' } },
    ]);
    expect(await areStored(...responses)).toEqual(responses.map((each) => !bad.includes(each)));
  });

  test('leaves the messages after a bad message in the queue when the proxy fails', async () => {
    const [bad, busy, after] = [incoming(), incoming(), incoming()];
    // A call takes at most 1,000 responses, so these belong to the next call.
    const later = Array.from({ length: 1_000 }, () => incoming());
    faults.set(bad, 'INTERNAL');
    faults.set(busy, 'PROXY_UNREACHABLE');

    expect(await handle(toSqs(message(bad), message(busy), message(after), message(...later)))).toEqual(
      failures('message-1', 'message-2', 'message-3'),
    );

    expect(deadLetters.messages).toMatchObject([{ body: message(bad) }]);
    expect(await areStored(...later.slice(0, 1))).toEqual([false]);
    expect(backedOff).toEqual(['message-1', 'message-2', 'message-3']);
  });

  test('dead-letters a message that is not a command, with a reason that quotes nothing from it', async () => {
    const good = incoming();
    const bodies = [
      'secret',
      '[]',
      JSON.stringify({ operation: 'listForms', input: {} }),
      message(good, incoming({ response_id: ' secret ' })),
    ];

    expect(await handle(toSqs(...bodies, message(good)))).toEqual(done);

    expect(deadLetters.messages).toEqual([
      { body: bodies[0], attributes: { reason: 'It is not JSON.' } },
      { body: bodies[1], attributes: { reason: 'It is not a command of the write queue: see all of it.' } },
      { body: bodies[2], attributes: { reason: 'It is not a command of the write queue: see operation.' } },
      {
        body: bodies[3],
        attributes: { reason: 'It is not a command of the write queue: see input.responses.1.response_id.' },
      },
    ]);
    expect(logger.text).not.toContain('secret');
    expect(await areStored(good)).toEqual([true]);
  });

  test('leaves a bad message in the queue when the dead-letter queue refuses it, and saves the other messages', async () => {
    const [bad, good] = [incoming(), incoming()];
    faults.set(bad, 'INTERNAL');
    deadLetters.refuses = true;

    expect(await handle(toSqs('not JSON', message(bad), message(good)))).toEqual(failures('message-0', 'message-1'));

    expect(await areStored(bad, good)).toEqual([false, true]);
  });

  test('leaves the batch in the queue after an unexpected error, and does not log the error’s message', async () => {
    const dbProxy = { call: () => Promise.reject(new Error('near secret')) };
    const broken = createHandler({ ...dependencies, dbProxy });

    expect(await broken(toSqs(message(incoming())))).toEqual(failures('message-0'));

    expect(logger.text).toContain('messages not saved');
    expect(logger.text).not.toContain('secret');
  });

  describe('reviews', () => {
    const review = (responseId: string, action: 'comment' | 'approve' = 'comment') =>
      incomingReview({ response_id: responseId, action, text: 'secret', ...(action === 'approve' && { revision: 1 }) });
    const reviewsOf = async ({ response_id: responseId }: IncomingResponse) => {
      const found = await proxy.call('listReviews', { response_id: responseId, limit: 10 });
      return found.outcome === 'found' ? found.items : [];
    };

    test('are saved in one call, after the responses of the batch, in the order in which they were sent', async () => {
      const response = incoming();
      const [first, second] = [review(response.response_id), review(response.response_id, 'approve')];
      const inOrder = { ...first, sent_at: '2026-09-01T06:00:00.000Z' };

      const event = toSqs(toReviewMessage(second), toReviewMessage(inOrder), message(response));
      expect(await handle(event)).toEqual(done);

      expect(await reviewsOf(response)).toMatchObject([{ action: 'comment' }, { action: 'approve', applied: true }]);
      expect(proxy.calls.filter(({ operation }) => operation === 'saveReviews')).toHaveLength(1);
      expect(await handle(event)).toEqual(done);
      expect(await reviewsOf(response)).toHaveLength(2);
      expect(logger.text).not.toContain('secret');
    });

    test('stay in the queue while their response is unknown, and the others are saved', async () => {
      const [known, unknown] = [incoming(), incoming()];
      await proxy.call('saveResponses', { responses: [known] });

      expect(
        await handle(toSqs(toReviewMessage(review(unknown.response_id)), toReviewMessage(review(known.response_id)))),
      ).toEqual(failures('message-0'));

      expect(await reviewsOf(known)).toHaveLength(1);
      expect(backedOff).toEqual(['message-0']);
    });

    test('go to the dead-letter queue if the proxy refuses them, or if they cannot be read', async () => {
      const [good, bad] = [incoming(), incoming()];
      await proxy.call('saveResponses', { responses: [good, bad] });
      faults.set(bad, 'INVALID_REQUEST');
      const unreadable = JSON.stringify({ operation: 'saveReviews', input: { reviews: [], late: true } });

      const refused = toReviewMessage(review(bad.response_id));
      expect(await handle(toSqs(refused, toReviewMessage(review(good.response_id)), unreadable))).toEqual(done);

      expect(await reviewsOf(good)).toHaveLength(1);
      expect(deadLetters.messages).toEqual([
        { body: unreadable, attributes: { reason: 'It is not a command of the write queue: see input.reviews.' } },
        { body: refused, attributes: { reason: 'The db-proxy refuses it: INVALID_REQUEST.' } },
      ]);
    });
  });

  test('saves the sample event of events/ and dead-letters each record of the invalid sample event', async () => {
    expect(await handle(saveEvent)).toEqual(done);
    expect(savesOf()).toMatchObject([{ input: { responses: { length: 3 } } }]);

    expect(await handle(invalidEvent)).toEqual(done);
    expect(deadLetters.messages.map(({ body }) => body)).toEqual(invalidEvent.Records.map(({ body }) => body));
  });
});
