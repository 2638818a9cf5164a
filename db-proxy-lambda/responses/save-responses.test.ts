import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { everyDatabaseKind } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { incoming, type IncomingChanges } from '../../tests/support/responses.ts';
import type { IncomingResponse, SaveOutcome, StoredRevision } from '../contract.ts';

const flag = { rule: 'Rule1', message: 'Food costs more than everything.', questions: ['food'], values: { food: '9' } };

describe.each(everyDatabaseKind)('saving responses on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterAll(() => proxy.stop());

  async function save(...responses: IncomingResponse[]): Promise<SaveOutcome[]> {
    const { results } = await proxy.call('saveResponses', { responses });
    return results;
  }

  async function stored(responseId: string): Promise<StoredRevision | null> {
    const { response } = await proxy.call('getResponse', { response_id: responseId });
    return response;
  }

  async function history(responseId: string): Promise<StoredRevision[]> {
    const { items } = await proxy.call('listRevisions', { response_id: responseId, after_revision: 0 });
    return items;
  }

  /** Makes revisions of one response. */
  function revisionsOf(responseId = `response-${randomUUID()}`): (changes: IncomingChanges) => IncomingResponse {
    return (changes) => incoming({ response_id: responseId, ...changes });
  }

  test('a response reads back with the version whose rules checked it', async () => {
    const first = incoming({ form_version: 2, rules_version: 5 });

    await save(first);

    expect(await stored(first.response_id)).toMatchObject({ form_version: 2, rules_version: 5 });
  });

  test('a new response is created and reads back complete', async () => {
    const response = { name: 'Ama', amounts: ['12.10', 3], nested: { deep: [true, null] } };
    const first = incoming({ status: 'flagged', flags: [flag], form_version: 7, user_id: 'collector-9', response });

    const results = await save(first);

    expect(results).toEqual([{ outcome: 'created', revision: 1 }]);
    expect(await stored(first.response_id)).toEqual({
      response_id: first.response_id,
      form_id: 'household_finances',
      form_version: 7,
      rules_version: 7,
      user_id: 'collector-9',
      status: 'flagged',
      revision: 1,
      flags: [flag],
      response,
      author: null,
      saved_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  test('a newer state is the next revision, and the replaced one is kept complete', async () => {
    const revision = revisionsOf();
    const first = revision({ status: 'flagged', flags: [flag], form_version: 1, response: { food: 900 } });
    const second = revision({ at: '2026-09-01T07:00:00Z', form_version: 2, response: { food: 300 } });
    await save(first);
    const asFirstStored = await stored(first.response_id);

    const results = await save(second);

    expect(results).toEqual([{ outcome: 'updated', revision: 2 }]);
    expect(await history(first.response_id)).toEqual([asFirstStored, await stored(first.response_id)]);
    expect(await stored(first.response_id)).toMatchObject({
      revision: 2,
      status: 'accepted',
      flags: [],
      form_version: 2,
      response: { food: 300 },
    });
  });

  test('the same content again changes nothing and returns the stored revision, status and flags', async () => {
    const first = incoming({ status: 'flagged', flags: [flag] });
    await save(first);
    const before = await stored(first.response_id);

    const results = await save({ ...first, status: 'accepted', flags: [], form_version: 2 });

    expect(results).toEqual([{ outcome: 'unchanged', revision: 1, status: 'flagged', flags: [flag] }]);
    expect(await stored(first.response_id)).toEqual(before);
    expect(await history(first.response_id)).toEqual([before]);
  });

  test('an older state is refused; the stored state stays and is returned', async () => {
    const revision = revisionsOf();
    const newer = revision({ at: '2026-09-01T09:30:00+02:00', status: 'flagged', flags: [flag] });
    await save(newer);

    const results = await save(revision({ at: '2026-09-01T07:29:59Z', response: { other: true } }));

    const current = { revision: 1, last_modified_time: '2026-09-01T09:30:00+02:00', status: 'flagged' };
    expect(results).toEqual([{ outcome: 'stale', current }]);
    expect(await history(newer.response_id)).toMatchObject([{ revision: 1, response: newer.response }]);
  });

  test('the same time with other content is refused; the stored state stays and is returned', async () => {
    const revision = revisionsOf();
    const first = revision({ response: { food: 1 } });
    await save(first);

    const results = await save(revision({ response: { food: 2 } }));

    const current = { revision: 1, last_modified_time: '2026-09-01T06:00:00Z', status: 'accepted' };
    expect(results).toEqual([{ outcome: 'conflict', current }]);
    expect(await stored(first.response_id)).toMatchObject({ revision: 1, response: { food: 1 } });
  });

  test('an id of another form is refused, even with a newer time', async () => {
    const revision = revisionsOf();
    const first = revision({});
    await save(first);

    const results = await save(revision({ form_id: 'crops', at: '2027-01-01T00:00:00Z' }));

    expect(results).toMatchObject([{ outcome: 'other_form', current: { revision: 1 } }]);
    expect(await stored(first.response_id)).toMatchObject({ form_id: 'household_finances', revision: 1 });
  });

  test('the results of a batch are in the order of its responses', async () => {
    const updated = revisionsOf();
    const stale = revisionsOf();
    const conflicting = revisionsOf();
    const unchanged = incoming();
    const taken = revisionsOf();
    await save(updated({}), stale({}), conflicting({ response: { a: 1 } }), unchanged, taken({}));

    const results = await save(
      taken({ form_id: 'crops' }),
      unchanged,
      incoming(),
      stale({ at: '2026-09-01T05:00:00Z' }),
      updated({ at: '2026-09-01T07:00:00Z' }),
      conflicting({ response: { a: 2 } }),
      incoming(),
    );

    expect(results.map(({ outcome }) => outcome)).toEqual([
      'other_form',
      'unchanged',
      'created',
      'stale',
      'updated',
      'conflict',
      'created',
    ]);
  });

  test('the same id several times in a batch is saved as if sent one after the other', async () => {
    const revision = revisionsOf();
    const first = revision({ response: { step: 1 } });
    const second = revision({ at: '2026-09-01T07:00:00Z', response: { step: 2 } });
    const third = revision({ at: '2026-09-01T08:00:00Z', response: { step: 3 } });

    const results = await save(first, first, third, incoming(), second, third);

    expect(results).toMatchObject([
      { outcome: 'created', revision: 1 },
      { outcome: 'unchanged', revision: 1 },
      { outcome: 'updated', revision: 2 },
      { outcome: 'created', revision: 1 },
      { outcome: 'stale', current: { revision: 2, last_modified_time: '2026-09-01T08:00:00Z' } },
      { outcome: 'unchanged', revision: 2 },
    ]);
    expect((await history(first.response_id)).map((each) => each.response)).toEqual([{ step: 1 }, { step: 3 }]);
  });

  test('a batch is saved with the same results and the same rows as one call for each response', async () => {
    const steps = ['06', '07', '06', '05', '08', '08'].map((hour, step) => ({
      at: `2026-09-01T${hour}:00:00Z`,
      response: { step: Math.min(step, 4) },
    }));
    const together = revisionsOf();
    const alone = revisionsOf();

    const batch = await save(...steps.map(together));
    const single: SaveOutcome[] = [];
    for (const step of steps) single.push(...(await save(alone(step))));

    expect(batch).toEqual(single);
    const contents = async (each: IncomingResponse) =>
      (await history(each.response_id)).map(({ revision, response }) => ({ revision, response }));
    expect(await contents(together({}))).toEqual(await contents(alone({})));
  });

  test('1,000 new responses are saved in one call', async () => {
    const responses = Array.from({ length: 1000 }, (_, index) => incoming({ response: { index } }));

    const results = await save(...responses);

    expect(results).toEqual(responses.map(() => ({ outcome: 'created', revision: 1 })));
    const last = responses.at(-1)?.response_id ?? '';
    expect(await stored(last)).toMatchObject({ response: { index: 999 } });
  });

  test('1,000 responses, half of them stored already, are saved in one call', async () => {
    const responses = Array.from({ length: 1000 }, () => incoming());
    await save(...responses.filter((_, index) => index % 2 === 0));

    const results = await save(...responses);

    expect(results.map(({ outcome }) => outcome)).toEqual(
      responses.map((_, index) => (index % 2 === 0 ? 'unchanged' : 'created')),
    );
  });

  test.each([
    ['3 MB are whole', 50, false],
    ['5 MB are shortened to 4,000,000 bytes', 84, true],
  ])('the flags of a repeated batch of %s', async (_what, count, isCut) => {
    const flags = [{ ...flag, message: 'x'.repeat(60_000) }];
    const responses = Array.from({ length: count }, () => incoming({ status: 'flagged', flags }));
    await save(...responses);

    const results = await save(...responses);

    const unchanged = results.flatMap((each) => (each.outcome === 'unchanged' ? [each] : []));
    expect(unchanged).toHaveLength(count);
    expect(unchanged.filter((each) => each.flags_cut === true)).toHaveLength(isCut ? count : 0);
    const bytes = unchanged.reduce((sum, each) => sum + Buffer.byteLength(JSON.stringify(each.flags)), 0);
    expect(bytes).toBeLessThanOrEqual(4_000_000);
    const isWhole = unchanged.map((each) => each.flags[0]?.message === flags[0]?.message);
    expect(isWhole).toEqual(responses.map(() => !isCut));
  });

  test('ids that differ only in case, an accent or a composed character are different responses', async () => {
    const prefix = randomUUID();
    const ids = ['visit', 'Visit', 'vísit', 'vi\u0301sit', 'viſit', 'visit\u200b', 'ｖisit'].map((id) => prefix + id);

    const results = await save(...ids.map((id) => incoming({ response_id: id, response: { id } })));

    expect(results.map(({ outcome }) => outcome)).toEqual(ids.map(() => 'created'));
    for (const id of ids) expect(await stored(id)).toMatchObject({ response_id: id, response: { id } });
  });

  test('ids of 128 characters that differ only in the last one are different responses, even at four bytes each', async () => {
    const long = '🏠'.repeat(127);
    const [first, second] = [incoming({ response_id: `${long}a` }), incoming({ response_id: `${long}🌾` })];

    const results = await save(first, second);

    expect(results.map(({ outcome }) => outcome)).toEqual(['created', 'created']);
    expect(await stored(second.response_id)).toMatchObject({ response_id: second.response_id });
  });

  test.each([
    ['of new responses', []],
    ['with one stored response', [incoming()]],
  ])('nothing of a batch %s is written if one response cannot be written', async (_what, alreadyStored) => {
    const [first, broken, last] = [incoming(), incoming(), incoming()];
    if (alreadyStored.length > 0) await save(...alreadyStored);
    await refuseInserts('responses', broken.response_id);

    const reply = await proxy.invoke({
      operation: 'saveResponses',
      input: { responses: [first, ...alreadyStored, broken, last] },
    });

    expect(reply).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
    expect(await stored(first.response_id)).toBeNull();
    expect(await stored(last.response_id)).toBeNull();
  });

  test('nothing of a batch is written if the history of one response cannot be written', async () => {
    const revision = revisionsOf();
    const first = revision({ response: { step: 1 } });
    const neighbour = incoming();
    await save(first);
    await refuseInserts('response_revisions', first.response_id);

    const reply = await proxy.invoke({
      operation: 'saveResponses',
      input: { responses: [neighbour, revision({ at: '2026-09-01T07:00:00Z', response: { step: 2 } })] },
    });

    expect(reply).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
    expect(await stored(first.response_id)).toMatchObject({ revision: 1, response: { step: 1 } });
    expect(await stored(neighbour.response_id)).toBeNull();
  });

  /** Makes the database refuse the rows of one response. */
  async function refuseInserts(table: 'responses' | 'response_revisions', responseId: string): Promise<void> {
    const name = sql.id(`refuse_${randomUUID().replaceAll('-', '')}`);
    const refused = sql.lit(responseId);
    const trigger =
      kind !== 'sqlite'
        ? sql`create trigger ${name} before insert on ${sql.table(table)} for each row
            if new.response_id = ${refused} then signal sqlstate '45000'; end if`
        : sql`create trigger ${name} before insert on ${sql.table(table)} when new.response_id = ${refused}
            begin select raise(abort, 'refused'); end`;
    await trigger.execute(proxy.database.db);
  }
});
