import { randomUUID } from 'node:crypto';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { readOutbox } from '../../tests/support/outbox.ts';
import { incoming, type IncomingChanges } from '../../tests/support/responses.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import type { Input } from '../contract.ts';

const flagOf = (rule: string) => ({ rule, message: `${rule}.`, questions: ['age'], values: { age: 4 } });
const LAST = { checked: 1, next: null };

describe.each(databaseKinds)('re-judges on %s', (kind) => {
  let proxy: InProcessProxy;
  let formId: string;
  let count = 0;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(async () => {
    await proxy.database.db.deleteFrom('rejudges').execute();
    await proxy.database.db.deleteFrom('response_events').execute();
    formId = `form_${(count += 1)}`;
    await put('One');
  });
  afterAll(() => proxy.stop());

  const put = (title: string) => proxy.call('putForm', { form_id: formId, definition: { title } });
  const request = async (changes: Partial<Input<'requestRejudge'>> = {}) => {
    const { rejudge } = await proxy.call('requestRejudge', { rejudge_id: randomUUID(), form_id: formId, ...changes });
    if (rejudge === null) throw new Error('There is no form.');
    return rejudge;
  };
  const save = async (changes: IncomingChanges = {}) => {
    const response = incoming({ form_id: formId, ...changes });
    const { results } = await proxy.call('saveResponses', { responses: [response] });
    return { response, result: results[0] };
  };
  const read = async (responseId: string) => (await proxy.call('getResponse', { response_id: responseId })).response;
  const claim = (rejudgeId: string, holder = 'worker-1') =>
    proxy.call('claimRejudge', { rejudge_id: rejudgeId, holder });
  const judge = (rejudgeId: string, changes: Partial<Input<'saveJudgements'>> = {}) =>
    proxy.call('saveJudgements', { rejudge_id: rejudgeId, holder: 'worker-1', judgements: [], ...changes });
  const running = async () => {
    const { rejudge_id: rejudgeId } = await request();
    await claim(rejudgeId);
    return rejudgeId;
  };
  const stateOf = async (rejudgeId: string) => (await proxy.call('getRejudge', { rejudge_id: rejudgeId })).rejudge;

  describe('a request', () => {
    it('is queued with the newest version of the form, and audited', async () => {
      await put('Two');

      const rejudge = await request({ since: '2026-09-01T06:00:00.000Z' });

      expect(rejudge).toMatchObject({ form_id: formId, rules_version: 2, status: 'queued', checked: 0, changed: 0 });
      const { items } = await proxy.call('listAuditEvents', { action: 'rejudge_requested', limit: 1 });
      expect(items).toMatchObject([
        { subject_kind: 'form', subject_id: formId, detail: 'version 2, since 2026-09-01T06:00:00.000Z' },
      ]);
    });

    it('returns the re-judge that is queued or running for the same request', async () => {
      const first = await request();
      expect(await request()).toEqual(first);
      await claim(first.rejudge_id);

      expect(await request()).toMatchObject({ rejudge_id: first.rejudge_id, status: 'running' });
    });

    it('starts a new re-judge for another time, for a newer version, or once the first has ended', async () => {
      const first = await running();
      const ids = [first, (await request({ since: '2026-09-01T06:00:00.000Z' })).rejudge_id];
      await judge(first, { page: LAST });
      ids.push((await request()).rejudge_id);
      await put('Two');
      ids.push((await request()).rejudge_id);

      expect(new Set(ids).size).toBe(4);
    });

    it('is stored once if it is sent twice at the same time', async () => {
      const both = await Promise.all([request(), request()]);

      expect(both[0].rejudge_id).toBe(both[1].rejudge_id);
    });

    it('that is retried returns its own re-judge, even if that has ended', async () => {
      const rejudgeId = await running();
      await judge(rejudgeId, { page: LAST });

      expect(await request({ rejudge_id: rejudgeId })).toMatchObject({ rejudge_id: rejudgeId, status: 'succeeded' });
    });

    it('for an unknown form returns no re-judge', async () => {
      const result = await proxy.call('requestRejudge', { rejudge_id: randomUUID(), form_id: 'nothing' });

      expect(result).toEqual({ rejudge: null });
    });
  });

  describe('a claim', () => {
    it('returns the form of the version that was requested, and the number of responses', async () => {
      await save();
      const { rejudge_id: rejudgeId } = await request();
      await put('Two');

      expect(await claim(rejudgeId)).toMatchObject({
        claim: 'granted',
        rejudge: { status: 'running', responses_total: 1, started_at: expect.any(String) },
        form: { version: 1, definition: { title: 'One' } },
        after: null,
      });
    });

    it('continues after the last finished page, and the previous holder can no longer write', async () => {
      const { response } = await save();
      const rejudgeId = await running();
      await judge(rejudgeId, { page: { checked: 7, next: { id: 7 } } });

      const claimed = await claim(rejudgeId, 'worker-2');
      const judgements = [{ response_id: response.response_id, revision: 1, flags: [flagOf('Old')] }];
      const late = await judge(rejudgeId, { judgements });

      expect(claimed).toMatchObject({ claim: 'granted', after: { id: 7 }, rejudge: { checked: 7 } });
      expect(late).toEqual({ held: false });
      expect(await read(response.response_id)).toMatchObject({ revision: 1, status: 'accepted' });
    });

    it('fails the re-judge after five holders that finished no page', async () => {
      const { rejudge_id: rejudgeId } = await request();
      for (const holder of ['1', '2', '3', '4']) await claim(rejudgeId, holder);
      await judge(rejudgeId, { holder: '4', page: { checked: 1, next: { id: 1 } } });
      for (const holder of ['5', '6', '7', '8', '9', '9']) {
        expect(await claim(rejudgeId, holder)).toMatchObject({ claim: 'granted' });
      }

      expect(await claim(rejudgeId, '10')).toEqual({ claim: 'finished' });
      expect(await stateOf(rejudgeId)).toMatchObject({
        status: 'failed',
        error: 'The re-judge was interrupted too often.',
      });
    });

    it('fails the re-judge if the form was deleted', async () => {
      const { rejudge_id: rejudgeId } = await request();
      await proxy.call('deleteForm', { form_id: formId });

      expect(await claim(rejudgeId)).toEqual({ claim: 'finished' });
      expect(await stateOf(rejudgeId)).toMatchObject({ status: 'failed', error: 'The form no longer exists.' });
    });

    it('finds nothing to do for an unknown or ended re-judge', async () => {
      const rejudgeId = await running();
      await judge(rejudgeId, { page: LAST });

      expect(await claim(rejudgeId)).toEqual({ claim: 'finished' });
      expect(await claim(randomUUID())).toEqual({ claim: 'unknown' });
    });
  });

  describe('a judgement', () => {
    it('writes an event, and a revision with the same answers and the version of its rules', async () => {
      const { response } = await save({ version_declared: true });
      await put('Two');
      const rejudgeId = await running();
      const before = await read(response.response_id);

      const result = await judge(rejudgeId, {
        judgements: [{ response_id: response.response_id, revision: 1, flags: [flagOf('New')] }],
        page: LAST,
      });

      expect(result).toEqual({ held: true });
      const after = await read(response.response_id);
      expect(after).toEqual({
        ...before,
        revision: 2,
        status: 'flagged',
        flags: [flagOf('New')],
        rules_version: 2,
        saved_at: after?.saved_at,
      });
      const { items } = await proxy.call('listRevisions', { response_id: response.response_id, after_revision: 0 });
      expect(items).toEqual([before, after]);
      const events = await readOutbox(proxy);
      expect(events).toMatchObject([
        { type: 'accepted', revision: 1 },
        { type: 'flagged', revision: 2, rejudged: true, flags: [{ rule: 'New' }] },
      ]);
      expect(events[0]).not.toHaveProperty('rejudged');
      expect(await stateOf(rejudgeId)).toMatchObject({ status: 'succeeded', checked: 1, changed: 1 });
    });

    it('without flags causes the event of a correction', async () => {
      const { response } = await save({ status: 'flagged', flags: [flagOf('Old')] });
      const rejudgeId = await running();

      await judge(rejudgeId, { judgements: [{ response_id: response.response_id, revision: 1, flags: [] }] });

      expect(await read(response.response_id)).toMatchObject({ revision: 2, status: 'accepted', flags: [] });
      expect(await readOutbox(proxy)).toMatchObject([{ type: 'flagged' }, { type: 'corrected', flags: [] }]);
    });

    it.each([
      ['approve', 'approved', { type: 'corrected', flags: [] }],
      ['return', 'returned', { type: 'flagged', flags: [{ rule: 'New' }] }],
      ['reject', 'rejected', { type: 'flagged', flags: [{ rule: 'New' }] }],
    ] as const)(
      'keeps the decision to %s; the event of an approved response says that it passes',
      async (action, status, told) => {
        const { response } = await save({ status: 'flagged', flags: [flagOf('Old')] });
        const { response_id } = response;
        await proxy.call('saveReviews', {
          reviews: [incomingReview({ response_id, action, text: 'So.', revision: 1 })],
        });
        const rejudgeId = await running();

        await judge(rejudgeId, { judgements: [{ response_id, revision: 1, flags: [flagOf('New')] }] });

        expect(await read(response_id)).toMatchObject({ revision: 2, status, flags: [flagOf('New')] });
        expect((await readOutbox(proxy)).at(-1)).toMatchObject({ ...told, revision: 2, rejudged: true });
      },
    );

    it('writes nothing if the flags are the same', async () => {
      const { response } = await save({ status: 'flagged', flags: [flagOf('Old')] });
      const rejudgeId = await running();
      const { values, ...flag } = flagOf('Old');

      const judgements = [{ response_id: response.response_id, revision: 1, flags: [{ values, ...flag }] }];
      expect(await judge(rejudgeId, { judgements })).toEqual({ held: true });

      expect(await read(response.response_id)).toMatchObject({ revision: 1 });
      expect(await readOutbox(proxy)).toHaveLength(1);
    });

    it('of a revision that was replaced meanwhile changes nothing', async () => {
      const { response } = await save();
      const rejudgeId = await running();
      await save({ response_id: response.response_id, at: '2026-09-02T06:00:00Z' });

      const judgements = [{ response_id: response.response_id, revision: 1, flags: [flagOf('New')] }];
      expect(await judge(rejudgeId, { judgements })).toEqual({ held: true });

      expect(await read(response.response_id)).toMatchObject({ revision: 2, status: 'accepted' });
    });

    it('of a response that was erased meanwhile changes nothing', async () => {
      const { response } = await save();
      const rejudgeId = await running();
      await proxy.call('eraseResponse', { response_id: response.response_id });

      for (const revision of [1, 2]) {
        await judge(rejudgeId, {
          judgements: [{ response_id: response.response_id, revision, flags: [flagOf('New')] }],
        });
      }

      expect(await read(response.response_id)).toMatchObject({ revision: 2, status: 'erased', flags: [] });
    });

    it('is written once although the call is repeated', async () => {
      const { response } = await save();
      const rejudgeId = await running();
      const page = { checked: 1, next: { id: 1 } };
      const judgements = [{ response_id: response.response_id, revision: 1, flags: [flagOf('New')] }];

      await judge(rejudgeId, { judgements, page });
      await judge(rejudgeId, { judgements, page });

      expect(await read(response.response_id)).toMatchObject({ revision: 2 });
      expect(await stateOf(rejudgeId)).toMatchObject({ checked: 1, changed: 1 });
    });
  });

  describe('a response that was judged again', () => {
    const rejudged = async (changes: IncomingChanges = {}) => {
      const { response } = await save(changes);
      const rejudgeId = await running();
      const judgements = [{ response_id: response.response_id, revision: 1, flags: [flagOf('New')] }];
      await judge(rejudgeId, { judgements });
      return response;
    };

    it('is unchanged for a phone that sends it again, and the reply has the new flags', async () => {
      const response = await rejudged();

      const { result } = await save(response);

      expect(result).toEqual({ outcome: 'unchanged', revision: 2, status: 'flagged', flags: [flagOf('New')] });
    });

    it('takes a later correction, and refuses an older one', async () => {
      const { response_id: id } = await rejudged();

      const late = await save({ response_id: id, at: '2026-08-31T06:00:00Z' });
      const next = await save({ response_id: id, at: '2026-09-02T06:00:00Z' });

      expect(late.result).toMatchObject({ outcome: 'stale', current: { revision: 2 } });
      expect(next.result).toEqual({ outcome: 'updated', revision: 3 });
      expect((await readOutbox(proxy)).map(({ type }) => type)).toEqual(['accepted', 'flagged', 'corrected']);
    });

    it('appears in lists of changes', async () => {
      const since = new Date().toISOString();
      const { response_id: id } = await rejudged();

      const { items } = await proxy.call('listResponses', { form_id: formId, updated_since: since, limit: 10 });

      expect(items).toMatchObject([{ response_id: id, revision: 2, status: 'flagged' }]);
    });
  });

  it('are stalled if they are unfinished and idle', async () => {
    const queued = (await request()).rejudge_id;
    await put('Two');
    const other = await running();
    await put('Three');
    const ended = await running();
    await judge(ended, { page: LAST });
    const list = (idleSince: string) => proxy.call('listStalledRejudges', { idle_since: idleSince });

    const { rejudge_ids: ids } = await list('2999-01-01T00:00:00.000Z');
    expect(ids.toSorted()).toEqual([queued, other].toSorted());
    expect(await list('2020-01-01T00:00:00.000Z')).toEqual({ rejudge_ids: [] });
  });
});
