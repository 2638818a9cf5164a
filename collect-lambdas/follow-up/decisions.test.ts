import { randomUUID } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import { array, assert, asyncProperty, constantFrom, infiniteStream, nat } from 'fast-check';
import type { IncomingReview, PendingEvent, StoredRevision } from '../../db-proxy-lambda/contract.ts';
import sampleEvent from '../../events/follow-up/flagged-then-corrected.json' with { type: 'json' };
import { databaseKinds } from '../../tests/support/databases.ts';
import { readOutbox } from '../../tests/support/outbox.ts';
import { createRecordingLogger } from '../../tests/support/recording-logger.ts';
import { RecordingQueue } from '../../tests/support/recording-queue.ts';
import { incoming, type IncomingChanges } from '../../tests/support/responses.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import { itemsOf, startTasksApi, type TasksApi } from '../../tests/support/tasks-api.ts';
import { createDeadLetter } from '../shared/dead-letter.ts';
import { createHandler } from './handler.ts';

const FLAG = { rule: 'Rule1', message: 'Not so.', questions: ['age'], values: {} };
const OTHER_FLAG = { ...FLAG, rule: 'Rule2', message: 'Nor so.' };

/** The status of a response's task, by the status of the response. */
const TASK_STATUS = {
  flagged: 'IN_REVIEW',
  returned: 'IN_REVIEW',
  rejected: 'REJECTED',
  approved: 'APPROVED',
  accepted: 'APPROVED',
  erased: 'REJECTED',
};

describe.each(databaseKinds)('The follow-up of reviews, on %s:', (kind) => {
  let api: TasksApi;
  let handle: ReturnType<typeof createHandler>;
  let responseId: string;
  beforeEach(async () => {
    responseId = 'response-1';
    api = await startTasksApi(kind);
    const { logger } = createRecordingLogger();
    const deadLetter = createDeadLetter(new RecordingQueue().send, logger);
    handle = createHandler({ dbProxy: api.proxy, logger, deadLetter, backOff: () => Promise.resolve() });
  });
  afterEach(() => api.proxy.stop());

  /** The last revision of the response. */
  async function lastRevision(): Promise<Pick<StoredRevision, 'status' | 'flags'>> {
    const { response } = await api.proxy.call('getResponse', { response_id: responseId });
    if (response === null) throw new Error('The response is not stored.');
    return response;
  }

  /** Saves a revision; `hour` makes a later one. */
  async function save(hour: number, flags = [FLAG], changes: IncomingChanges = {}): Promise<void> {
    const status = flags.length > 0 ? 'flagged' : 'accepted';
    const at = `2026-09-01T0${hour}:00:00Z`;
    const response = incoming({ response_id: responseId, at, response: { age: hour }, status, flags, ...changes });
    await api.proxy.call('saveResponses', { responses: [response] });
  }

  async function review(action: IncomingReview['action'], changes: Partial<IncomingReview> = {}): Promise<void> {
    const sent = incomingReview({ response_id: responseId, action, text: `To ${action}.`, ...changes });
    await api.proxy.call('saveReviews', { reviews: [sent] });
  }

  /** Judges the stored revision again, with these flags. */
  async function judge(revision: number, flags: (typeof FLAG)[]): Promise<void> {
    const form = { form_id: 'household_finances' };
    await api.proxy.call('putForm', { ...form, definition: { title: randomUUID() } });
    const { rejudge } = await api.proxy.call('requestRejudge', { rejudge_id: randomUUID(), ...form });
    const held = { rejudge_id: rejudge?.rejudge_id ?? '', holder: 'worker-1' };
    await api.proxy.call('claimRejudge', held);
    const judgements = [{ response_id: responseId, revision, flags }];
    await api.proxy.call('saveJudgements', { ...held, judgements, page: { checked: 1, next: null } });
  }

  async function deliver(events: readonly PendingEvent[]): Promise<void> {
    const [record] = sampleEvent.Records as SQSEvent['Records'];
    if (record === undefined) throw new Error('The event holds no record.');
    const bodies = events.map((event) => JSON.stringify({ ...event, event_id: String(event.event_id) }));
    expect(await handle({ Records: bodies.map((body) => ({ ...record, body })) })).toEqual({ batchItemFailures: [] });
  }

  const readTasks = async () => itemsOf(await api.ask('GET /tasks/', { query: { response_id: responseId } }));

  /** Delivers all events so far, the earlier ones once more, and reads the tasks. */
  async function tasks({ newestFirst = false } = {}) {
    const events = await readOutbox(api.proxy);
    await deliver(newestFirst ? events.toReversed() : events);
    return readTasks();
  }

  test.each([
    ['approve', 'APPROVED'],
    ['reject', 'REJECTED'],
  ] as const)('%s closes the open task, which keeps its description: %s', async (action, status) => {
    await save(1);
    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW' }]);

    await review(action, { revision: 1 });

    expect(await tasks()).toMatchObject([{ status, description: 'Rule1: Not so.' }]);
  });

  test('a returned response opens its task again, with the manager’s words, until a correction passes', async () => {
    await save(1);
    await tasks();
    await review('approve', { revision: 1 });
    await tasks();

    await review('return', { revision: 1 });

    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW', description: 'Returned by operator: To return.' }]);
    await save(2, []);
    expect(await tasks()).toMatchObject([{ status: 'APPROVED' }]);
  });

  test('after two returns of a revision, the task has the words of the last return, in any order of the events', async () => {
    await save(1);
    await review('return', { revision: 1, text: 'Ask for food.' });
    expect(await tasks()).toMatchObject([{ description: 'Returned by operator: Ask for food.' }]);

    await review('return', { revision: 1, text: 'Ask for fuel.' });

    const last = { status: 'IN_REVIEW', description: 'Returned by operator: Ask for fuel.' };
    expect(await tasks()).toMatchObject([last]);
    expect(await tasks({ newestFirst: true })).toMatchObject([last]);
  });

  test('a return after another decision puts its words into the task, even when all events arrive late', async () => {
    await save(1);
    await review('return', { revision: 1, text: 'Ask for food.' });
    await review('approve', { revision: 1 });
    await review('return', { revision: 1, text: 'Ask for fuel.' });

    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW', description: 'Returned by operator: Ask for fuel.' }]);
  });

  test.each([true, false])(
    'a re-judge that comes before the event of a return leaves the task to the return, newest event first: %j',
    async (newestFirst) => {
      await save(1);
      await review('return', { revision: 1, text: 'Ask for food.' });
      await judge(1, [OTHER_FLAG]);
      await judge(2, []);

      const description = 'Returned by operator: Ask for food.';
      expect(await tasks({ newestFirst })).toMatchObject([{ status: 'IN_REVIEW', description }]);
      await save(2, []);
      expect(await tasks()).toMatchObject([{ status: 'APPROVED', description }]);
    },
  );

  test('a second return reopens a task that a manager closed, but a repeated event of that return does not', async () => {
    await save(1);
    await review('return', { revision: 1, text: 'Ask again.' });
    const [task] = await tasks();
    const [approved] = itemsOf(await api.ask('GET /task_status/', { query: { name: 'APPROVED' } }));
    const close = { path: { id: String(task?.id) }, body: { status_id: approved?.id } };
    await api.ask('PATCH /tasks/{id}/', close);
    expect(await tasks()).toMatchObject([{ status: 'APPROVED' }]);

    await review('return', { revision: 1, text: 'Ask again.' });

    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW' }]);
    await api.ask('PATCH /tasks/{id}/', close);
    expect(await tasks()).toMatchObject([{ status: 'APPROVED' }]);
  });

  test('the last decision or revision determines the task, for any history, order and number of deliveries', async () => {
    const steps = constantFrom('flag', 'pass', 'approve', 'return', 'reject', 'judge', 'deliver');
    const random = infiniteStream(nat());
    let number = 0;
    await assert(
      asyncProperty(array(steps, { minLength: 1, maxLength: 7 }), random, async (history, numbers) => {
        responseId = `shuffled-${(number += 1)}`;
        await api.proxy.database.db.deleteFrom('response_events').execute();
        const deliverSome = async (copies: number) => {
          const events = await readOutbox(api.proxy);
          const some = Array.from({ length: copies }, () => events).flat();
          const ranked = some.map((event) => ({ event, rank: Number(numbers.next().value) }));
          const order = ranked.toSorted((one, other) => one.rank - other.rank).map(({ event }) => event);
          await deliver(copies === 1 ? order.slice(0, order.length / 2) : order);
        };
        let hour = 1;
        let words = '';
        let revision = 1;
        await save(hour);
        for (const step of history) {
          if (step === 'deliver') await deliverSome(1);
          else if (step === 'judge') {
            const before = await lastRevision();
            await judge(revision, before.flags.length > 0 ? [] : [OTHER_FLAG]);
            revision += 1;
          } else if (step === 'flag' || step === 'pass') {
            await save((hour += 1), step === 'flag' ? [FLAG] : []);
            revision += 1;
          } else await review(step, { revision, text: (words = `Words ${randomUUID()}`) });
        }
        await deliverSome(2);

        const { status } = await lastRevision();
        const found = await readTasks();
        const isOptional = found.length === 0 && TASK_STATUS[status] !== 'IN_REVIEW';
        const returned = status === 'returned' && { description: `Returned by operator: ${words}` };
        expect(found).toMatchObject(isOptional ? [] : [{ status: TASK_STATUS[status], ...returned }]);
      }),
      { numRuns: 25 },
    );
  });

  test('a response that was never flagged has a task once a manager returns it', async () => {
    await save(1, []);
    expect(await tasks()).toEqual([]);

    await review('return', { revision: 1 });

    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW', owner: 'collector-1', task_date: expect.any(String) }]);
  });

  test('a rejection does not open a task', async () => {
    await save(1, []);
    await review('reject', { revision: 1 });

    expect(await tasks()).toEqual([]);
  });

  test('a comment does not change the task', async () => {
    await save(1);
    const before = await tasks();

    await review('comment');

    expect(await tasks()).toEqual(before);
  });

  test('an assignment gives the task to the new collector', async () => {
    await save(1);
    await tasks();

    await review('assign', { assignee: 'collector-2', text: null });

    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW', owner: 'collector-2' }]);
  });

  test.each([
    ['approve', [OTHER_FLAG], 'APPROVED'],
    ['reject', [FLAG, OTHER_FLAG], 'REJECTED'],
    ['reject', [], 'REJECTED'],
    ['return', [], 'IN_REVIEW'],
  ] as const)('a re-judge leaves the task as it is after %s, whatever it finds: %j', async (action, flags, status) => {
    await save(1);
    await tasks();
    await review(action, { revision: 1 });
    const before = await tasks();

    await judge(1, [...flags]);

    const [task] = await tasks();
    expect(task).toMatchObject({ status });
    expect([task]).toEqual(before);
  });

  test('a new revision that is flagged opens the task of a rejected response again', async () => {
    await save(1);
    await review('reject', { revision: 1 });
    await tasks();

    await save(2, [OTHER_FLAG]);

    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW', description: 'Rule2: Nor so.' }]);
  });

  test('the last of two decisions counts, in any order of the events', async () => {
    await save(1);
    await tasks();
    await review('reject', { revision: 1 });
    await review('return', { revision: 1 });
    await review('approve', { revision: 1 });

    expect(await tasks({ newestFirst: true })).toMatchObject([{ status: 'APPROVED' }]);
  });

  test('a manager’s later change of the task stays when the event of the decision is repeated', async () => {
    await save(1);
    await tasks();
    await review('approve', { revision: 1 });
    const [task] = await tasks();
    const statuses = itemsOf(await api.ask('GET /task_status/', { query: { name: 'IN_REVIEW' } }));
    await api.ask('PATCH /tasks/{id}/', { path: { id: String(task?.id) }, body: { status_id: statuses[0]?.id } });

    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW' }]);
  });
});
