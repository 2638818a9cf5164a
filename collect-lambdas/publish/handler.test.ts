import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { databaseKinds } from '../../tests/support/databases.ts';
import { incoming } from '../../tests/support/responses.ts';
import { responseEvent, type ResponseEvent } from '../shared/response-event.ts';
import type { TopicMessage } from './dependencies.ts';
import { createHandler } from './handler.ts';

const FLAG = { rule: 'Rule1', message: 'Ask again.', questions: ['age'], values: { age: 40 } };

/** A topic that keeps what it takes, and refuses what it is told to. */
class FakeTopic {
  readonly batches: TopicMessage[][] = [];
  refuse: (message: TopicMessage) => boolean = () => false;
  failing = false;

  readonly publish = async (messages: readonly TopicMessage[]): Promise<string[]> => {
    if (this.failing) throw new Error('The topic cannot be reached.');
    const taken = messages.filter((message) => !this.refuse(message));
    this.batches.push(taken);
    return taken.map(({ id }) => id);
  };

  get events(): ResponseEvent[] {
    return this.batches.flat().map(({ body }) => responseEvent.parse(JSON.parse(body)));
  }
}

describe.each(databaseKinds)('publishing what was stored on %s', (kind) => {
  let proxy: InProcessProxy;
  let topic: FakeTopic;
  let publishAll: () => Promise<void>;

  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    topic = new FakeTopic();
    publishAll = createHandler({ dbProxy: proxy, publish: topic.publish, logger: proxy.logger, now: () => 0 });
  });
  afterEach(() => proxy.stop());

  const save = (...responses: ReturnType<typeof incoming>[]) => proxy.call('saveResponses', { responses });

  test('tells of each stored revision once: flagged, corrected, accepted', async () => {
    const id = { response_id: 'household-1' };
    await save(incoming({ ...id, status: 'flagged', flags: [FLAG] }));
    await save(incoming({ ...id, at: '2026-09-01T07:00:00Z' }));
    await save(incoming({ ...id, at: '2026-09-01T08:00:00Z' }));
    await publishAll();
    await publishAll();
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

  test('does not tell of what changed nothing or was refused', async () => {
    const first = incoming({ response_id: 'household-1', at: '2026-09-01T07:00:00Z' });
    await save(first);
    await publishAll();
    await save(first);
    await save(incoming({ response_id: 'household-1', at: '2026-09-01T06:00:00Z' }));
    await publishAll();
    expect(topic.events).toHaveLength(1);
  });

  test('tells again of what the topic refused, and not of its neighbours', async () => {
    await save(incoming({ response_id: 'a' }), incoming({ response_id: 'b' }));
    topic.refuse = ({ body }) => body.includes('"response_id":"a"');
    await publishAll();
    expect(topic.events.map((event) => event.response_id)).toEqual(['b']);
    topic.refuse = () => false;
    await publishAll();
    expect(topic.events.map((event) => event.response_id)).toEqual(['b', 'a']);
  });

  test('keeps every event while the topic cannot be reached', async () => {
    await save(incoming({ response_id: 'a' }));
    topic.failing = true;
    await expect(publishAll()).rejects.toThrow('cannot be reached');
    topic.failing = false;
    await publishAll();
    expect(topic.events.map((event) => event.response_id)).toEqual(['a']);
  });

  test('sends at most ten messages a batch, and all of a thousand', async () => {
    const responses = Array.from({ length: 1_000 }, (_, index) => incoming({ response_id: `household-${index}` }));
    await save(...responses);
    await publishAll();
    expect(Math.max(...topic.batches.map((batch) => batch.length))).toBe(10);
    expect(new Set(topic.events.map((event) => event.response_id)).size).toBe(1_000);
  });
});
