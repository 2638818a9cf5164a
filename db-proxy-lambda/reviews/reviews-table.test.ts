/** Exports with reviews: the table of reviews, and responses that were reviewed after the export began. */
import { databaseKinds } from '../../tests/support/databases.ts';
import { emptyTables, readAll } from '../../tests/support/exports.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { household, incoming } from '../../tests/support/responses.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import type { IncomingReview } from '../contract.ts';

const SAVED = '2020-01-01T00:00:00.000Z';
const REVIEWED = '2020-01-02T00:00:00.000Z';
const BOUND = '2020-01-03T00:00:00.000Z';
const FLAG = { rule: 'Rule1', message: 'Ask again.', questions: ['food'], values: {} };

describe.each(databaseKinds)('exports with reviews on %s:', (kind) => {
  let proxy: InProcessProxy;
  let bound: { max_id: number; at: string; form_version: number };
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterAll(() => proxy.stop());
  beforeEach(async () => {
    await emptyTables(proxy.database);
    const response = incoming({
      response_id: 'r1',
      status: 'flagged',
      flags: [FLAG],
      response: household({ response_id: 'r1' }),
    });
    await proxy.call('saveResponses', { responses: [response] });
    await proxy.database.db.updateTable('responses').set({ updated_at: SAVED, created_at: SAVED }).execute();
    const { id } = await proxy.database.db.selectFrom('responses').select('id').executeTakeFirstOrThrow();
    bound = { max_id: id, at: BOUND, form_version: 1 };
  });

  async function send(changes: Partial<IncomingReview> & Pick<IncomingReview, 'action'>, at?: string): Promise<void> {
    const review = incomingReview({ response_id: 'r1', ...changes });
    await proxy.call('saveReviews', { reviews: [review] });
    if (at === undefined) return;
    const { db } = proxy.database;
    await db.updateTable('reviews').set({ saved_at: at }).where('review_id', '=', review.review_id).execute();
    await db.updateTable('responses').set({ updated_at: at }).execute();
  }
  const correct = () =>
    proxy.call('saveResponses', {
      responses: [
        incoming({ response_id: 'r1', at: '2026-09-02T00:00:00Z', response: household({ response_id: 'r1' }) }),
      ],
    });

  /** The revision, the status and the time in the only row of the form's export. */
  async function exported(filter: { status?: 'flagged' | 'returned' | 'approved' } = {}) {
    const { tables } = await proxy.call('listTables', { count_rows: false });
    const columns = tables.find(({ name }) => name === 'household_finances')?.columns.map(({ name }) => name) ?? [];
    const rows = await readAll(proxy, bound, { filter });
    return rows.map((row) => ['revision', 'status', 'saved_at'].map((name) => row[columns.indexOf(name)]));
  }

  test('a review after the bound is not in the export, and neither are later reviews and corrections', async () => {
    const before = await exported();
    expect(before).toEqual([[1, 'flagged', SAVED]]);

    await send({ action: 'return', text: 'x', revision: 1 });
    expect(await exported()).toEqual(before);
    await send({ action: 'approve', revision: 1 });
    expect(await exported()).toEqual(before);
    await correct();
    expect(await exported()).toEqual(before);
    expect(await exported({ status: 'flagged' })).toEqual(before);
    expect(await exported({ status: 'approved' })).toEqual([]);
  });

  test('a review before the bound is in the export, whatever comes later', async () => {
    await send({ action: 'return', text: 'x', revision: 1 }, REVIEWED);
    const expected = [[1, 'returned', REVIEWED]];
    expect(await exported()).toEqual(expected);

    await send({ action: 'assign', assignee: 'collector-2' });
    expect(await exported({ status: 'returned' })).toEqual(expected);
    await send({ action: 'approve', revision: 1 });
    expect(await exported()).toEqual(expected);
    await correct();
    expect(await exported()).toEqual(expected);
  });

  test('the table of flags has the flags of flagged and returned responses only', async () => {
    const flags = () =>
      readAll(proxy, { ...bound, at: new Date(Date.now() + 1_000).toISOString() }, { table: 'flags' });
    expect(await flags()).toHaveLength(1);
    await send({ action: 'return', text: 'x', revision: 1 });
    expect(await flags()).toHaveLength(1);
    await send({ action: 'approve', revision: 1 });
    expect(await flags()).toEqual([]);
  });

  test('the table of reviews has one row for each review, in the order in which they were saved', async () => {
    const sentAt = '2019-12-31T00:00:00.000Z';
    await send({ action: 'return', text: '=1+1', revision: 1, sent_at: sentAt }, REVIEWED);
    await send({ action: 'comment', text: 'too late for this export' });

    const rows = await readAll(proxy, bound, { table: 'reviews' });

    expect(rows.map(([, ...row]) => row)).toEqual([
      ['r1', 1, 'return', '=1+1', null, 'returned', 'operator', null, true, sentAt, REVIEWED],
    ]);
    await proxy.call('eraseResponse', { response_id: 'r1' });
    expect(await readAll(proxy, bound, { table: 'reviews' })).toEqual([]);
  });
});
