import { randomUUID } from 'node:crypto';
import { startSheetsServer, type SheetsServer } from '../../emulators/google-sheets/sheets-server.ts';
import { databaseKinds } from '../../tests/support/databases.ts';
import { emptyTables } from '../../tests/support/exports.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { LiveSheetBench, TAB } from '../../tests/support/live-sheets.ts';
import { incoming, metadata } from '../../tests/support/responses.ts';

const FORM = 'wells';
const DEPTH = { name: 'depth', key: 'depth', type: 'decimal', label: 'Depth' };
const TASTE = { name: 'taste', key: 'taste', type: 'text' };

describe.each(databaseKinds)('a live sheet on %s', (kind) => {
  let proxy: InProcessProxy;
  let server: SheetsServer;
  let bench: LiveSheetBench;

  beforeAll(async () => {
    [proxy, server] = await Promise.all([InProcessProxy.start(kind), startSheetsServer({ port: 0 })]);
  });
  beforeEach(async () => {
    const { db } = proxy.database;
    await emptyTables(proxy.database);
    for (const table of [
      'live_sheets',
      'live_sheet_changes',
      'response_events',
      'webhooks',
      'webhook_deliveries',
    ] as const) {
      await db.deleteFrom(table).execute();
    }
    server.faults.clear();
    server.person.act = undefined;
    await putForm([DEPTH, TASTE]);
    bench = new LiveSheetBench(proxy, server, FORM);
    minute = 0;
  });
  afterAll(() => Promise.all([proxy.stop(), server.stop()]));

  const putForm = (questions: unknown[]) =>
    proxy.call('putForm', { form_id: FORM, definition: { title: 'Wells', questions } });

  let minute: number;
  /** Saves a response, or a correction of it. */
  async function save(id: string, answers: Record<string, unknown> = {}): Promise<void> {
    minute += 1;
    const at = new Date(Date.parse('2026-09-01T06:00:00Z') + minute * 60_000).toISOString();
    const response = { ...metadata(), response_id: id, last_modified_time: at, ...answers };
    await proxy.call('saveResponses', { responses: [incoming({ form_id: FORM, response_id: id, at, response })] });
  }

  async function start(...ids: string[]): Promise<void> {
    for (const id of ids) await save(id, { depth: 5 });
    await bench.choose();
    await bench.work();
  }

  /** Adds a column with a note beside each row, as a person does. */
  const addNotes = () =>
    bench.edit(([header = [], ...rows]) => [
      [...header, 'Note'],
      ...rows.map((row) => [
        ...row,
        ...blanks(header.length - row.length),
        `note of ${row[header.indexOf('response_id')]}`,
      ]),
    ]);
  const blanks = (count: number): string[] => Array.from({ length: Math.max(0, count) }, () => '');

  /** The note beside each response. */
  const notes = () =>
    [...bench.shown(['response_id', 'Note']).values()].map((row) => [row['response_id'], row['Note']]);

  it('is created with a header and a row for each response, and shows later ones', async () => {
    await start('r1', 'r2');
    expect(await bench.state()).toMatchObject({ behind: 0, error: null, in_step_at: expect.any(String) });

    await save('r3', { depth: '7.5', taste: '=HYPERLINK("x")' });
    await bench.publish();
    expect(await bench.state()).toMatchObject({ behind: 1 });
    await bench.work();

    await bench.expectEqual();
    expect(bench.rows().map((row) => row[0])).toEqual(['response_id', 'r1', 'r2', 'r3']);
    expect(bench.rows()[0]?.slice(-2)).toEqual(['Depth', 'taste']);
    expect(bench.rows()[3]?.slice(-2)).toEqual([7.5, '=HYPERLINK("x")']);
    expect(server.tabs(bench.spreadsheetId)).toMatchObject([{}, { title: TAB, frozenRowCount: 1 }]);
    expect(await bench.state()).toMatchObject({ behind: 0, error: null });
  });

  it('writes a correction into its row; columns of people, their order and the order of rows stay', async () => {
    await start('r1', 'r2', 'r3');
    addNotes();
    // Sorted in descending order, with the last column first.
    bench.edit(([header = [], ...rows]) =>
      [header, ...rows.toReversed()].map((row) => [row.at(-1) ?? '', ...row.slice(0, -1)]),
    );

    await save('r2', { depth: 9, taste: 'salty' });
    await bench.work();

    await bench.expectEqual();
    expect(notes()).toEqual([
      ['r3', 'note of r3'],
      ['r2', 'note of r2'],
      ['r1', 'note of r1'],
    ]);
    expect(bench.rows()[0]?.slice(0, 2)).toEqual(['Note', 'response_id']);
  });

  it('adds a column for a new question at the end, and renames one in its place', async () => {
    await start('r1');
    addNotes();

    await putForm([{ ...DEPTH, label: 'Depth in m' }, TASTE, { name: 'pump', key: 'pump', type: 'boolean' }]);
    await save('r1', { depth: 8, pump: true });
    await bench.work();

    await bench.expectEqual();
    expect(bench.rows()[0]?.slice(-4)).toEqual(['Depth in m', 'taste', 'Note', 'pump']);
    expect(bench.rows()[1]?.slice(-4)).toEqual([8, '', 'note of r1', 'true']);
  });

  it('keeps the row of an erased response, without its answers', async () => {
    await start('r1', 'r2');
    addNotes();

    await proxy.call('eraseResponse', { response_id: 'r1' });
    await bench.work();

    await bench.expectEqual();
    expect(bench.shown().get('r1')).toMatchObject({ status: 'erased', Depth: '', Note: 'note of r1' });
  });

  it('is repaired at night: rows that were deleted or changed come back, copies are cleared, notes stay', async () => {
    await start('r1', 'r2', 'r3', 'R3');
    addNotes();
    bench.edit(([header = [], one = [], _two = [], three = [], four = []]) => [
      header,
      three,
      one,
      four,
      one.map((cell) => (cell === 'note of r1' ? 'a copy' : cell)),
      ['no response', 'of ours'],
    ]);
    bench.edit((rows) => rows.map((row, at) => (at === 1 ? row.map((cell) => (cell === 5 ? 50 : cell)) : row)));

    await bench.clock.wait(86_400_000);
    await bench.work();

    await expect(bench.expectEqual()).rejects.toThrow('no response');
    bench.edit((rows) => rows.filter(([id]) => id !== 'no response'));
    await bench.expectEqual();
    expect(bench.rows().map((row) => [row[0] ?? '', row.at(-1) ?? ''])).toEqual([
      ['response_id', 'Note'],
      ['r3', 'note of r3'],
      ['r1', 'note of r1'],
      ['R3', 'note of R3'],
      ['', 'a copy'],
      ['r2', 5],
    ]);
  });

  it('writes to the right rows if a person sorts them between reading and writing', async () => {
    await start('r1', 'r2', 'r3', 'r4');
    addNotes();
    await save('r1', { depth: 11 });
    await save('r4', { depth: 44 });
    let sorts = 0;
    const { length } = server.requests;
    server.person.act = () => {
      const last = server.requests.at(-1)?.path ?? '';
      if (sorts > 0 || server.requests.length < length + 3 || !last.endsWith('values:batchGetByDataFilter')) return;
      sorts += 1;
      bench.edit(([header = [], ...rows]) => [header, ...rows.toReversed()]);
    };

    await bench.work();

    expect(sorts).toBe(1);
    await bench.expectEqual();
    expect(notes()).toEqual(['r4', 'r3', 'r2', 'r1'].map((id) => [id, `note of ${id}`]));
  });

  describe('that Google refuses', () => {
    async function expectFailure(message: string | RegExp): Promise<void> {
      await save('r1', { depth: 20 });
      await bench.work();
      expect(await bench.state()).toMatchObject({
        behind: 1,
        error: expect.stringMatching(message),
        failed_since: expect.any(String),
        next_try_at: expect.any(String),
      });
      expect(bench.logger.text).toContain('live sheet not written');
    }
    async function expectCaughtUp(): Promise<void> {
      await bench.clock.wait(3_600_000);
      await bench.work();
      expect(await bench.state()).toMatchObject({ behind: 0, error: null, failed_since: null, next_try_at: null });
      await bench.expectEqual();
    }

    it('since it is no longer shared says so, and catches up when it is shared again', async () => {
      await start('r1');
      server.share(bench.spreadsheetId, false);
      await expectFailure('share the sheet with .* as an editor');
      server.share(bench.spreadsheetId, true);
      await expectCaughtUp();
      expect(bench.rows()).toHaveLength(2);
    });

    it('since its tab was deleted says so, and fills an empty tab of the same name', async () => {
      await start('r1', 'r2');
      server.changeTab(bench.spreadsheetId, TAB, null);
      await expectFailure(/The tab Live was deleted\. Restore it/);
      server.addTab(bench.spreadsheetId, {
        sheetId: 77,
        title: TAB,
        rowCount: 3,
        columnCount: 2,
        frozenRowCount: 0,
        bold: [],
      });
      await expectCaughtUp();
      expect(bench.rows()).toHaveLength(3);
    });

    it('since it is full says so, and catches up when there is room', async () => {
      await start('r1');
      server.addTab(bench.spreadsheetId, {
        sheetId: 78,
        title: 'Large',
        rowCount: 399_000,
        columnCount: 25,
        frozenRowCount: 0,
        bold: [],
      });
      for (let count = 0; count < 5; count += 1) await save(`more-${count}`);
      server.changeTab(bench.spreadsheetId, TAB, { rowCount: 2 });
      const { columnCount = 0 } = server.tabs(bench.spreadsheetId).find(({ title }) => title === TAB) ?? {};
      server.changeTab(bench.spreadsheetId, 'Large', { columnCount: 25, rowCount: 400_000 - 2 * columnCount });
      await save('r1', { depth: 20 });
      await bench.work();
      expect(await bench.state()).toMatchObject({ error: expect.stringContaining('The spreadsheet is full') });
      server.changeTab(bench.spreadsheetId, 'Large', null);
      await expectCaughtUp();
    });

    it('since it does not exist says so; another choice is tried immediately', async () => {
      const { spreadsheetId } = bench;
      bench.spreadsheetId = 'nothing-here';
      await save('r1');
      await bench.choose();
      await bench.work();
      expect(await bench.state()).toMatchObject({ behind: 1, error: expect.stringContaining('finds no spreadsheet') });
      bench.spreadsheetId = spreadsheetId;
      await bench.choose();
      await bench.work();
      await bench.expectEqual();
    });

    it('since its header was deleted says so, and adds no row', async () => {
      await start('r1', 'r2');
      bench.edit((rows) => rows.slice(1));
      await expectFailure('no column headed response_id');
      expect(bench.rows()).toHaveLength(2);
    });

    it('sends one event when it breaks and one when it works again, to each webhook that asks for them', async () => {
      const webhook = { webhook_id: randomUUID(), url: 'https://example.org/', secret: 'sealed', form_id: FORM };
      await proxy.call('createWebhook', { ...webhook, events: ['sheet_broken', 'sheet_mended'] });
      await proxy.call('createWebhook', {
        ...webhook,
        webhook_id: randomUUID(),
        events: ['sheet_mended'],
        form_id: 'a',
      });
      const told = async () =>
        (await proxy.database.db.selectFrom('webhook_deliveries').select(['type', 'content']).execute()).map(
          ({ type, content }) => [type, JSON.parse(content ?? '')],
        );
      const sheet = { spreadsheet_id: bench.spreadsheetId, tab: TAB };
      await start('r1');
      bench.triggers = 0;

      server.share(bench.spreadsheetId, false);
      await expectFailure('share the sheet');
      server.share(bench.spreadsheetId, true);
      bench.edit((rows) => rows.slice(1));
      await bench.clock.wait(3_600_000);
      await expectFailure('no column headed response_id');

      expect(await told()).toEqual([
        ['sheet_broken', { sheet: { ...sheet, error: expect.stringContaining('share the sheet') } }],
      ]);
      expect(bench.triggers).toBe(1);
      await bench.choose('Other');
      expect(await bench.state()).toMatchObject({ error: null, failed_since: null });
      await bench.work();
      await bench.work();
      expect((await told()).slice(1)).toEqual([['sheet_mended', { sheet: { ...sheet, tab: 'Other', error: null } }]]);
      expect(bench.triggers).toBe(2);
    });

    it('is tried again after a minute, then after twice as long, up to an hour', async () => {
      await start('r1');
      server.share(bench.spreadsheetId, false);
      await save('r1', { depth: 1 });
      const pauses: number[] = [];
      for (let attempt = 0; attempt < 8; attempt += 1) {
        await bench.work();
        const next = Date.parse((await bench.state()).next_try_at ?? '');
        pauses.push(Math.round((next - bench.clock.now()) / 60_000));
        await bench.clock.wait(next - bench.clock.now());
      }
      expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    });
  });

  it('adds no row twice when the reply to an append is lost', async () => {
    await start('r1');
    await save('r2');
    await save('r3');
    server.faults.fail({ on: 'write', next: 1, drop: 'after' });

    await bench.work();

    await bench.expectEqual();
    expect(bench.rows()).toHaveLength(4);
  });

  it('sends each request within Google’s limits, and shortens a cell that is too long', async () => {
    const { length } = server.requests;
    await bench.choose();
    const responses = Array.from({ length: 100 }, (_, index) => {
      const response = { ...metadata(), response_id: `long-${index}`, taste: 'x'.repeat(60_000) };
      return incoming({ form_id: FORM, response_id: `long-${index}`, response });
    });
    for (let at = 0; at < 100; at += 20) await proxy.call('saveResponses', { responses: responses.slice(at, at + 20) });

    await bench.work();

    const sent = server.requests.slice(length).map(({ bytes }) => bytes);
    expect(Math.max(...sent)).toBeLessThanOrEqual(2_000_000);
    expect(bench.rows()).toHaveLength(101);
    expect(String(bench.rows()[1]?.at(-1))).toMatch(/^x+ … \(60000 characters; the rest is in the export\)$/);
  });

  it('writes nothing into the tab of another form that a person has renamed, and says so', async () => {
    await start('r1');
    server.changeTab(bench.spreadsheetId, TAB, { title: 'Renamed' });
    const before = bench.rows('Renamed');
    await proxy.call('saveResponses', { responses: [incoming()] });
    const other = { form_id: 'household_finances', spreadsheet_id: bench.spreadsheetId, tab: 'Renamed' };
    await proxy.call('putLiveSheet', other);

    await bench.work();

    expect(bench.rows('Renamed')).toEqual(before);
    const { sheet } = await proxy.call('getLiveSheet', { form_id: other.form_id });
    expect(sheet).toMatchObject({ error: expect.stringMatching(/^The tab Renamed is the live sheet of another form/) });
    await save('r2');
    await bench.work();
    expect(bench.rows('Renamed')).toHaveLength(3);
  });

  it('ends when it is deleted, and a tab belongs to one form', async () => {
    await start('r1');
    const other = { form_id: 'household_finances', spreadsheet_id: bench.spreadsheetId, tab: 'LIVE' };
    expect(await proxy.call('putLiveSheet', other)).toEqual({ outcome: 'taken', form_id: FORM });

    expect(await proxy.call('deleteLiveSheet', { form_id: FORM })).toEqual({ outcome: 'deleted' });
    expect(await proxy.call('deleteLiveSheet', { form_id: FORM })).toEqual({ outcome: 'unknown' });
    await save('r2');
    await bench.work();

    expect(bench.rows()).toHaveLength(2);
    expect(await proxy.database.db.selectFrom('live_sheet_changes').selectAll().execute()).toEqual([]);
    expect(await proxy.call('putLiveSheet', other)).toMatchObject({ outcome: 'created' });
  });
});
