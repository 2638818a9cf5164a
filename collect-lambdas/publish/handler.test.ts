import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import triggerEvent from '../../events/publish/trigger.json' with { type: 'json' };
import type { PendingEvent } from '../../db-proxy-lambda/contract.ts';
import { DbProxyError } from '../shared/db-proxy-client.ts';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { readOutbox } from '../../tests/support/outbox.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { incoming } from '../../tests/support/responses.ts';
import { responseEvent, type ResponseEvent } from '../shared/response-event.ts';
import type { Dependencies } from './dependencies.ts';
import { createHandler } from './handler.ts';
import { createHourlyRepair } from './hourly-repair.ts';
import { permanentFailures, type Published, type TopicMessage } from './topic.ts';

const FLAG = { rule: 'Rule1', message: 'Ask again.', questions: ['age'], values: { age: 40 } };
/** SNS refuses a larger batch as a whole. */
const SNS_BYTES = 256 * 1024;

/** A topic that records accepted messages in order, and fails on demand. */
class FakeTopic {
  readonly batches: TopicMessage[][] = [];
  /** Whether the topic accepts a message. `never` is a permanent refusal. */
  accepts: (message: TopicMessage) => 'yes' | 'later' | 'never' = () => 'yes';
  failing = false;

  readonly publish = async (messages: readonly TopicMessage[]): Promise<Published> => {
    const bytes = messages.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
    if (this.failing || bytes > SNS_BYTES) throw new Error('The topic accepts nothing.');
    const batch = messages.filter((message) => this.accepts(message) === 'yes');
    this.batches.push(batch);
    const refused = messages.filter((message) => this.accepts(message) === 'never');
    return {
      accepted: batch.map(({ id }) => id),
      refused: refused.map(({ id }) => ({ id, reason: 'InvalidParameter' })),
    };
  };

  get events(): ResponseEvent[] {
    return this.batches.flat().map(({ body }) => responseEvent.parse(JSON.parse(body)));
  }

  /** The published events, such as `a1` for revision 1 of the response `a`. */
  get published(): string[] {
    return this.events.map(({ response_id: id, revision }) => `${id}${revision}`);
  }
}

const isOf = (id: string, revision?: number) => (message: TopicMessage) =>
  message.body.includes(`"response_id":"${id}"`) && (revision === undefined || message.revision === revision);

const [sample]: SQSEvent['Records'] = triggerEvent.Records;

function triggers(...ids: string[]): SQSEvent {
  if (sample === undefined) throw new Error('The event holds no record.');
  return { Records: ids.map((id) => ({ ...sample, messageId: id })) };
}

const done: SQSBatchResponse = { batchItemFailures: [] };
const stays = (id: string): SQSBatchResponse => ({ batchItemFailures: [{ itemIdentifier: id }] });

describe.each(databaseKinds)('The publisher, on %s', (kind) => {
  let proxy: InProcessProxy;
  let topic: FakeTopic;
  let logger: RecordingLogger;
  /** The bucket with the markers. */
  let store: MemoryStore;
  let now: number;
  let backedOff: string[];
  let triggered: string[];
  let liveSheetTriggers: number;
  let dependencies: Dependencies;
  let publish: (...ids: string[]) => Promise<SQSBatchResponse>;

  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(async () => {
    for (const table of ['response_events', 'refused_events', 'responses', 'response_revisions', 'leases'] as const) {
      await proxy.database.db.deleteFrom(table).execute();
    }
    proxy.failWith = undefined;
    proxy.calls.length = 0;
    topic = new FakeTopic();
    logger = new RecordingLogger();
    store = new MemoryStore();
    now = 0;
    backedOff = [];
    triggered = [];
    liveSheetTriggers = 0;
    dependencies = {
      dbProxy: proxy,
      publish: topic.publish,
      triggerDelivery: async (webhookId) => void triggered.push(webhookId),
      triggerLiveSheets: async () => void (liveSheetTriggers += 1),
      requestRepair: createHourlyRepair(store, logger, () => now),
      logger,
      backOff: async (records) => void backedOff.push(...records.map(({ messageId }) => messageId)),
      now: Date.now,
    };
    publish = (...ids) => createHandler(dependencies)(triggers(...ids));
  });
  afterAll(() => proxy.stop());

  const save = (...responses: ReturnType<typeof incoming>[]) => proxy.call('saveResponses', { responses });
  /** Saves `count` revisions of a response, one after the other. */
  async function saveRevisions(id: string, count: number): Promise<void> {
    for (let hour = 0; hour < count; hour += 1) {
      await save(incoming({ response_id: id, at: `2026-09-01T0${hour}:00:00Z` }));
    }
  }

  test('triggers the worker of live sheets once the outbox is published, unless it was empty', async () => {
    await publish('first');
    expect(liveSheetTriggers).toBe(0);

    await saveRevisions('a', 2);
    await publish('second');

    expect(liveSheetTriggers).toBe(1);
  });

  test('publishes each stored revision once, and nothing for unchanged or refused responses', async () => {
    const id = { response_id: 'household-1' };
    await save(incoming({ ...id, status: 'flagged', flags: [FLAG] }));
    await save(incoming({ ...id, at: '2026-09-01T07:00:00Z' }));
    await save(incoming({ ...id, at: '2026-09-01T08:00:00Z' }));
    await save(incoming({ ...id, at: '2026-09-01T08:00:00Z' }));
    await save(incoming({ ...id, at: '2026-09-01T07:30:00Z' }));

    expect(await publish('first')).toEqual(done);
    expect(await publish('second')).toEqual(done);

    expect(topic.events.map(({ type, revision }) => [type, revision])).toEqual([
      ['flagged', 1],
      ['corrected', 2],
      ['accepted', 3],
    ]);
    expect(topic.events[0]).toMatchObject({
      ...id,
      form_id: 'household_finances',
      user_id: 'collector-1',
      flags: [{ rule: 'Rule1', message: 'Ask again.', questions: ['age'] }],
    });
  });

  test('starts the worker of each webhook with due deliveries, even in a run without events, because an earlier run may have died', async () => {
    const id = crypto.randomUUID();
    const about = { webhook_id: id, url: 'https://example.org', secret: 'sealed', form_id: null };
    await proxy.call('createWebhook', { ...about, events: ['accepted'] });
    await save(incoming());
    const failing = dependencies.triggerDelivery;
    dependencies.triggerDelivery = () => Promise.reject(new Error('S3 is unavailable.'));
    expect(await publish('first')).toEqual(stays('first'));

    dependencies.triggerDelivery = failing;
    expect(await publish('first')).toEqual(done);
    expect(triggered).toEqual([id]);
    await proxy.call('deleteWebhook', { webhook_id: id });
  });

  test('publishes a re-judged revision as such', async () => {
    const id = { response_id: 'household-1' };
    await save(incoming(id));
    const held = { rejudge_id: crypto.randomUUID(), holder: 'worker-1' };
    await proxy.call('requestRejudge', { rejudge_id: held.rejudge_id, form_id: 'household_finances' });
    await proxy.call('claimRejudge', held);
    const judgements = [{ ...id, revision: 1, flags: [FLAG] }];
    await proxy.call('saveJudgements', { ...held, judgements, page: { checked: 1, next: null } });

    expect(await publish('first')).toEqual(done);

    expect(topic.events).toMatchObject([
      { type: 'accepted', revision: 1 },
      { type: 'flagged', revision: 2, rejudged: true, flags: [{ rule: 'Rule1' }] },
    ]);
    expect(topic.events[0]).not.toHaveProperty('rejudged');
  });

  test('requests a repair of the snapshot after it has published events, at most once an hour', async () => {
    await publish('nothing');
    expect(store.requests).toEqual([]);
    for (const minutes of [0, 59, 60]) {
      now = minutes * 60_000;
      await save(incoming());
      await publish('some');
    }

    expect(store.requests).toEqual(['PUT owed/snapshot/hourly', 'PUT owed/snapshot/hourly']);
  });

  test('publishes a thousand events in batches of at most ten, with at most one event of a response in a batch', async () => {
    await saveRevisions('a', 3);
    await save(...Array.from({ length: 1_000 }, (_, index) => incoming({ response_id: `household-${index}` })));

    expect(await publish('all')).toEqual(done);

    expect(Math.max(...topic.batches.map((batch) => batch.length))).toBe(10);
    expect(topic.published).toHaveLength(1_003);
    expect(topic.published.filter((each) => each.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    const ids = topic.batches.map((batch) =>
      batch.map(({ body }) => responseEvent.parse(JSON.parse(body)).response_id),
    );
    expect(ids.filter((each) => new Set(each).size < each.length)).toEqual([]);
  });

  test('holds back events of a response whose earlier event waits, publishes the others, and keeps one trigger', async () => {
    await saveRevisions('a', 2);
    await saveRevisions('b', 2);
    topic.accepts = (message) => (isOf('a', 1)(message) ? 'later' : 'yes');

    expect(await publish('first', 'second')).toEqual(stays('first'));

    expect(topic.published).toEqual(['b1', 'b2']);
    expect(backedOff).toEqual(['first']);
    topic.accepts = () => 'yes';
    expect(await publish('first')).toEqual(done);
    expect(topic.published).toEqual(['b1', 'b2', 'a1', 'a2']);
  });

  test('sets a permanently refused event aside and publishes the events after it', async () => {
    await saveRevisions('a', 2);
    topic.accepts = (message) => (isOf('a', 1)(message) ? 'never' : 'yes');

    expect(await publish('first')).toEqual(done);

    expect(topic.published).toEqual(['a2']);
    expect(await readOutbox(proxy)).toEqual([]);
    expect(await proxy.database.db.selectFrom('refused_events').selectAll().execute()).toMatchObject([
      { type: 'accepted', response_id: 'a', revision: 1, reason: 'InvalidParameter' },
    ]);
    expect(logger.text).toContain('event refused');
  });

  /** Stores flags of any length, as earlier releases did. */
  async function saveFlagged(id: string, flags: (typeof FLAG)[]): Promise<void> {
    await save(incoming({ response_id: id, status: 'flagged', flags: [FLAG] }));
    const { db } = proxy.database;
    await db
      .updateTable('responses')
      .set({ flags: JSON.stringify(flags) })
      .where('response_id', '=', id)
      .execute();
  }

  test('publishes flags of any length, within the limits of SNS and Lambda', async () => {
    const flags = Array.from({ length: 1_000 }, () => ({ ...FLAG, message: 'ä'.repeat(700) }));
    for (const id of ['a', 'b', 'c', 'd', 'e']) await saveFlagged(id, flags);

    expect(await publish('first')).toEqual(done);

    expect(topic.published).toEqual(['a1', 'b1', 'c1', 'd1', 'e1']);
    for (const { body } of topic.batches.flat()) expect(Buffer.byteLength(body)).toBeLessThan(64 * 1024);
    // Each has 1.5 MB, so they are read in several pages.
    expect(proxy.calls.filter(({ operation }) => operation === 'claimResponseEvents').length).toBeGreaterThan(3);
  });

  test('sets aside an event that is still too large for SNS', async () => {
    await save(incoming({ response_id: 'a' }), incoming({ response_id: 'b' }));
    dependencies.dbProxy = {
      call: async (operation, input) => {
        const result = await proxy.call(operation, input);
        if ('events' in result) for (const event of result.events) if (isLarge(event)) enlarge(event);
        return result;
      },
    };
    const isLarge = ({ response_id: id }: PendingEvent) => id === 'a';
    const enlarge = (event: PendingEvent) => event.flags.push({ ...FLAG, message: 'ä'.repeat(150_000) });

    expect(await publish('first')).toEqual(done);

    expect(topic.published).toEqual(['b1']);
    expect(await proxy.database.db.selectFrom('refused_events').select(['response_id', 'reason']).execute()).toEqual([
      { response_id: 'a', reason: 'TooLarge' },
    ]);
  });

  test('keeps every event while the topic fails, and releases the outbox', async () => {
    await save(...Array.from({ length: 250 }, () => incoming()));
    topic.failing = true;
    expect(await publish('first')).toEqual(stays('first'));

    topic.failing = false;
    expect(await publish('second')).toEqual(done);

    expect(new Set(topic.published).size).toBe(250);
  });

  test.each<DbProxyError['code']>(['DATABASE_UNAVAILABLE', 'PROXY_UNREACHABLE'])(
    'keeps its trigger while the proxy fails with %s',
    async (code) => {
      await save(incoming({ response_id: 'a' }));
      proxy.failWith = code;
      expect(await publish('first', 'second')).toEqual(stays('first'));

      proxy.failWith = undefined;
      expect(await publish('first')).toEqual(done);
      expect(topic.published).toEqual(['a1']);
    },
  );

  test('ends if another run holds the outbox; that run also publishes events saved meanwhile', async () => {
    await save(incoming({ response_id: 'a' }));
    let second: SQSBatchResponse | undefined;
    topic.accepts = () => 'yes';
    dependencies.publish = async (messages) => {
      if (second === undefined) {
        second = done;
        await save(incoming({ response_id: 'b' }));
        second = await publish('second');
      }
      return topic.publish(messages);
    };

    expect(await publish('first')).toEqual(done);

    expect(second).toEqual(done);
    expect(topic.published).toEqual(['a1', 'b1']);
  });

  /** Claims the outbox like a run that dies afterwards. */
  const claimAs = (holder: string) =>
    proxy.call('claimResponseEvents', { holder, lease_seconds: 60, limit: 1, published: [], waiting: [] });

  test('continues after a run of the same trigger died', async () => {
    await save(incoming({ response_id: 'a' }));
    await claimAs('first');

    expect(await publish('other')).toEqual(done);
    expect(topic.published).toEqual([]);
    expect(await publish('first')).toEqual(done);
    expect(topic.published).toEqual(['a1']);
  });

  test('takes over from a run that died, for any position of its trigger in the batch', async () => {
    await save(incoming({ response_id: 'a' }));
    await claimAs('first');

    expect(await publish('other', 'first')).toEqual(done);

    expect(topic.published).toEqual(['a1']);
  });

  test('releases the outbox when a run fails, so that the next trigger continues immediately', async () => {
    await save(...Array.from({ length: 250 }, () => incoming()));
    const { publish: tell } = dependencies;
    let isDown = false;
    const { dbProxy } = dependencies;
    dependencies.dbProxy = {
      call: (operation, ...rest) =>
        isDown && operation === 'claimResponseEvents'
          ? Promise.reject(new DbProxyError('DATABASE_BUSY'))
          : dbProxy.call(operation, ...rest),
    };
    dependencies.publish = (messages) => {
      isDown = true;
      return tell(messages);
    };
    expect(await publish('first')).toEqual(stays('first'));

    isDown = false;
    dependencies.publish = tell;
    expect(await publish('second')).toEqual(done);
    expect(await readOutbox(proxy)).toEqual([]);
  });

  test('stops before the function times out and leaves the rest to the next run of its trigger', async () => {
    await save(...Array.from({ length: 250 }, () => incoming()));
    let clock = 0;
    dependencies.now = () => (clock += 12_000);

    expect(await publish('first')).toEqual(stays('first'));

    expect(topic.published).toHaveLength(200);
    expect(await readOutbox(proxy)).toHaveLength(50);
  });
});

test('a failure is permanent only if the message caused it; throttling and missing permissions are transient', () => {
  const failed = [
    { Id: '1', Code: 'InvalidParameter', SenderFault: true },
    { Id: '2', Code: 'InternalError', SenderFault: false },
    { Id: '3', Code: 'Throttled', SenderFault: true },
    { Id: '4', Code: 'KMSAccessDenied', SenderFault: true },
    { Id: '5', Code: 'AuthorizationError', SenderFault: true },
  ];

  expect(permanentFailures(failed)).toEqual([{ id: '1', reason: 'InvalidParameter' }]);
});
