/** The states of a form: draft, open and closed; and the deletion of a form. */
import { createHandler as createCollect } from '../../collect-lambdas/collect/routes.ts';
import { createFormStore } from '../../collect-lambdas/shared/form-store.ts';
import { createSnapshot, formKey } from '../../collect-lambdas/shared/snapshot.ts';
import { everyDatabaseKind } from '../support/databases.ts';
import { httpEvent, readReply } from '../support/http-event.ts';
import { InProcessProxy } from '../support/in-process-proxy.ts';
import { changeRecorder, MemoryStore } from '../support/memory-store.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { anyJob, RecordingQueue } from '../support/recording-queue.ts';
import { incoming, metadata } from '../support/responses.ts';
import { createHandler } from '../../collect-lambdas/forms/routes.ts';

const questions = [{ key: 'bags', column: 'bags', type: 'integer' }];
const at = (minute: number) => ({ last_modified_time: `2026-09-01T09:0${minute}:00+02:00` });

describe.each(everyDatabaseKind)('a form on %s', (kind) => {
  let proxy: InProcessProxy;
  let store: MemoryStore;
  let queue: RecordingQueue;
  let now: number;
  let forms: ReturnType<typeof createHandler>;
  let collectHandler: ReturnType<typeof createCollect>;
  let formId: string;
  let count = 0;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(() => {
    proxy.failWith = undefined;
    formId = `wells_${(count += 1)}`;
    now = 0;
    const logger = new RecordingLogger();
    store = new MemoryStore();
    queue = new RecordingQueue();
    const dbProxy = proxy;
    forms = createHandler({
      ...anyJob,
      files: new MemoryStore(),
      dbProxy,
      recordChange: changeRecorder(logger, store),
      logger,
      now: () => now,
    });
    collectHandler = createCollect({
      dbProxy,
      forms: createFormStore(proxy, createSnapshot(store), logger, () => (now += 1)),
      logger,
      enqueue: queue.send,
      triggerPublish: () => Promise.resolve(),
      now: Date.now,
    });
  });
  afterAll(() => proxy.stop());

  const path = () => ({ form_id: formId });
  const put = async (changes: object) =>
    readReply(
      await forms(httpEvent('PUT /forms/{form_id}', { path: path(), body: { title: 'Wells', questions, ...changes } })),
    );
  const remove = async () => forms(httpEvent('DELETE /forms/{form_id}', { path: path() }));
  const collect = async (body: unknown) =>
    readReply(await collectHandler(httpEvent('POST /forms/{form_id}/responses', { path: path(), body })));
  const listed = async (filter: object) => {
    const { items } = await proxy.call('listResponses', { ...filter, limit: 1_000 });
    return items.map((item) => item.response_id);
  };
  const eventsOf = async (responseId: string) =>
    proxy.database.db.selectFrom('response_events').selectAll().where('response_id', '=', responseId).execute();

  test('is open unless its definition says otherwise', async () => {
    await put({});

    expect(await collect({ ...metadata(), bags: 1 })).toMatchObject({ status: 201 });
    const { forms: all } = await proxy.call('listForms', {});
    expect(all).toContainEqual(expect.objectContaining({ form_id: formId, state: 'open' }));
  });

  test.each(['Open', 'deleted', null, 1])('cannot have the state %j', async (state) => {
    expect(await put({ state })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/state' }] } });
  });

  describe('that is closed', () => {
    test('refuses new responses with a problem that says so', async () => {
      await put({ state: 'closed' });

      expect(await collect({ ...metadata(), bags: 1 })).toMatchObject({
        status: 409,
        body: { type: 'urn:collect:problem:form-closed', detail: expect.stringContaining('corrections') },
      });
    });

    test('accepts corrections of its stored responses, and repeated corrections', async () => {
      const response = metadata();
      await put({});
      await collect({ ...response, ...at(1), bags: 1 });
      await put({ state: 'closed' });

      expect(await collect({ ...response, ...at(2), bags: 2 })).toMatchObject({ status: 200, body: { revision: 2 } });
      expect(await collect({ ...response, ...at(2), bags: 2 })).toMatchObject({ status: 200, body: { revision: 2 } });
    });

    test('accepts new responses as soon as it is open again', async () => {
      await put({ state: 'closed' });
      await collect({ ...metadata(), bags: 1 });
      await put({ state: 'open' });

      expect(await collect({ ...metadata(), bags: 1 })).toMatchObject({ status: 201 });
    });

    test('loses no response that was acknowledged while the database was down', async () => {
      const response = metadata();
      await put({ state: 'closed' });
      proxy.failWith = 'DATABASE_UNAVAILABLE';
      expect(await collect({ ...response, bags: 1 })).toMatchObject({ status: 202 });
      proxy.failWith = undefined;

      for (const { body } of queue.messages) await proxy.invoke(JSON.parse(body));

      expect(await listed({ form_id: formId })).toEqual([response.response_id]);
    });
  });

  describe('that is a draft', () => {
    test('stores responses apart, without events, and deletes them when it opens', async () => {
      const [first, second, real] = [metadata(), metadata(), metadata()];
      await put({ state: 'draft' });
      await collect({ ...first, ...at(1), bags: 1 });
      await collect({ ...first, ...at(2), bags: 2 });
      await collect({ ...second, bags: 3 });

      expect(await listed({ form_id: formId })).toEqual([]);
      expect(await listed({})).not.toContain(first.response_id);
      expect(await listed({ form_id: `${formId}.draft` })).toEqual([first.response_id, second.response_id]);
      expect(await eventsOf(first.response_id)).toEqual([]);

      await put({});
      await collect({ ...real, bags: 1 });

      expect(await listed({ form_id: `${formId}.draft` })).toEqual([]);
      const { items } = await proxy.call('listRevisions', { response_id: first.response_id, after_revision: 0 });
      expect(items).toEqual([]);
      expect(await listed({ form_id: formId })).toEqual([real.response_id]);
    });

    test('accepts a response after it opened, although the response was sent to the draft before', async () => {
      const response = { ...metadata(), bags: 1 };
      await put({ state: 'draft' });
      await collect(response);
      await put({});

      expect(await collect(response)).toMatchObject({ status: 201 });
    });

    test('deletes responses to the draft when the PUT that opens it is repeated, but none from after the opening', async () => {
      const [before, after] = [metadata(), metadata()];
      const { db } = proxy.database;
      const restore = async (responseId: string, createdAt: string) => {
        const { form_id: _formId, ...columns } = await db
          .selectFrom('responses')
          .selectAll()
          .where('response_id', '=', template)
          .executeTakeFirstOrThrow();
        const { id: _id, ...row } = { ...columns, response_id: responseId, form_id: `${formId}.draft` };
        await db
          .insertInto('responses')
          .values({ ...row, created_at: createdAt })
          .execute();
      };
      const { response_id: template } = metadata();
      await proxy.call('saveResponses', { responses: [incoming({ response_id: template })] });
      await put({ state: 'draft' });
      await put({});
      await restore(before.response_id, '2020-01-01T00:00:00.000Z');
      await restore(after.response_id, '2999-01-01T00:00:00.000Z');

      await put({});

      expect(await listed({ form_id: `${formId}.draft` })).toEqual([after.response_id]);
    });

    test('stores a response under the form if the form opened after the function had read the draft', async () => {
      const late = incoming({ form_id: `${formId}.draft` });
      await put({ state: 'draft' });
      await put({});

      const { results } = await proxy.call('saveResponses', { responses: [late] });
      await put({});

      expect(results).toEqual([{ outcome: 'created', revision: 1 }]);
      expect(await listed({ form_id: formId })).toEqual([late.response_id]);
      expect(await eventsOf(late.response_id)).toHaveLength(1);
    });

    test('keeps no late responses, and is not in tables or counts', async () => {
      // The audit counts the erasure itself.
      const counts = async () => {
        const { tables } = await proxy.call('listTables', { count_rows: true });
        return tables.filter(({ name }) => name !== 'audit_events');
      };
      const response = metadata();
      await put({ state: 'draft' });
      await collect({ ...response, ...at(2), bags: 1 });
      const before = await counts();
      const stale = incoming({
        response_id: response.response_id,
        form_id: `${formId}.draft`,
        at: '2020-01-01T00:00:00Z',
      });

      await proxy.call('saveResponses', { responses: [stale], late: true });
      await collect({ ...response, ...at(3), bags: 2 });
      await proxy.call('eraseResponse', { response_id: response.response_id });

      expect(await counts()).toEqual(before);
    });

    test('has an id of at most 57 characters', async () => {
      formId = `w${'x'.repeat(57)}`;

      expect(await put({ state: 'draft' })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/form_id' }] } });
      expect(await put({ state: 'open' })).toMatchObject({ status: 201 });
    });

    test('stays a draft through its own changes', async () => {
      const response = metadata();
      await put({ state: 'draft' });
      await collect({ ...response, bags: 1 });

      expect(await put({ state: 'draft', title: 'Wells and pumps' })).toMatchObject({ status: 200 });
      expect(await listed({ form_id: `${formId}.draft` })).toEqual([response.response_id]);
    });
  });

  test.each(['open', 'closed'])('that was %s cannot become a draft again', async (state) => {
    await put({ state });

    expect(await put({ state: 'draft' })).toMatchObject({
      status: 422,
      body: { type: 'urn:collect:problem:invalid-form', errors: [{ pointer: '/state' }] },
    });
  });

  describe('that is deleted', () => {
    test('is gone with its versions and the responses to its draft', async () => {
      await put({ state: 'draft' });
      await collect({ ...metadata(), bags: 1 });

      expect(await remove()).toMatchObject({ statusCode: 204 });

      expect(await proxy.call('getForm', { form_id: formId })).toEqual({ form: null });
      expect(await proxy.call('listFormVersions', { form_id: formId })).toEqual({ versions: [] });
      expect(await listed({ form_id: `${formId}.draft` })).toEqual([]);
      const { items } = await proxy.call('listAuditEvents', { action: 'form_deleted', limit: 1 });
      expect(items).toMatchObject([{ subject_id: formId }]);
    });

    test('leaves the deletion in the snapshot to the sweep', async () => {
      await put({});

      await remove();

      expect(store.keys()).toEqual([
        formKey({ form_id: formId, version: 1 }),
        expect.stringMatching(/^owed\/snapshot\//),
      ]);
    });

    test('continues its version numbers when it is created again', async () => {
      await put({});
      await put({ title: 'Wells and pumps' });
      await remove();

      expect(await put({})).toMatchObject({ status: 201, body: { version: 3 } });
      expect(await collect({ ...metadata(), bags: 1 })).toMatchObject({ status: 201 });
    });

    test('is not found when it is deleted again', async () => {
      await put({});
      await remove();

      expect(await remove()).toMatchObject({ statusCode: 404 });
    });
  });

  test('with responses is not deleted', async () => {
    const response = metadata();
    await put({});
    await collect({ ...response, bags: 1 });

    expect(readReply(await remove())).toMatchObject({
      status: 409,
      body: { type: 'urn:collect:problem:form-in-use', detail: expect.stringContaining('Close the form') },
    });
    expect(await listed({ form_id: formId })).toEqual([response.response_id]);
    expect(store.keys('owed/')).toEqual([]);
  });
});
