/** Stored responses judged again by new rules: the worker of re-judges with the proxy. */
import { randomUUID } from 'node:crypto';
import { databaseKinds } from '../support/databases.ts';
import { InProcessProxy } from '../support/in-process-proxy.ts';
import { readOutbox } from '../support/outbox.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { incoming, type IncomingChanges } from '../support/responses.ts';
import { DbProxyError, type DbProxy } from '../../collect-lambdas/shared/db-proxy-client.ts';
import { createHandler } from '../../collect-lambdas/rejudge/handler.ts';

const QUESTIONS = [
  { key: 'bags', column: 'bags', type: 'integer' },
  { key: 'sold', column: 'sold', type: 'integer', required: false },
];
const atMost = (bags: number) => ({
  name: 'Few',
  message: '{bags} bags.',
  conditions: { fact: 'bags', operator: 'lessThanInclusive', value: bags },
});
const flagOf = (bags: number) => ({ rule: 'Few', message: `${bags} bags.`, questions: ['bags'], values: { bags } });

describe.each(databaseKinds)('a re-judge on %s', (kind) => {
  let proxy: InProcessProxy;
  let logger: RecordingLogger;
  /** The ids in the queue. */
  let queued: string[];
  let triggers: number;
  let now: number;
  let formId: string;
  let count = 0;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    // No test writes responses while a list in the order of change is read.
    Object.assign(proxy.database, { settleMs: 1 });
  });
  beforeEach(async () => {
    await proxy.database.db.deleteFrom('response_events').execute();
    logger = new RecordingLogger();
    queued = [];
    triggers = 0;
    now = Date.now();
    formId = `crops_${(count += 1)}`;
    await put([]);
  });
  afterAll(() => proxy.stop());

  const put = (rules: object[], changes: object = {}) =>
    proxy.call('putForm', {
      form_id: formId,
      definition: { form_id: formId, title: 'Crops', questions: QUESTIONS, facts: [], rules, ...changes },
    });
  const save = async (bags: number, changes: IncomingChanges = {}) => {
    const response = incoming({ form_id: formId, response: { bags }, ...changes });
    await proxy.call('saveResponses', { responses: [response] });
    return response.response_id;
  };
  const read = async (responseId: string) => (await proxy.call('getResponse', { response_id: responseId })).response;
  const request = async (since?: string) => {
    const { rejudge } = await proxy.call('requestRejudge', { rejudge_id: randomUUID(), form_id: formId, since });
    return rejudge?.rejudge_id ?? '';
  };
  const stateOf = async (id: string) => (await proxy.call('getRejudge', { rejudge_id: id })).rejudge;
  /** Runs a re-judge. @returns the messages that stay in the queue */
  const run = async (id: string, dbProxy: DbProxy = proxy) => {
    const handler = createHandler({
      dbProxy,
      logger,
      enqueue: (each) => Promise.resolve(void queued.push(each)),
      triggerPublish: () => Promise.resolve(void (triggers += 1)),
      newHolder: randomUUID,
      now: () => now,
    });
    const record = { messageId: 'message-1', body: JSON.stringify({ rejudge_id: id }) };
    const { batchItemFailures } = await handler({ Records: [record] } as Parameters<typeof handler>[0]);
    return batchItemFailures;
  };
  const rejudge = async (since?: string) => {
    const id = await request(since);
    expect(await run(id)).toEqual([]);
    return await stateOf(id);
  };
  /** The proxy; `before` runs before each call, and may throw. */
  const proxyWith = (before: (operation: string, input: object) => Promise<void> | void): DbProxy => ({
    call: async (operation, input) => {
      await before(operation, input);
      return proxy.call(operation, input);
    },
  });

  it('flags responses by a new rule, and leaves the others as they are', async () => {
    const [few, many] = [await save(1), await save(9)];
    const before = await read(few);
    await put([atMost(5)]);

    const ended = await rejudge();

    expect(ended).toMatchObject({ status: 'succeeded', rules_version: 2, responses_total: 2, checked: 2, changed: 1 });
    expect(await read(many)).toMatchObject({
      revision: 2,
      status: 'flagged',
      flags: [flagOf(9)],
      form_version: 1,
      rules_version: 2,
      response: { bags: 9 },
    });
    expect(await read(few)).toEqual(before);
    // At the start and after the page.
    expect(triggers).toBe(2);
    expect(logger.text).not.toContain('bags');
  });

  it('accepts responses when a rule is gone, and writes an event to the outbox', async () => {
    const id = await save(9, { status: 'flagged', flags: [flagOf(9)] });

    await rejudge();

    expect(await read(id)).toMatchObject({ revision: 2, status: 'accepted', flags: [] });
    expect(await readOutbox(proxy)).toMatchObject([
      { type: 'flagged', revision: 1 },
      { type: 'corrected', revision: 2, rejudged: true },
    ]);
  });

  it('changes nothing when it is repeated', async () => {
    const id = await save(9);
    await put([atMost(5)]);
    await rejudge();

    expect(await rejudge()).toMatchObject({ status: 'succeeded', checked: 1, changed: 0 });
    expect(await read(id)).toMatchObject({ revision: 2 });
  });

  it('skips a rule for responses whose version lacks its question', async () => {
    const added = { key: 'trees', column: 'trees', type: 'integer', required: false };
    const [old, recent] = [await save(1), await save(1, { form_version: 2 })];
    const conditions = { fact: 'trees', operator: 'answered' };
    await put([{ name: 'Trees', message: 'How many trees?', conditions }], { questions: [...QUESTIONS, added] });

    await rejudge();

    expect(await read(old)).toMatchObject({ revision: 1, status: 'accepted' });
    expect(await read(recent)).toMatchObject({ revision: 2, status: 'flagged', flags: [{ rule: 'Trees' }] });
  });

  it('judges only responses saved since a time, each once', async () => {
    const [old, recent, other] = [await save(7), await save(8), await save(1)];
    const { db } = proxy.database;
    const time = '2026-01-01T00:00:00.000Z';
    await db.updateTable('responses').set({ updated_at: time }).where('response_id', '=', old).execute();
    await put([atMost(5)]);

    const ended = await rejudge('2026-01-01T00:00:00.001Z');

    expect(ended).toMatchObject({ status: 'succeeded', responses_total: 2, checked: 2, changed: 1 });
    expect(await read(old)).toMatchObject({ revision: 1 });
    expect(await read(recent)).toMatchObject({ revision: 2, status: 'flagged' });
    expect(await read(other)).toMatchObject({ revision: 1 });
  });

  it('leaves out erased responses, drafts, and the responses of other forms', async () => {
    const [erased, draft] = [await save(9), await save(9)];
    await proxy.call('eraseResponse', { response_id: erased });
    const { db } = proxy.database;
    await db
      .updateTable('responses')
      .set({ form_id: `${formId}.draft` })
      .where('response_id', '=', draft)
      .execute();
    const other = await save(9, { form_id: 'household_finances' });
    await put([atMost(5)]);

    expect(await rejudge()).toMatchObject({ status: 'succeeded', checked: 0, changed: 0 });
    expect(await read(erased)).toMatchObject({ status: 'erased', flags: [] });
    for (const id of [draft, other]) expect(await read(id)).toMatchObject({ revision: 1, status: 'accepted' });
  });

  it('finishes by its own version, and skips responses that a newer version has judged', async () => {
    const [first, second] = [await save(9), await save(9)];
    await put([atMost(5)]);
    const id = await request();
    await put([atMost(8)]);
    await save(9, { response_id: second, at: '2026-09-02T06:00:00Z', rules_version: 3 });

    await run(id);

    expect(await stateOf(id)).toMatchObject({ status: 'succeeded', rules_version: 2, checked: 1 });
    expect(await read(first)).toMatchObject({ revision: 2, rules_version: 2, status: 'flagged' });
    expect(await read(second)).toMatchObject({ revision: 2, rules_version: 3, status: 'accepted' });
  });

  it('flags the later of two responses with answers that must be unique, and keeps that flag', async () => {
    const unique = [{ name: 'Once', questions: ['bags'] }];
    const answers = { bags: 9, submitted_time: '2026-09-01T06:00:00Z' };
    const [first, second] = [await save(9, { response: answers }), await save(9, { response: answers })];
    await put([], { unique });

    expect(await rejudge()).toMatchObject({ status: 'succeeded', checked: 2, changed: 1 });
    expect(await rejudge()).toMatchObject({ status: 'succeeded', checked: 2, changed: 0 });
    await put([atMost(5)], { unique });
    expect(await rejudge()).toMatchObject({ status: 'succeeded', changed: 2 });

    expect(await read(first)).toMatchObject({ revision: 2, flags: [{ rule: 'Few' }] });
    const { revision, flags } = (await read(second)) ?? {};
    expect(revision).toBe(3);
    expect(flags).toMatchObject([{ rule: 'Few' }, { rule: 'Once', message: expect.stringContaining(first) }]);
    await put([]);
    expect(await rejudge()).toMatchObject({ status: 'succeeded', changed: 2 });
    expect(await read(second)).toMatchObject({ status: 'accepted', flags: [] });
  });

  it('does not overwrite a correction that arrives between reading and writing', async () => {
    const id = await save(9);
    await put([atMost(5)]);
    const rejudgeId = await request();
    const slow = proxyWith(async (operation) => {
      if (operation === 'saveJudgements') await save(2, { response_id: id, at: '2026-09-02T06:00:00Z' });
    });

    await run(rejudgeId, slow);

    expect(await read(id)).toMatchObject({ revision: 2, status: 'accepted', response: { bags: 2 } });
    expect(await stateOf(rejudgeId)).toMatchObject({ status: 'succeeded', changed: 0 });
  });

  describe('of more than a page of responses', () => {
    let ids: string[];
    beforeEach(async () => {
      const responses = Array.from({ length: 501 }, () => incoming({ form_id: formId, response: { bags: 9 } }));
      await proxy.call('saveResponses', { responses });
      ids = responses.map((each) => each.response_id);
      await put([atMost(5)]);
    });
    const revisions = async () => {
      const { db } = proxy.database;
      const rows = await db.selectFrom('responses').select('revision').where('response_id', 'in', ids).execute();
      return new Set(rows.map(({ revision }) => revision));
    };

    it('continues after the last finished page if its run was killed, and judges each response once', async () => {
      const id = await request();
      let pages = 0;
      const dying = proxyWith((operation) => {
        if (operation === 'listResponses' && (pages += 1) === 2) throw new DbProxyError('PROXY_UNREACHABLE');
      });

      expect(await run(id, dying)).toEqual([{ itemIdentifier: 'message-1' }]);
      expect(await stateOf(id)).toMatchObject({ status: 'running', checked: 500, changed: 500, responses_total: 501 });
      expect(logger.text).toContain('re-judge interrupted');
      proxy.calls.length = 0;
      expect(await run(id)).toEqual([]);

      expect(await stateOf(id)).toMatchObject({ status: 'succeeded', checked: 501, changed: 501 });
      expect(await revisions()).toEqual(new Set([2]));
      expect(proxy.calls.filter(({ operation }) => operation === 'listResponses')).toHaveLength(1);
    });

    it('triggers the publisher even if an earlier run died after it had saved the last page', async () => {
      const id = await request();
      await run(id);
      triggers = 0;

      await run(id);

      expect(triggers).toBe(1);
    });

    it('ends its run when another run has taken over; the other run finishes it', async () => {
      const id = await request();
      let isTakenOver = false;
      const slow = proxyWith(async (operation) => {
        if (operation !== 'saveJudgements' || isTakenOver) return;
        isTakenOver = true;
        await run(id);
      });

      expect(await run(id, slow)).toEqual([]);

      expect(logger.text).toContain('re-judge taken over by another run');
      expect(await stateOf(id)).toMatchObject({ status: 'succeeded', checked: 501, changed: 501 });
      expect(await revisions()).toEqual(new Set([2]));
    });

    it('continues in another run before its time is over', async () => {
      const id = await request();
      const slow = proxyWith((operation) => {
        if (operation === 'listResponses') now += 600_001;
      });

      expect(await run(id, slow)).toEqual([]);

      expect(queued).toEqual([id]);
      expect(await stateOf(id)).toMatchObject({ status: 'running', checked: 500 });
      await run(id, slow);
      expect(await stateOf(id)).toMatchObject({ status: 'succeeded', checked: 501 });
      expect(queued).toEqual([id]);
    });

    it('that were saved since a time reads what it has changed, and does not judge it again', async () => {
      const ended = await rejudge('2020-01-01T00:00:00.000Z');

      expect(ended).toMatchObject({ status: 'succeeded', checked: 501, changed: 501 });
      expect(await revisions()).toEqual(new Set([2]));
    });
  });

  it('with many flags is saved in calls within Lambda’s payload limit', async () => {
    const keys = Array.from('abcdefghijkl');
    const questions = keys.map((key) => ({ key, column: key, type: 'text', max_length: 5_000 }));
    const any = keys.map((fact) => ({ fact, operator: 'equal', value: 'short' }));
    const response = Object.fromEntries(keys.map((key) => [key, 'x'.repeat(5_000)]));
    const responses = Array.from({ length: 100 }, () => incoming({ form_id: formId, form_version: 2, response }));
    for (const each of responses) await proxy.call('saveResponses', { responses: [each] });
    await put([{ name: 'Short', message: 'Too long.', conditions: { any } }], { questions });

    expect(await rejudge()).toMatchObject({ status: 'succeeded', checked: 100, changed: 100 });
  });

  it('leaves a message without a valid id to the dead letters, and ignores the id of an unknown or ended re-judge', async () => {
    expect(await run('nothing')).toEqual([{ itemIdentifier: 'message-1' }]);
    expect(await run(randomUUID())).toEqual([]);
    const { rejudge_id: id = '' } = (await rejudge()) ?? {};
    proxy.calls.length = 0;

    expect(await run(id)).toEqual([]);

    expect(proxy.calls.map(({ operation }) => operation)).toEqual(['claimRejudge']);
  });
});
