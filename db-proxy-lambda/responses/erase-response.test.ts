/** The erasure of a response: which data it deletes, and which stays. */
import { randomUUID } from 'node:crypto';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { startProxyProcesses, type ProxyProcess } from '../../tests/support/proxy-process.ts';
import { readOutbox } from '../../tests/support/outbox.ts';
import { incoming, type IncomingChanges } from '../../tests/support/responses.ts';
import { contract, type IncomingResponse } from '../contract.ts';
import type { Database } from '../database/database.ts';

const SECRET = 'secret-figure-4711';
const FLAG = { rule: 'Rule1', message: `Food is ${SECRET}.`, questions: ['food'], values: { food: SECRET } };
const EARLIER = '2026-08-01T00:00:00Z';
const LATER = '2026-10-01T00:00:00Z';

/** Every row that may hold answers, as text. */
async function everything({ db }: Database): Promise<string> {
  const tables = ['responses', 'response_revisions', 'late_revisions', 'response_events', 'tasks', 'task_follow_ups'];
  const rows = await Promise.all(
    tables.map((table) =>
      db
        .selectFrom(table as 'responses')
        .selectAll()
        .execute(),
    ),
  );
  return JSON.stringify(rows);
}

describe.each(databaseKinds)('erasing a response on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  const erase = (responseId: string) => proxy.call('eraseResponse', { response_id: responseId });
  const save = async (...responses: IncomingResponse[]) =>
    (await proxy.call('saveResponses', { responses })).results.map(({ outcome }) => outcome);
  const saveLate = async (...responses: IncomingResponse[]) =>
    (await proxy.call('saveResponses', { responses, late: true })).results.map(({ outcome }) => outcome);
  const revision = (changes: IncomingChanges = {}, responseId = 'response-1') =>
    incoming({ response_id: responseId, response: { food: SECRET }, status: 'flagged', flags: [FLAG], ...changes });

  /** Saves a response with a history, a late revision, unpublished events and a task. */
  async function saveAllKinds(responseId = 'response-1'): Promise<void> {
    await save(revision({}, responseId), revision({ at: LATER }, responseId));
    await saveLate(revision({ at: EARLIER }, responseId));
    await followUp(1, responseId);
  }

  const followUp = (number: number, responseId = 'response-1') =>
    proxy.call('followUpResponse', {
      response_id: responseId,
      revision: number,
      type: 'flagged',
      user_id: 'collector-1',
      task_date: '2026-09-01',
      description: FLAG.message,
    });

  async function tasksOf(responseId = 'response-1') {
    const { items } = await proxy.call('listTasks', {
      filter: { response_id: responseId },
      sort: { column: 'id', descending: false },
      offset: 0,
      limit: 10,
    });
    return items;
  }

  test('leaves no answer and no amount in any table', async () => {
    await saveAllKinds();
    expect(await everything(proxy.database)).toContain(SECRET);

    expect(await erase('response-1')).toEqual({ outcome: 'erased' });

    expect(await everything(proxy.database)).not.toContain(SECRET);
    expect(await readOutbox(proxy)).toMatchObject([
      { type: 'erased', response_id: 'response-1', revision: 3, flags: [] },
    ]);
    expect(await proxy.call('listLateRevisions', { response_id: 'response-1' })).toEqual({ items: [], next: null });
  });

  test('leaves a tombstone, as the next revision', async () => {
    await saveAllKinds();
    const before = new Date().toISOString();

    await erase('response-1');

    const { response } = await proxy.call('getResponse', { response_id: 'response-1' });
    expect(response).toEqual({
      response_id: 'response-1',
      form_id: 'household_finances',
      form_version: 1,
      rules_version: 1,
      user_id: 'collector-1',
      status: 'erased',
      revision: 3,
      flags: [],
      response: {},
      author: null,
      saved_at: expect.any(String),
    });
    expect((response?.saved_at ?? '') >= before).toBe(true);
    const { items } = await proxy.call('listRevisions', { response_id: 'response-1', after_revision: 0 });
    expect(items).toEqual([response]);
    const row = await proxy.database.db.selectFrom('responses').select('last_modified_time').executeTakeFirst();
    expect(row).toEqual({ last_modified_time: LATER });
  });

  test('is not undone by an earlier release, which compares only times and hashes', async () => {
    await save(revision());
    await erase('response-1');

    const { db } = proxy.database;
    const row = await db.selectFrom('responses').select(['last_modified', 'content_hash']).executeTakeFirstOrThrow();

    const last = incoming({ at: '9999-12-31T23:59:59.999999999Z' });
    expect(last.last_modified <= row.last_modified).toBe(true);
    expect(row.content_hash).not.toMatch(/^[0-9a-f]{64}$/);
  });

  test('leaves the tombstone in lists by change and by status, but in no worklist', async () => {
    await save(revision(), incoming());
    const since = new Date().toISOString();

    await erase('response-1');

    const ids = async (query: object) =>
      (await proxy.call('listResponses', { limit: 10, ...query })).items.map((each) => each.response_id);
    expect(await ids({})).toContain('response-1');
    expect(await ids({ updated_since: since })).toContain('response-1');
    expect(await ids({ status: 'erased' })).toEqual(['response-1']);
    expect(await ids({ status: 'flagged' })).toEqual([]);
  });

  test('is idempotent', async () => {
    await saveAllKinds();
    await erase('response-1');
    const before = await everything(proxy.database);

    expect(await erase('response-1')).toEqual({ outcome: 'erased' });

    expect(await everything(proxy.database)).toBe(before);
  });

  test('of an unknown response returns `unknown`', async () => {
    expect(await erase('nobody')).toEqual({ outcome: 'unknown' });
  });

  test('changes no other response, even with ids that look like SQL injection', async () => {
    const ids = [`' or '1'='1`, `x'; delete from responses; --`, '%', 'response-_', 'Response-1', 'response-1', '?'];
    for (const id of ids) await saveAllKinds(id);

    for (const [index, id] of ids.entries()) {
      expect(await erase(id)).toEqual({ outcome: 'erased' });

      const left = ids.slice(index + 1);
      for (const other of left) {
        const { items } = await proxy.call('listRevisions', { response_id: other, after_revision: 0 });
        const late = await proxy.call('listLateRevisions', { response_id: other });
        expect([items.length, late.items.length]).toEqual([2, 1]);
        expect(await tasksOf(other)).toMatchObject([{ description: FLAG.message }]);
      }
      const events = await readOutbox(proxy);
      expect(events.filter(({ type }) => type !== 'erased')).toHaveLength(2 * left.length);
    }
  });

  test('refuses every later save, late or not, of any time, form or collector', async () => {
    await save(revision());
    await erase('response-1');
    const before = await everything(proxy.database);
    const attempts = [
      revision(),
      revision({ at: LATER }),
      revision({ at: EARLIER }),
      revision({ at: '9999-12-31T23:59:59.999999999Z' }),
      revision({ form_id: 'crops', at: LATER }),
      revision({ user_id: 'collector-2', at: LATER }),
    ];

    const erased = attempts.map(() => 'erased');
    expect(await save(...attempts)).toEqual(erased);
    expect(await saveLate(...attempts)).toEqual(erased);
    for (const each of attempts) expect(await save(each)).toEqual(['erased']);
    expect(await everything(proxy.database)).toBe(before);
  });

  test('does not affect the other responses of a batch', async () => {
    await save(revision());
    await erase('response-1');

    expect(await save(incoming(), revision({ at: LATER }), incoming())).toEqual(['created', 'erased', 'created']);
  });

  describe('and follow-up tasks:', () => {
    test('the task is closed and its description replaced, and the rest of the task stays', async () => {
      await saveAllKinds();
      const [before] = await tasksOf();

      await erase('response-1');

      const [updated_at, status_id] = [expect.any(String), expect.any(Number)] as unknown[];
      const description = 'The response was erased.';
      expect(await tasksOf()).toEqual([{ ...before, status: 'REJECTED', status_id, description, updated_at }]);
    });

    test.each(['APPROVED', 'Settled by phone'])('a task that is not in review keeps its status: %s', async (name) => {
      await saveAllKinds();
      const [task] = await tasksOf();
      const { db } = proxy.database;
      const now = new Date().toISOString();
      const status = { name, created_at: now, updated_at: now };
      if (name !== 'APPROVED') await db.insertInto('task_statuses').values(status).execute();
      const { id } = await db
        .selectFrom('task_statuses')
        .select('id')
        .where('name', '=', name)
        .executeTakeFirstOrThrow();
      await proxy.call('updateTask', { id: task?.id ?? 0, changes: { status_id: id } });

      await erase('response-1');

      expect(await tasksOf()).toMatchObject([{ status: name, description: 'The response was erased.' }]);
    });

    test('without a task, none is opened', async () => {
      await save(revision());

      await erase('response-1');

      expect(await tasksOf()).toEqual([]);
    });

    test('later events neither change nor open a task', async () => {
      await saveAllKinds();
      await save(revision({}, 'response-2'), revision({ at: LATER }, 'response-2'));
      await erase('response-1');
      await erase('response-2');
      const before = await everything(proxy.database);

      for (const id of ['response-1', 'response-2']) {
        expect(await followUp(1, id)).toEqual({ outcome: 'unchanged' });
        expect(await followUp(2, id)).toEqual({ outcome: 'unchanged' });
      }

      expect(await everything(proxy.database)).toBe(before);
      expect(await tasksOf('response-2')).toEqual([]);
    });
  });
});

describe.each(databaseKinds)('proxies that erase while others save, on %s', (kind) => {
  let proxy: InProcessProxy;
  let processes: ProxyProcess[];
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    processes = await startProxyProcesses(4, proxy.url);
  });
  afterAll(async () => {
    await Promise.all(processes.map((each) => each.stop()));
    await proxy.stop();
  });

  const [saveResult, eraseResult] = [contract.saveResponses.result, contract.eraseResponse.result];
  const resultOf = (reply: unknown): unknown => Reflect.get(Object(reply), 'result');

  test('leave only tombstones, in any order', async () => {
    const ids = Array.from({ length: 12 }, () => `response-${randomUUID()}`);
    const revisions = (minute: number) =>
      ids.map((id) =>
        incoming({
          response_id: id,
          at: `2026-09-01T06:${String(minute).padStart(2, '0')}:00Z`,
          status: 'flagged',
          flags: [FLAG],
          response: { food: SECRET, minute },
        }),
      );
    await proxy.call('saveResponses', { responses: revisions(10) });
    const saving = (batch: IncomingResponse[], late: boolean) => ({
      operation: 'saveResponses',
      input: { responses: batch, late },
    });
    const following = (number: number) =>
      ids.map((id) => ({
        operation: 'followUpResponse',
        input: {
          response_id: id,
          revision: number,
          type: 'flagged',
          user_id: 'collector-1',
          task_date: '2026-09-01',
          description: FLAG.message,
        },
      }));
    const [savers, batches, events, erasers] = processes;

    const [saved, batched, followed, erased] = await Promise.all([
      savers?.ask([11, 12, 9].flatMap((minute) => revisions(minute).map((each) => saving([each], true)))),
      batches?.ask([13, 8, 14].map((minute) => saving(revisions(minute).toReversed(), minute === 8))),
      events?.ask([...following(1), ...following(2)]),
      erasers?.ask(ids.map((id) => ({ operation: 'eraseResponse', input: { response_id: id } }))),
    ]);

    expect(processes.flatMap(({ logged }) => logged)).toEqual([]);
    expect(erased?.map((reply) => eraseResult.parse(resultOf(reply)))).toEqual(ids.map(() => ({ outcome: 'erased' })));
    for (const reply of [...(saved ?? []), ...(batched ?? [])]) saveResult.parse(resultOf(reply));
    expect(followed).toHaveLength(2 * ids.length);
    expect(await everything(proxy.database)).not.toContain(SECRET);
    const { items } = await proxy.call('listResponses', { limit: 100 });
    expect(items.map(({ response_id, status }) => [response_id, status])).toEqual(ids.map((id) => [id, 'erased']));
    expect((await readOutbox(proxy)).map(({ type }) => type)).toEqual(ids.map(() => 'erased'));
  });

  test('once an erasure has returned, every save is refused', async () => {
    const [first] = processes;
    const response = incoming();
    await proxy.call('saveResponses', { responses: [response] });
    await first?.ask([{ operation: 'eraseResponse', input: { response_id: response.response_id } }]);
    const later = incoming({ response_id: response.response_id, at: LATER });

    const replies = await Promise.all(
      processes.map((each) => each.ask([{ operation: 'saveResponses', input: { responses: [later] } }])),
    );

    const results = replies.flat().flatMap((reply) => saveResult.parse(resultOf(reply)).results);
    expect(results).toEqual(processes.map(() => ({ outcome: 'erased' })));
  });
});
