import { randomUUID } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import type { IncomingReview } from '../../db-proxy-lambda/contract.ts';
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

describe.each(databaseKinds)('The task of a response that a manager reviews, on %s', (kind) => {
  let api: TasksApi;
  let handle: ReturnType<typeof createHandler>;
  beforeEach(async () => {
    api = await startTasksApi(kind);
    const { logger } = createRecordingLogger();
    const deadLetter = createDeadLetter(new RecordingQueue().send, logger);
    handle = createHandler({ dbProxy: api.proxy, logger, deadLetter, backOff: () => Promise.resolve() });
  });
  afterEach(() => api.proxy.stop());

  /** Saves a revision; `hour` makes a later one. */
  async function save(hour: number, flags = [FLAG], changes: IncomingChanges = {}): Promise<void> {
    const status = flags.length > 0 ? 'flagged' : 'accepted';
    const at = `2026-09-01T0${hour}:00:00Z`;
    const response = incoming({ response_id: 'response-1', at, response: { age: hour }, status, flags, ...changes });
    await api.proxy.call('saveResponses', { responses: [response] });
  }

  async function review(action: IncomingReview['action'], changes: Partial<IncomingReview> = {}): Promise<void> {
    const sent = incomingReview({ response_id: 'response-1', action, text: `To ${action}.`, ...changes });
    await api.proxy.call('saveReviews', { reviews: [sent] });
  }

  /** Judges the stored revision again, with these flags. */
  async function judge(revision: number, flags: (typeof FLAG)[]): Promise<void> {
    const form = { form_id: 'household_finances' };
    await api.proxy.call('putForm', { ...form, definition: { title: randomUUID() } });
    const { rejudge } = await api.proxy.call('requestRejudge', { rejudge_id: randomUUID(), ...form });
    const held = { rejudge_id: rejudge?.rejudge_id ?? '', holder: 'worker-1' };
    await api.proxy.call('claimRejudge', held);
    const judgements = [{ response_id: 'response-1', revision, flags }];
    await api.proxy.call('saveJudgements', { ...held, judgements, page: { checked: 1, next: null } });
  }

  /** Delivers all events so far, the earlier ones once more, and reads the tasks. */
  async function tasks({ newestFirst = false } = {}) {
    const [record] = sampleEvent.Records as SQSEvent['Records'];
    if (record === undefined) throw new Error('The event holds no record.');
    const events = await readOutbox(api.proxy);
    const bodies = (newestFirst ? events.toReversed() : events).map((event) =>
      JSON.stringify({ ...event, event_id: String(event.event_id) }),
    );
    expect(await handle({ Records: bodies.map((body) => ({ ...record, body })) })).toEqual({ batchItemFailures: [] });
    return itemsOf(await api.ask('GET /tasks/', { query: { response_id: 'response-1' } }));
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

  test('a response that was never flagged has a task once a manager returns it', async () => {
    await save(1, []);
    expect(await tasks()).toEqual([]);

    await review('return', { revision: 1 });

    expect(await tasks()).toMatchObject([{ status: 'IN_REVIEW', owner: 'collector-1', task_date: expect.any(String) }]);
  });

  test('a decision opens no task', async () => {
    await save(1, []);
    await review('reject', { revision: 1 });

    expect(await tasks()).toEqual([]);
  });

  test('a comment changes nothing of the task', async () => {
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

  test('of two decisions the last one counts, in whatever order the events arrive', async () => {
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
