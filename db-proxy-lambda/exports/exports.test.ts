import { hash, randomUUID } from 'node:crypto';
import { databaseKinds } from '../../tests/support/databases.ts';
import { ask, claim, emptyTables, stateOf, TABLE } from '../../tests/support/exports.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { incoming } from '../../tests/support/responses.ts';
import type { Input } from '../contract.ts';

const csvOnly = { spreadsheet_id: null, format: { csv: true, sheet: false }, filter: {} };
const PAST = '2020-01-01T00:00:00.000Z';

describe.each(databaseKinds)('exports on %s', (kind) => {
  let proxy: InProcessProxy;

  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    // No test writes responses while it claims an export.
    Object.assign(proxy.database, { settleMs: 1 });
  });
  beforeEach(() => emptyTables(proxy.database));
  afterAll(() => proxy.stop());

  /** Lets the lease expire, as after the death of the worker. */
  async function expire(exportId: string): Promise<void> {
    const { db } = proxy.database;
    await db.updateTable('exports').set({ held_until: PAST }).where('export_id', '=', exportId).execute();
  }

  async function expireLease(name: string): Promise<void> {
    const { db } = proxy.database;
    await db.updateTable('leases').set({ held_until: PAST }).where('name', '=', name).execute();
  }

  const request = (changes: Partial<Input<'requestExport'>> = {}) =>
    proxy.call('requestExport', { export_id: randomUUID(), table_name: TABLE, request: csvOnly, ...changes });

  const finish = (exportId: string, holder: string, changes: Partial<Input<'finishExport'>> = {}) =>
    proxy.call('finishExport', {
      export_id: exportId,
      holder,
      status: 'succeeded',
      csv: null,
      sheet: null,
      error: null,
      ...changes,
    });

  describe('a request', () => {
    it('is queued', async () => {
      const { export: stored, created } = await request();

      expect(created).toBe(true);
      expect(stored).toMatchObject({ table_name: TABLE, status: 'queued', rows_total: null, rows_done: 0, csv: null });
    });

    it('returns the export that is queued for the same request', async () => {
      const first = await request();

      const second = await request();

      expect(second).toEqual({ export: first.export, created: false });
    });

    it('returns the export that is running for the same request', async () => {
      const first = await request();
      await claim(proxy, first.export.export_id);

      const second = await request();

      expect(second.created).toBe(false);
      expect(second.export).toMatchObject({ export_id: first.export.export_id, status: 'running' });
    });

    it('returns the same export as concurrent requests', async () => {
      const replies = await Promise.all(Array.from({ length: 8 }, () => request()));

      expect(new Set(replies.map((reply) => reply.export.export_id)).size).toBe(1);
      expect(replies.filter((reply) => reply.created)).toHaveLength(1);
    });

    it.each<[string, Partial<Input<'requestExport'>>]>([
      ['another table', { table_name: 'flags' }],
      ['another spreadsheet', { request: { ...csvOnly, spreadsheet_id: 'another-spreadsheet' } }],
      ['another format', { request: { ...csvOnly, format: { csv: true, sheet: true } } }],
      ['an NDJSON file', { request: { ...csvOnly, format: { csv: true, sheet: false, ndjson: true } } }],
      ['other headers', { request: { ...csvOnly, headers: 'names' } }],
      ['columns of options', { request: { ...csvOnly, option_columns: true } }],
      ['a byte order mark', { request: { ...csvOnly, bom: true } }],
      ['another status', { request: { ...csvOnly, filter: { status: 'flagged' } } }],
      ['another time', { request: { ...csvOnly, filter: { updated_since: PAST } } }],
    ])('for %s starts another export', async (_what, changes) => {
      const first = await request();

      const second = await request(changes);

      expect(second.created).toBe(true);
      expect(second.export.export_id).not.toBe(first.export.export_id);
    });

    it('returns the export that an earlier release queued for the same request', async () => {
      const first = await request();
      const key = [TABLE, null, true, false, null, null];
      const { db } = proxy.database;
      await db
        .updateTable('exports')
        .set({ active_key: hash('sha256', JSON.stringify(key)) })
        .execute();

      const second = await request();

      expect(second).toEqual({ export: first.export, created: false });
    });

    it('starts a new export once the last one has ended', async () => {
      const first = await request();
      await claim(proxy, first.export.export_id);
      await finish(first.export.export_id, 'worker-1');

      const second = await request();

      expect(second.created).toBe(true);
    });

    it('that is retried returns its own export, even if that export has finished', async () => {
      const exportId = randomUUID();
      await request({ export_id: exportId });
      await claim(proxy, exportId);
      await finish(exportId, 'worker-1');

      const again = await request({ export_id: exportId });

      expect(again.export).toMatchObject({ export_id: exportId, status: 'succeeded' });
    });
  });

  it('are read without the columns that a later release has added', async () => {
    const exportId = await ask(proxy);
    const { db } = proxy.database;
    await db.schema.alterTable('exports').addColumn('of_a_later_release', 'integer').execute();

    const { export: stored } = await proxy.call('getExport', { export_id: exportId });

    await db.schema.alterTable('exports').dropColumn('of_a_later_release').execute();
    expect(stored).not.toHaveProperty('of_a_later_release');
  });

  describe('a claim', () => {
    it('returns the export, its table and its bound', async () => {
      await proxy.call('saveResponses', { responses: [incoming(), incoming()] });
      const exportId = await ask(proxy);

      const claimed = await claim(proxy, exportId);

      expect(claimed.export).toMatchObject({ export_id: exportId, status: 'running', rows_total: 2, rows_done: 0 });
      expect(claimed.table).toMatchObject({ name: TABLE, kind: 'form', rows: 2 });
      expect(claimed.bound.form_version).toBe(1);
    });

    it('is refused while another holder runs the export', async () => {
      const exportId = await ask(proxy);
      await claim(proxy, exportId, 'worker-1');

      const second = await proxy.call('claimExport', { export_id: exportId, holder: 'worker-2', lease_seconds: 60 });

      expect(second).toEqual({ claim: 'held' });
    });

    it('is granted to one of several concurrent workers', async () => {
      const exportId = await ask(proxy);

      const claims = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          proxy.call('claimExport', { export_id: exportId, holder: `worker-${index}`, lease_seconds: 60 }),
        ),
      );

      expect(claims.filter(({ claim: outcome }) => outcome === 'granted')).toHaveLength(1);
      expect(claims.filter(({ claim: outcome }) => outcome === 'held')).toHaveLength(5);
    });

    it('takes over an export whose lease has expired, with the same bound', async () => {
      await proxy.call('saveResponses', { responses: [incoming()] });
      const exportId = await ask(proxy);
      const first = await claim(proxy, exportId, 'worker-1');
      await proxy.call('saveResponses', { responses: [incoming()] });
      await expire(exportId);

      const second = await claim(proxy, exportId, 'worker-2');

      expect(second.bound).toEqual(first.bound);
      expect(second.export.started_at).toBe(first.export.started_at);
      expect(second.export.rows_total).toBe(1);
    });

    it('is idempotent for its holder', async () => {
      const exportId = await ask(proxy);
      await claim(proxy, exportId, 'worker-1');

      const again = await proxy.call('claimExport', { export_id: exportId, holder: 'worker-1', lease_seconds: 60 });

      expect(again.claim).toBe('granted');
    });

    it('of a finished or an unknown export returns `finished` or `unknown`', async () => {
      const exportId = await ask(proxy);
      await claim(proxy, exportId);
      await finish(exportId, 'worker-1');

      const ended = await proxy.call('claimExport', { export_id: exportId, holder: 'worker-2', lease_seconds: 60 });
      const unknown = await proxy.call('claimExport', {
        export_id: randomUUID(),
        holder: 'worker-2',
        lease_seconds: 60,
      });

      expect([ended.claim, unknown.claim]).toEqual(['finished', 'unknown']);
    });

    it('after five interrupted claims fails the export with a reason, and the next request starts a new one', async () => {
      const exportId = await ask(proxy);
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        await claim(proxy, exportId, `worker-${attempt}`);
        await expire(exportId);
      }

      const sixth = await proxy.call('claimExport', { export_id: exportId, holder: 'worker-6', lease_seconds: 60 });

      expect(sixth).toEqual({ claim: 'finished' });
      expect(await stateOf(proxy, exportId)).toMatchObject({
        status: 'failed',
        error: 'The export was interrupted too often.',
      });
      expect((await request()).created).toBe(true);
    });
  });

  describe('a report', () => {
    it('stores the progress and renews the lease', async () => {
      const exportId = await ask(proxy);
      await claim(proxy, exportId, 'worker-1');
      await expire(exportId);

      const report = { export_id: exportId, holder: 'worker-1', lease_seconds: 60, rows_done: 7 };
      const first = await proxy.call('reportExport', report);
      const same = await proxy.call('reportExport', report);

      expect([first, same]).toEqual([{ held: true }, { held: true }]);
      expect(await stateOf(proxy, exportId)).toMatchObject({ rows_done: 7 });
      expect(await proxy.call('claimExport', { export_id: exportId, holder: 'other', lease_seconds: 60 })).toEqual({
        claim: 'held',
      });
    });

    it('is refused and changes nothing if another holder took the export over, and so is a finish', async () => {
      const exportId = await ask(proxy);
      await claim(proxy, exportId, 'worker-1');
      await expire(exportId);
      await claim(proxy, exportId, 'worker-2');

      const late = { export_id: exportId, holder: 'worker-1', lease_seconds: 60, rows_done: 99 };
      const report = await proxy.call('reportExport', late);
      const end = await finish(exportId, 'worker-1', { status: 'failed', error: 'late' });

      expect([report, end]).toEqual([{ held: false }, { held: false }]);
      expect(await stateOf(proxy, exportId)).toMatchObject({ status: 'running', rows_done: 0, error: null });
    });
  });

  describe('a finish', () => {
    it('stores the CSV and its number of rows', async () => {
      const exportId = await ask(proxy);
      await claim(proxy, exportId);
      const csv = { bucket: 'csv', key: 'a.csv', rows: 3, bytes: 30, sha256: 'ab' };

      await finish(exportId, 'worker-1', { csv });

      const stored = await stateOf(proxy, exportId);
      expect(stored).toMatchObject({ status: 'succeeded', csv, rows_done: 3, rows_total: 3 });
      expect(stored.finished_at).not.toBeNull();
    });

    it('stores the number of rows of the sheet if there is no CSV', async () => {
      const exportId = await ask(proxy);
      await claim(proxy, exportId);
      const sheet = { spreadsheet_id: 'a', tab: 'b', url: 'c', rows: 4 };

      await finish(exportId, 'worker-1', { sheet });

      expect(await stateOf(proxy, exportId)).toMatchObject({ sheet, rows_done: 4, rows_total: 4 });
    });
  });

  describe('the list of exports', () => {
    it('is newest first, and each page starts where the one before ended', async () => {
      const asked: string[] = [];
      for (const status of ['accepted', 'flagged'] as const) {
        for (const table of [TABLE, 'flags', 'revisions']) asked.push(await ask(proxy, { table, filter: { status } }));
      }

      const first = await proxy.call('listExports', { limit: 4 });
      const second = await proxy.call('listExports', { limit: 4, after: first.next ?? undefined });

      const items = [...first.items, ...second.items];
      expect([first.items.length, second.items.length, second.next]).toEqual([4, 2, null]);
      expect(new Set(items.map((item) => item.export_id))).toEqual(new Set(asked));
      const times = items.map((item) => item.created_at);
      expect(times).toEqual(times.toSorted().toReversed());
    });

    it('orders exports of the same millisecond by id, so that pages neither skip nor repeat any', async () => {
      const created_at = '2026-09-01T06:00:00.000Z';
      for (const table of [TABLE, 'flags', 'revisions', 'exports']) await ask(proxy, { table });
      await proxy.database.db.updateTable('exports').set({ created_at }).execute();

      const ids: string[] = [];
      let page = await proxy.call('listExports', { limit: 1 });
      for (; page.next !== null; page = await proxy.call('listExports', { limit: 1, after: page.next })) {
        ids.push(...page.items.map((item) => item.export_id));
      }
      ids.push(...page.items.map((item) => item.export_id));

      expect(ids).toHaveLength(4);
      expect(ids).toEqual([...new Set(ids)].toSorted().toReversed());
    });
  });

  describe('stalled exports', () => {
    it('are those queued before a given time and those with an expired lease', async () => {
      const queued = await ask(proxy, { table: 'flags' });
      const running = await ask(proxy, { table: TABLE });
      const gone = await ask(proxy, { table: 'revisions' });
      const ended = await ask(proxy, { table: 'exports' });
      await claim(proxy, running);
      await claim(proxy, gone);
      await expire(gone);
      await claim(proxy, ended);
      await finish(ended, 'worker-1');
      await expire(ended);

      const later = await proxy.call('listStalledExports', { queued_before: '2999-01-01T00:00:00.000Z' });
      const now = await proxy.call('listStalledExports', { queued_before: PAST });

      expect(later.export_ids.toSorted()).toEqual([queued, gone].toSorted());
      expect(now.export_ids).toEqual([gone]);
    });
  });

  describe('a lease', () => {
    const take = (holder: string) => proxy.call('takeLease', { name: 'tab', holder, seconds: 60 });

    it('has one holder, who may renew it', async () => {
      const replies = [await take('a'), await take('b'), await take('a')];

      expect(replies).toEqual([{ taken: true }, { taken: false }, { taken: true }]);
    });

    it('is taken by one of several concurrent workers', async () => {
      const replies = await Promise.all(Array.from({ length: 8 }, (_, index) => take(`worker-${index}`)));

      expect(replies.filter(({ taken }) => taken)).toHaveLength(1);
    });

    it('is taken over only after it has expired', async () => {
      await take('a');
      const before = await take('b');
      await expireLease('tab');

      const after = await take('b');

      expect([before, after]).toEqual([{ taken: false }, { taken: true }]);
      expect(await take('a')).toEqual({ taken: false });
    });

    it('can be released only by its holder', async () => {
      await take('a');

      await proxy.call('releaseLease', { name: 'tab', holder: 'b' });
      const whileHeld = await take('b');
      await proxy.call('releaseLease', { name: 'tab', holder: 'a' });

      expect([whileHeld, await take('b')]).toEqual([{ taken: false }, { taken: true }]);
    });
  });

  describe('rate-limit permits (turns)', () => {
    const at = (milliseconds: number) => new Date(Date.UTC(2026, 8, 1) + milliseconds).toISOString();
    const take = async (milliseconds: number) => {
      const input = { name: 'quota', now: at(milliseconds), interval_ms: 2_000, burst: 3 };
      const { wait_ms: wait } = await proxy.call('takeTurn', input);
      return wait;
    };

    it('are due immediately up to the burst, then one per interval', async () => {
      const waits = [await take(0), await take(0), await take(0), await take(0), await take(0)];

      expect(waits).toEqual([0, 0, 0, 2_000, 4_000]);
    });

    it('are due immediately again after a pause', async () => {
      for (let turn = 0; turn < 4; turn += 1) await take(0);

      expect([await take(60_000), await take(60_000), await take(60_000), await take(60_000)]).toEqual([
        0, 0, 0, 2_000,
      ]);
    });

    it('are not given twice to concurrent workers', async () => {
      const waits = await Promise.all(Array.from({ length: 6 }, () => take(0)));

      expect(waits.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 2_000, 4_000, 6_000]);
    });

    it('are not delayed for long by a worker whose clock is far ahead', async () => {
      await take(86_400_000);

      expect(await take(0)).toBeLessThanOrEqual(62_000);
    });
  });
});
