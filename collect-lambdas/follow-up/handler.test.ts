import type { SQSEvent } from 'aws-lambda';
import { assert, asyncProperty, shuffledSubarray } from 'fast-check';
import followUpEvent from '../../events/follow-up/flagged-then-corrected.json' with { type: 'json' };
import invalidEvent from '../../events/follow-up/invalid.json' with { type: 'json' };
import { databaseKinds } from '../../tests/support/databases.ts';
import { createRecordingLogger } from '../../tests/support/recording-logger.ts';
import { RecordingQueue } from '../../tests/support/recording-queue.ts';
import { incoming } from '../../tests/support/responses.ts';
import { itemsOf, startTasksApi, type TasksApi } from '../../tests/support/tasks-api.ts';
import { createDeadLetter } from '../shared/dead-letter.ts';
import type { ResponseEvent } from '../shared/response-event.ts';
import { createHandler } from './handler.ts';

function event(type: ResponseEvent['type'], revision: number, changes: Partial<ResponseEvent> = {}): ResponseEvent {
  return {
    event_id: `event-${revision}`,
    type,
    response_id: 'response-1',
    revision,
    form_id: 'household_finances',
    user_id: 'collector-1',
    flags: type === 'flagged' ? [{ rule: 'Rule1', message: `Not so (${revision}).`, questions: ['q'] }] : [],
    occurred_at: `2026-09-0${revision}T06:00:00.000Z`,
    ...changes,
  };
}

function toSqs(...bodies: unknown[]): SQSEvent {
  const [record]: SQSEvent['Records'] = followUpEvent.Records;
  if (record === undefined) throw new Error('The event holds no record.');
  return {
    Records: bodies.map((body, index) => ({
      ...record,
      messageId: `message-${index}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })),
  };
}

const done = { batchItemFailures: [] };

describe.each(databaseKinds)('The follow-up of flags, on %s', (kind) => {
  let api: TasksApi;
  let handle: ReturnType<typeof createHandler>;
  let logged: string[];
  let deadLetters: RecordingQueue;
  /** The ids of messages that stay in the queue. */
  let backedOff: string[];
  beforeEach(async () => {
    api = await startTasksApi(kind);
    const { logger, lines } = createRecordingLogger();
    logged = lines;
    deadLetters = new RecordingQueue();
    backedOff = [];
    handle = createHandler({
      dbProxy: api.proxy,
      logger,
      deadLetter: createDeadLetter(deadLetters.send, logger),
      backOff: async (records) => void backedOff.push(...records.map(({ messageId }) => messageId)),
    });
  });
  afterEach(() => api.proxy.stop());

  const deliver = async (...events: ResponseEvent[]) => expect(await handle(toSqs(...events))).toEqual(done);

  async function tasks(responseId = 'response-1') {
    return itemsOf(await api.ask('GET /tasks/', { query: { response_id: responseId } }));
  }

  async function setStatus(name: string): Promise<void> {
    const [task] = await tasks();
    const [status] = itemsOf(await api.ask('GET /task_status/', { query: { name } }));
    const request = { path: { id: String(task?.id) }, body: { status_id: status?.id } };
    expect(await api.ask('PATCH /tasks/{id}/', request)).toMatchObject({ status: 200, body: { status: name } });
  }

  it('opens a task for the collector of a flagged response', async () => {
    await deliver(event('flagged', 1));
    expect(await tasks()).toMatchObject([
      {
        owner: 'collector-1',
        company: null,
        status: 'IN_REVIEW',
        task_date: '2026-09-01',
        description: 'Rule1: Not so (1).',
        response_id: 'response-1',
      },
    ]);
    expect((await api.ask('GET /people/')).body).toMatchObject([
      { name: 'collector-1', user_id: 'collector-1', email: null },
    ]);
  });

  it('gives a collector’s tasks to the person who has the user_id', async () => {
    const id = await api.make('people', { name: 'Ama Khan', email: 'ama@example.org', user_id: 'collector-1' });
    await deliver(event('flagged', 1), event('flagged', 1, { response_id: 'response-2' }));
    expect(await tasks()).toMatchObject([{ owner_id: id, owner: 'Ama Khan' }]);
    expect(await tasks('response-2')).toMatchObject([{ owner_id: id }]);
  });

  it('sets the task to APPROVED when a correction passes, and to IN_REVIEW when a later revision is flagged', async () => {
    await deliver(event('flagged', 1));
    await deliver(event('corrected', 2));
    expect(await tasks()).toMatchObject([{ status: 'APPROVED', description: 'Rule1: Not so (1).' }]);
    await deliver(event('flagged', 3));
    expect(await tasks()).toMatchObject([
      { status: 'IN_REVIEW', description: 'Rule1: Not so (3).', task_date: '2026-09-01' },
    ]);
    await deliver(event('accepted', 4));
    expect(await tasks()).toMatchObject([{ status: 'APPROVED' }]);
  });

  it('opens no task for a response that was never flagged', async () => {
    await deliver(event('accepted', 1), event('accepted', 2));
    expect(await tasks()).toEqual([]);
    expect((await api.ask('GET /people/')).body).toEqual([]);
  });

  it('ignores repeated and older events', async () => {
    await deliver(event('flagged', 2));
    const before = await tasks();
    await deliver(event('flagged', 2), event('accepted', 1), event('flagged', 1), event('flagged', 2));
    expect(await tasks()).toEqual(before);
    await deliver(event('corrected', 4), event('flagged', 3));
    expect(await tasks()).toMatchObject([{ status: 'APPROVED', description: 'Rule1: Not so (2).' }]);
  });

  it('results in the same task for any order and number of deliveries', async () => {
    const history = [
      event('flagged', 1),
      event('flagged', 2),
      event('corrected', 3),
      event('flagged', 4),
      event('corrected', 5),
    ];
    let number = 0;
    await assert(
      asyncProperty(shuffledSubarray([...history, ...history], { minLength: 10 }), async (deliveries) => {
        number += 1;
        const responseId = `shuffled-${number}`;
        await deliver(...deliveries.map((each) => ({ ...each, response_id: responseId })));
        expect(await tasks(responseId)).toMatchObject([{ status: 'APPROVED' }]);
      }),
      { numRuns: 25 },
    );
  });

  it('keeps a manager’s status REJECTED until a newer revision arrives', async () => {
    await deliver(event('flagged', 1));
    await setStatus('REJECTED');
    await deliver(event('flagged', 1));
    expect(await tasks()).toMatchObject([{ status: 'REJECTED' }]);
    await deliver(event('flagged', 2));
    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW', description: 'Rule1: Not so (2).' }]);
    await setStatus('REJECTED');
    await deliver(event('corrected', 3));
    expect(await tasks()).toMatchObject([{ status: 'APPROVED' }]);
  });

  describe('when a manager has written another description', () => {
    const OWN_WORDS = 'Called on Monday: the fuel is for two cars.';

    async function patch(body: object): Promise<void> {
      const [task] = await tasks();
      expect(await api.ask('PATCH /tasks/{id}/', { path: { id: String(task?.id) }, body })).toMatchObject({
        status: 200,
      });
    }

    it('reopens the task and keeps the description, the owner and the day', async () => {
      const owner_id = await api.make('people', { name: 'Ama Khan', email: 'ama@example.org' });
      await deliver(event('flagged', 1));
      await patch({ description: OWN_WORDS, owner_id, task_date: '2026-12-24' });
      await setStatus('REJECTED');

      await deliver(event('flagged', 2));
      await deliver(event('accepted', 3));
      await deliver(event('flagged', 4));

      const edited = { description: OWN_WORDS, owner: 'Ama Khan', task_date: '2026-12-24' };
      expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW', ...edited }]);
    });

    it('updates the description if a manager changed only other fields of the task', async () => {
      await deliver(event('flagged', 1));
      const [task] = await tasks();
      await patch({ description: task?.['description'], task_date: '2026-12-24' });

      await deliver(event('flagged', 2));

      expect(await tasks()).toMatchObject([{ description: 'Rule1: Not so (2).', task_date: '2026-12-24' }]);
    });

    it('recognises an edited task of an earlier release that stored no hash of the description', async () => {
      const responses = ['response-1', 'response-2'];
      for (const id of responses) await deliver(event('flagged', 1, { response_id: id }));
      const { db } = api.proxy.database;
      await db.updateTable('task_follow_ups').set({ description_sha256: null }).execute();
      await db.updateTable('tasks').set({ created_at: '2020-01-01T00:00:00.000Z' }).execute();
      await db
        .updateTable('tasks')
        .set({ updated_at: '2020-01-01T00:00:00.000Z' })
        .where('response_id', '=', 'response-2')
        .execute();
      await patch({ description: OWN_WORDS });

      for (const id of responses) {
        await deliver(event('corrected', 2, { response_id: id }), event('flagged', 3, { response_id: id }));
      }

      expect(await tasks('response-1')).toMatchObject([{ description: OWN_WORDS }]);
      expect(await tasks('response-2')).toMatchObject([{ description: 'Rule1: Not so (3).' }]);
    });
  });

  it('replaces a deleted task only after a newer revision is flagged', async () => {
    await deliver(event('flagged', 1));
    const [task] = await tasks();
    await api.ask('DELETE /tasks/{id}/', { path: { id: String(task?.id) } });
    await deliver(event('flagged', 1), event('corrected', 2));
    expect(await tasks()).toEqual([]);
    await deliver(event('flagged', 2));
    expect(await tasks()).toEqual([]);
    await deliver(event('flagged', 3));
    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW' }]);
  });

  it('changes nothing for a response that was erased before its events arrived', async () => {
    const flagged = (id: string) => incoming({ response_id: id, status: 'flagged' });
    await api.proxy.call('saveResponses', { responses: [flagged('response-1'), flagged('response-2')] });
    await deliver(event('flagged', 1));
    for (const id of ['response-1', 'response-2']) await api.proxy.call('eraseResponse', { response_id: id });
    await deliver(event('flagged', 1), event('flagged', 1, { response_id: 'response-2' }), event('corrected', 2));
    expect(await tasks()).toMatchObject([{ status: 'REJECTED', description: 'The response was erased.' }]);
    expect(await tasks('response-2')).toEqual([]);
  });

  it('creates a status again after a manager renamed it', async () => {
    const [status] = itemsOf(await api.ask('GET /task_status/', { query: { name: 'IN_REVIEW' } }));
    await api.ask('PATCH /task_status/{id}/', { path: { id: String(status?.id) }, body: { name: 'TO_DO' } });
    await deliver(event('flagged', 1));
    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW' }]);
  });

  it('follows up an event once when copies of it arrive at the same time', async () => {
    const sqs = toSqs(event('flagged', 1), event('flagged', 1, { response_id: 'response-2' }));
    expect(await Promise.all([handle(sqs), handle(sqs), handle(sqs)])).toEqual([done, done, done]);
    expect(await tasks()).toHaveLength(1);
    expect(await tasks('response-2')).toHaveLength(1);
    expect((await api.ask('GET /people/')).body).toHaveLength(1);
  });

  it('stores attempts at injection as plain text', async () => {
    const attempt = `'); drop table tasks; -- \\' or 1=1 #`;
    const flags = [{ rule: attempt, message: attempt, questions: [] }];
    await deliver(event('flagged', 1, { response_id: attempt, user_id: attempt, flags }));
    expect(await tasks(attempt)).toMatchObject([{ owner: attempt, description: `${attempt}: ${attempt}` }]);
  });

  it('follows up the sample event of events/ and dead-letters each record of the invalid sample event', async () => {
    expect(await handle(followUpEvent)).toEqual(done);
    expect(await tasks()).toMatchObject([{ status: 'APPROVED' }]);
    expect(await handle(invalidEvent)).toEqual(done);
    expect(deadLetters.messages.map(({ body }) => body)).toEqual(invalidEvent.Records.map(({ body }) => body));
  });

  it('dead-letters a message that it cannot read and follows up the others of the batch', async () => {
    const bad = { ...event('flagged', 1), revision: 0 };
    const sqs = toSqs('{', event('flagged', 1), bad, null, event('flagged', 1, { response_id: 'response-2' }));
    expect(await handle(sqs)).toEqual(done);
    expect(deadLetters.messages).toEqual(
      ['{', JSON.stringify(bad), 'null'].map((body) => ({
        body,
        attributes: { reason: 'It is not an event of a response.' },
      })),
    );
    expect(await tasks()).toHaveLength(1);
    expect(await tasks('response-2')).toHaveLength(1);
    expect(logged.join('')).not.toMatch(/collector|Rule1/);
  });

  it('leaves the rest of the batch in the queue once the proxy cannot be reached', async () => {
    api.proxy.failWith = 'PROXY_UNREACHABLE';
    const sqs = toSqs(event('accepted', 1), event('flagged', 1), event('corrected', 2));
    expect((await handle(sqs)).batchItemFailures.map((each) => each.itemIdentifier)).toEqual([
      'message-1',
      'message-2',
    ]);
    expect(api.proxy.calls).toHaveLength(1);
    expect(backedOff).toEqual(['message-1', 'message-2']);
    api.proxy.failWith = undefined;
    expect(await handle(sqs)).toEqual(done);
    expect(await tasks()).toMatchObject([{ status: 'APPROVED' }]);
  });

  it('dead-letters an event that the proxy refuses; the event stays in its queue if the dead-letter queue refuses it', async () => {
    api.proxy.failWith = 'INVALID_REQUEST';
    const sqs = toSqs(event('flagged', 1), event('corrected', 2));
    expect(await handle(sqs)).toEqual(done);
    expect(deadLetters.messages.map(({ attributes }) => attributes['reason'])).toEqual(
      Array.from({ length: 2 }, () => 'The db-proxy refuses it: INVALID_REQUEST.'),
    );
    deadLetters.refuses = true;
    expect((await handle(sqs)).batchItemFailures).toHaveLength(2);
    expect(api.proxy.calls).toHaveLength(4);
    const lines = logged.map((line): Record<string, unknown> => JSON.parse(line));
    expect(lines.map(({ message }) => message)).toContain('message not dead-lettered');
    expect(lines.filter((line) => line['response_id'] !== 'response-1')).toEqual([]);
  });
});
