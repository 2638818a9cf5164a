/** Responses that were acknowledged before they were saved are never dropped: each becomes a revision or a late revision. */
import { randomUUID } from 'node:crypto';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { readOutbox } from '../../tests/support/outbox.ts';
import { incoming, type IncomingChanges } from '../../tests/support/responses.ts';
import type { IncomingResponse, Result, SaveOutcome } from '../contract.ts';

const EARLIER = '2026-08-01T00:00:00Z';
const LATER = '2026-10-01T00:00:00Z';

describe.each(databaseKinds)('late responses on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterAll(() => proxy.stop());

  async function save(responses: IncomingResponse[], terms = {}): Promise<SaveOutcome[]> {
    const { results } = await proxy.call('saveResponses', { responses, ...terms });
    return results;
  }
  const saveLate = (...responses: IncomingResponse[]) => save(responses, { late: true });

  async function late(responseId: string) {
    const { items } = await proxy.call('listLateRevisions', { response_id: responseId });
    return items;
  }

  async function history(responseId: string) {
    const { items } = await proxy.call('listRevisions', { response_id: responseId, after_revision: 0 });
    return items;
  }

  function revisionsOf(responseId = `response-${randomUUID()}`): (changes: IncomingChanges) => IncomingResponse {
    return (changes) => incoming({ response_id: responseId, ...changes });
  }

  test('are saved like any other if nothing conflicts', async () => {
    const revision = revisionsOf();
    const [first, second] = [revision({ at: EARLIER }), revision({ at: LATER })];

    expect(await saveLate(first)).toEqual([{ outcome: 'created', revision: 1 }]);
    expect(await saveLate(second)).toEqual([{ outcome: 'updated', revision: 2 }]);
    expect(await saveLate(second)).toMatchObject([{ outcome: 'unchanged' }]);
    expect(await late(first.response_id)).toEqual([]);
  });

  test.each<[string, IncomingChanges]>([
    ['older than the stored revision', { at: EARLIER }],
    ['of the same time with other content', { response: { answer: 'no' } }],
    ['of another form', { form_id: 'crops', at: LATER }],
    ["sent to another collector's response", { user_id: 'collector-2', only_of: 'collector-2', at: LATER }],
  ])('that are %s are kept complete, and the stored revision stays', async (_what, changes) => {
    const revision = revisionsOf();
    const first = revision({});
    await save([first]);
    const before = await history(first.response_id);
    const flags = [{ rule: 'Rule1', message: 'Too much.', questions: ['food'], values: { food: '9.10' } }];
    const delayed = revision({ status: 'flagged', flags, form_version: 3, ...changes });

    const results = await save([delayed], { late: true });

    const current = { revision: 1, last_modified_time: '2026-09-01T06:00:00Z', status: 'accepted' };
    expect(results).toEqual([{ outcome: 'kept', current }]);
    expect(await history(first.response_id)).toEqual(before);
    expect(await late(first.response_id)).toEqual([
      {
        response_id: delayed.response_id,
        form_id: delayed.form_id,
        form_version: 3,
        rules_version: 3,
        user_id: delayed.user_id,
        status: 'flagged',
        flags,
        response: delayed.response,
        author: null,
        saved_at: expect.any(String),
      },
    ]);
  });

  test('are kept once, however often they are delivered', async () => {
    const revision = revisionsOf();
    const delayed = revision({ at: EARLIER });
    await save([revision({})]);
    const [kept] = await saveLate(delayed);
    const before = await late(delayed.response_id);

    expect(await saveLate(delayed, delayed)).toEqual([kept, kept]);
    expect(await Promise.all([1, 2, 3].map(() => saveLate(delayed)))).toEqual([[kept], [kept], [kept]]);
    expect(await late(delayed.response_id)).toEqual(before);
  });

  test('are not kept if they are in the history already', async () => {
    const revision = revisionsOf();
    const first = revision({ at: EARLIER });
    await saveLate(first);
    await save([revision({ at: LATER })]);

    expect(await saveLate(first)).toMatchObject([{ outcome: 'kept', current: { revision: 2 } }]);

    expect(await late(first.response_id)).toEqual([]);
    expect(await history(first.response_id)).toHaveLength(2);
  });

  test('that are sent with `late: false` are refused and not kept', async () => {
    const revision = revisionsOf();
    await save([revision({})]);

    const results = await save([revision({ at: EARLIER })], { late: false });

    expect(results).toMatchObject([{ outcome: 'stale' }]);
    expect(await late(revision({}).response_id)).toEqual([]);
  });

  test('are decided one after the other in a batch', async () => {
    const revision = revisionsOf();
    await save([revision({})]);

    const results = await saveLate(
      revision({ at: EARLIER }),
      incoming(),
      revision({ at: LATER }),
      revision({ at: '2026-09-15T00:00:00Z' }),
    );

    expect(results).toMatchObject([
      { outcome: 'kept', current: { revision: 1 } },
      { outcome: 'created' },
      { outcome: 'updated', revision: 2 },
      { outcome: 'kept', current: { revision: 2 } },
    ]);
  });

  test('that are kept add no event to the outbox', async () => {
    const revision = revisionsOf();
    await save([revision({})]);
    const before = await readOutbox(proxy);

    await saveLate(revision({ at: EARLIER, status: 'flagged' }));

    expect(await readOutbox(proxy)).toEqual(before);
  });

  test('are listed by last_modified, each on one page, cut by bytes', async () => {
    const revision = revisionsOf();
    const { response_id } = revision({});
    await save([revision({ at: LATER })]);
    const text = 'x'.repeat(900_000);
    for (const day of ['09', '02', '30', '11', '21']) {
      await saveLate(revision({ at: `2026-09-${day}T00:00:00Z`, response: { day, text } }));
    }

    const pages: unknown[][] = [];
    for (let after: Result<'listLateRevisions'>['next'] | undefined; after !== null;) {
      const { items, next } = await proxy.call('listLateRevisions', { response_id, after });
      pages.push(items.map(({ response }) => response['day']));
      after = next;
    }

    expect(pages).toEqual([['02', '09'], ['11', '21'], ['30']]);
  });
});

describe.each(databaseKinds)("another collector's response on %s", (kind) => {
  let proxy: InProcessProxy;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterAll(() => proxy.stop());

  test('is not changed, and none of its content is returned', async () => {
    const first = incoming({ user_id: 'collector-1' });
    await proxy.call('saveResponses', { responses: [{ ...first, only_of: 'collector-1' }] });
    const before = await proxy.call('getResponse', { response_id: first.response_id });
    const next = (changes: IncomingChanges) => incoming({ response_id: first.response_id, at: LATER, ...changes });

    const { results } = await proxy.call('saveResponses', {
      responses: [next({ user_id: 'collector-2' }), next({ user_id: 'collector-1' }), first, incoming()].map(
        (each) => ({
          ...each,
          only_of: 'collector-2',
        }),
      ),
    });

    const refused = { outcome: 'other_collector' };
    expect(results).toEqual([refused, refused, refused, { outcome: 'created', revision: 1 }]);
    expect(await proxy.call('getResponse', { response_id: first.response_id })).toEqual(before);
    expect(await proxy.call('listLateRevisions', { response_id: first.response_id })).toEqual({
      items: [],
      next: null,
    });
  });

  test('is recognised by the exact user_id', async () => {
    const first = incoming({ user_id: 'Collector' });
    await proxy.call('saveResponses', { responses: [first] });

    for (const other of ['collector', 'Cóllector', `Collector' or '1'='1`, '%']) {
      const responses = [incoming({ response_id: first.response_id, at: LATER, only_of: other })];
      const { results } = await proxy.call('saveResponses', { responses });
      expect(results).toEqual([{ outcome: 'other_collector' }]);
    }
  });
});
