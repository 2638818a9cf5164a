import { createHash, randomUUID } from 'node:crypto';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { SQSEvent } from 'aws-lambda';
import type { Column, Input } from '../../db-proxy-lambda/contract.ts';
import { startSheetsServer, type SheetsServer } from '../../emulators/google-sheets/sheets-server.ts';
import { databaseKinds } from '../../tests/support/databases.ts';
import {
  ask,
  asSheetCell,
  claim,
  emptyTables,
  FakeClock,
  ObjectStore,
  readCsv,
  readTab,
  stateOf,
  TABLE,
  workerDependencies,
} from '../../tests/support/exports.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { household, incoming, INCOME, metadata } from '../../tests/support/responses.ts';
import type { Dependencies } from './dependencies.ts';
import { createHandler } from './handler.ts';
import { runExport } from './run-export.ts';
import { SheetError, SignInError } from '../shared/google/sheet-error.ts';
import { PART_BYTES } from './upload.ts';

const PAST = '2020-01-01T00:00:00.000Z';
const BOTH = { csv: true, sheet: true };

describe.each(databaseKinds)('a worker on %s', (kind) => {
  let proxy: InProcessProxy;
  let store: ObjectStore;
  let server: SheetsServer;
  let spreadsheetId: string;

  beforeAll(async () => {
    [proxy, store, server] = await Promise.all([
      InProcessProxy.start(kind),
      ObjectStore.start(),
      startSheetsServer({ port: 0 }),
    ]);
  });
  beforeEach(async () => {
    await emptyTables(proxy.database);
    store.onCommand = () => undefined;
    store.commands.length = 0;
    server.faults.clear();
    spreadsheetId = server.createSpreadsheet({ title: 'A spreadsheet' });
  });
  afterAll(() => Promise.all([proxy.stop(), store.stop(), server.stop()]));

  async function save(count: number, answers: Record<string, unknown> = {}): Promise<void> {
    const responses = Array.from({ length: count }, () => {
      const id = randomUUID();
      return incoming({ response_id: id, response: household({ response_id: id, ...answers }) });
    });
    for (let start = 0; start < count; start += 500) {
      await proxy.call('saveResponses', { responses: responses.slice(start, start + 500) });
    }
  }

  const worker = (changes: Partial<Dependencies> = {}) => workerDependencies(proxy, store, server, changes);

  /** Asks for an export and runs it. */
  async function run(
    request: Partial<Input<'requestExport'>['request']> & { table?: string } = {},
    changes: Partial<Dependencies> = {},
  ) {
    const exportId = await ask(proxy, request);
    await runExport(worker(changes), exportId);
    return stateOf(proxy, exportId);
  }
  const runBoth = (request: { table?: string } = {}, changes: Partial<Dependencies> = {}) =>
    run({ ...request, format: BOTH, spreadsheet_id: spreadsheetId }, changes);

  /** Lets the claim of an export expire, as if its worker had died. */
  async function expire(exportId: string): Promise<void> {
    const { db } = proxy.database;
    await db.updateTable('exports').set({ held_until: PAST }).where('export_id', '=', exportId).execute();
  }

  async function columnsOf(table: string) {
    const { tables } = await proxy.call('listTables', { count_rows: false });
    return tables.find(({ name }) => name === table)?.columns ?? [];
  }

  /** The cells of a CSV, as the sheet shows them. */
  async function asSheet(csv: Buffer, table = TABLE) {
    const [header = [], ...rows] = readCsv(csv);
    const columns = await columnsOf(table);
    return [header, ...rows.map((row) => row.map((cell, index) => asSheetCell(cell, columns[index]?.type ?? 'text')))];
  }

  const titles = () => server.tabs(spreadsheetId).map(({ title }) => title);

  const apiRequests = () =>
    server.requests.filter(({ path }) => path.startsWith(`/v4/spreadsheets/${spreadsheetId}`)).map(({ path }) => path);

  describe('writing the CSV', () => {
    it('stores the CSV under its own key, with a manifest that describes it', async () => {
      await save(3, { [INCOME]: '758.10' });

      const { csv, ...stored } = await run({ filter: { status: 'accepted' } });

      const file = await store.read(csv?.key ?? '');
      const manifest: unknown = JSON.parse(
        (await store.read((csv?.key ?? '').replace('.csv', '.manifest.json'))).toString(),
      );
      expect(stored).toMatchObject({ status: 'succeeded', rows_total: 3, rows_done: 3, sheet: null, error: null });
      expect(csv).toEqual({
        bucket: store.bucket,
        key: `${TABLE}/${stored.export_id}.csv`,
        rows: 3,
        bytes: file.length,
        sha256: createHash('sha256').update(file).digest('hex'),
      });
      expect(manifest).toEqual({
        export_id: stored.export_id,
        table_name: TABLE,
        rows: 3,
        columns: await columnsOf(TABLE),
        sha256: csv?.sha256,
        bytes: file.length,
        form_version: 1,
        filter: { status: 'accepted' },
        snapshot: { at: expect.stringMatching(/Z$/), max_id: expect.any(Number) },
        started_at: stored.started_at,
        finished_at: expect.stringMatching(/Z$/),
      });
      const [header, first] = readCsv(file);
      expect(header).toEqual((await columnsOf(TABLE)).map(({ name }) => name));
      expect(first?.[header?.indexOf(INCOME) ?? -1]).toBe('758.10');
    });

    it('begins the file with a byte order mark if the request asks for it, and changes nothing else', async () => {
      await save(2, { name: 'Zoë' });
      const [plain, marked] = [await run(), await run({ bom: true })];

      const [without, withMark] = await Promise.all([plain, marked].map(({ csv }) => store.read(csv?.key ?? '')));

      expect(withMark).toEqual(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), without ?? Buffer.of()]));
      expect(marked.csv).toMatchObject({ rows: 2, bytes: withMark?.length });
    });

    it('uses short names as headers if the request asks for them, also in the manifest and in the sheet', async () => {
      await save(1, { [INCOME]: '758.10' });

      const { csv } = await run({ headers: 'names', format: BOTH, spreadsheet_id: spreadsheetId });

      const [header = [], row = []] = readCsv(await store.read(csv?.key ?? ''));
      const manifest: { columns: Column[] } = JSON.parse(
        (await store.read((csv?.key ?? '').replace('.csv', '.manifest.json'))).toString(),
      );
      expect(header).toEqual((await columnsOf(TABLE)).map(({ name, short_name: shortName = name }) => shortName));
      expect(row[header.indexOf('monthly_income')]).toBe('758.10');
      expect(manifest.columns.map(({ name }) => name)).toEqual(header);
      expect(readTab(server, TABLE, spreadsheetId)[0]).toEqual(header);
    });

    it('adds only columns for the options if the request asks for them, in each file and in the sheet', async () => {
      const symptoms = { key: 'symptoms', name: 'symptoms', type: 'select_multiple', label: 'Symptoms' };
      const questions = [{ ...symptoms, options: ['fever', { name: 'rash', label: 'A rash' }] }];
      await proxy.call('putForm', { form_id: 'visits', definition: { title: 'Visits', questions } });
      for (const answer of [['rash'], ['fever', 'rash'], undefined]) {
        const response = { ...metadata(), symptoms: answer };
        await proxy.call('saveResponses', { responses: [incoming({ form_id: 'visits', response })] });
      }
      const format = { csv: true, sheet: true, ndjson: true };
      const everywhere = { table: 'visits', format, spreadsheet_id: spreadsheetId };

      const { csv, ndjson } = await run({ ...everywhere, option_columns: true });
      const tab = readTab(server, 'visits', spreadsheetId);
      const plain = await run(everywhere);

      const file = readCsv(await store.read(csv?.key ?? ''));
      const lines = (await store.read(ndjson?.key ?? '')).toString().trim().split('\n');
      const cells = [
        ['Symptoms', 'Symptoms/fever', 'Symptoms/A rash'],
        ['rash', '0', '1'],
        ['fever rash', '1', '1'],
        ['', '', ''],
      ];
      expect(file.map((row) => row.slice(-3))).toEqual(cells);
      expect(tab.map((row) => row.slice(-3))).toEqual([cells[0], ['rash', 0, 1], ['fever rash', 1, 1], ['', '', '']]);
      expect(lines.map((line) => Object.entries(JSON.parse(line) as object).slice(-3))).toEqual(
        [
          ['rash', 0, 1],
          ['fever rash', 1, 1],
          [null, null, null],
        ].map((row) => row.map((cell, index) => [cells[0]?.[index], cell])),
      );
      expect(readCsv(await store.read(plain.csv?.key ?? ''))).toEqual(file.map((row) => row.slice(0, -2)));
    });

    it('writes only the header of an empty table', async () => {
      const { csv } = await run();

      expect(csv?.rows).toBe(0);
      expect(readCsv(await store.read(csv?.key ?? ''))).toEqual([(await columnsOf(TABLE)).map(({ name }) => name)]);
    });

    it('writes the same bytes each time', async () => {
      await save(20);

      const [first, second] = [await run(), await run()];

      expect(first.csv?.key).not.toBe(second.csv?.key);
      expect(first.csv?.sha256).toBe(second.csv?.sha256);
    });

    it('leaves neither CSV nor manifest when S3 fails, and another worker completes the export', async () => {
      await save(20);
      const before = await store.keys();
      const exportId = await ask(proxy);
      store.onCommand = (name) => {
        if (name === 'PutObjectCommand') throw new Error('S3 fails.');
      };

      await expect(runExport(worker(), exportId)).rejects.toThrow('S3 fails.');

      expect(await store.keys()).toEqual(before);
      store.onCommand = () => undefined;
      await expire(exportId);
      await runExport(worker(), exportId);
      expect(await stateOf(proxy, exportId)).toMatchObject({ status: 'succeeded', rows_done: 20 });
      expect(await store.keys()).toHaveLength(before.length + 2);
    });

    it('stops and leaves nothing when another worker takes the export over', async () => {
      await save(20);
      const exportId = await ask(proxy);
      const clock = new FakeClock();
      let taken: Promise<unknown> | undefined;
      const slowProxy = {
        call: async (...call: Parameters<InProcessProxy['call']>) => {
          if (call[0] === 'readTable') {
            taken ??= expire(exportId).then(() => claim(proxy, exportId, 'another worker'));
          }
          await taken;
          await clock.wait(10_000);
          return proxy.call(...call);
        },
      } as InProcessProxy;

      await runExport(worker({ clock, dbProxy: slowProxy }), exportId);

      expect(await stateOf(proxy, exportId)).toMatchObject({ status: 'running', csv: null, rows_done: 0 });
      expect(await store.keys()).not.toContain(`${TABLE}/${exportId}.csv`);
    });

    it('logs that another worker has taken the export over, even if S3 refuses to abort the upload', async () => {
      const exportId = await ask(proxy);
      const clock = new FakeClock();
      const takenOver = {
        call: async (...call: Parameters<InProcessProxy['call']>) => {
          if (call[0] !== 'readTable') return proxy.call(...call);
          await expire(exportId);
          await claim(proxy, exportId, 'another worker');
          await clock.wait(10_000);
          return { rows: [['x'.repeat(3 * PART_BYTES)]], next: null };
        },
      } as InProcessProxy;
      store.onCommand = (name) => {
        if (name === 'AbortMultipartUploadCommand') throw new Error('S3 refuses the abort.');
      };
      const dependencies = worker({ clock, dbProxy: takenOver });

      await runExport(dependencies, exportId);

      expect(store.commands).toContain('AbortMultipartUploadCommand');
      expect(dependencies.logger.text).toContain('export taken over by another worker');
    });
  });

  describe('writing the entries of a repeat', () => {
    const REPEAT = 'clinic.members';
    const label = "=cmd|' /C calc'!A0";
    const members = {
      name: 'people',
      key: 'members',
      type: 'repeat',
      questions: [
        { name: 'full_name', key: 'name', type: 'text', label },
        { name: 'born', key: 'born', type: 'date' },
        { name: 'income', key: 'income', type: 'decimal' },
      ],
    };

    beforeEach(async () => {
      const definition = { title: 'Clinic', questions: [{ ...members, name: 'members' }] };
      await proxy.call('putForm', { form_id: 'clinic', definition });
      const response = {
        members: [{ name: '=cmd()', born: '1990-05-06', income: '758.10' }, { name: '+1' }, {}],
      };
      await proxy.call('saveResponses', {
        responses: [incoming({ form_id: 'clinic', response_id: 'r1', response })],
      });
    });

    it('gives files and a tab named after it, and no cell or header runs as a formula', async () => {
      const { csv, ndjson, sheet, ...stored } = await run({
        table: REPEAT,
        format: { ...BOTH, ndjson: true },
        bom: true,
        spreadsheet_id: spreadsheetId,
      });

      expect(stored).toMatchObject({ status: 'succeeded', rows_total: 3, rows_done: 3, error: null });
      expect(csv?.key).toBe(`${REPEAT}/${stored.export_id}.csv`);
      expect((await store.read(csv?.key ?? '')).toString()).toBe(
        [
          `\uFEFFresponse_id,position,'${label},members/born,members/income`,
          "r1,1,'=cmd(),1990-05-06,758.10",
          "r1,2,'+1,,",
          'r1,3,,,',
          '',
        ].join('\r\n'),
      );
      const lines = (await store.read(ndjson?.key ?? '')).toString().split('\n');
      expect(JSON.parse(lines[0] ?? '')).toEqual({
        response_id: 'r1',
        position: 1,
        [label]: '=cmd()',
        'members/born': '1990-05-06',
        'members/income': 758.1,
      });
      expect(sheet?.tab).toBe(REPEAT);
      expect(readTab(server, REPEAT, spreadsheetId)).toEqual([
        ['response_id', 'position', label, 'members/born', 'members/income'],
        ['r1', 1, '=cmd()', 32_999, 758.1],
        ['r1', 2, '+1', '', ''],
        ['r1', 3, '', '', ''],
      ]);
    });

    it('uses the paths of names as headers if the request asks for it', async () => {
      await proxy.call('putForm', { form_id: 'clinic', definition: { title: 'Clinic', questions: [members] } });

      const { csv } = await run({ table: 'clinic.people', headers: 'names' });

      expect(readCsv(await store.read(csv?.key ?? ''))[0]).toEqual([
        'response_id',
        'position',
        'people/full_name',
        'people/born',
        'people/income',
      ]);
    });
  });

  describe('writing NDJSON', () => {
    it('stores an object a row with the same cells as the CSV, typed, and a manifest', async () => {
      await save(3, { [INCOME]: '758.10', age: 41, name: '=1+1' });

      const { csv, ndjson, ...stored } = await run({ format: { csv: true, sheet: false, ndjson: true } });

      const file = await store.read(ndjson?.key ?? '');
      const manifest: unknown = JSON.parse(
        (await store.read(`${TABLE}/${stored.export_id}.ndjson.manifest.json`)).toString(),
      );
      expect(stored).toMatchObject({ status: 'succeeded', rows_total: 3, rows_done: 3, error: null });
      expect(ndjson).toEqual({
        bucket: store.bucket,
        key: `${TABLE}/${stored.export_id}.ndjson`,
        rows: 3,
        bytes: file.length,
        sha256: createHash('sha256').update(file).digest('hex'),
      });
      expect(manifest).toMatchObject({ rows: 3, sha256: ndjson?.sha256, columns: await columnsOf(TABLE) });
      const lines = file.toString().split('\n');
      expect(lines.pop()).toBe('');
      expect(lines[0]).toContain(`${JSON.stringify(INCOME)}:758.10,`);
      const [header = [], ...rows] = readCsv(await store.read(csv?.key ?? ''));
      const read = lines.map((line): Record<string, unknown> => JSON.parse(line));
      expect(read.map((row) => Object.keys(row))).toEqual(rows.map(() => header));
      expect(read[0]).toMatchObject({ age: 41, name: '=1+1', revision: 1, flags: '' });
      expect(read.map(({ response_id: id, saved_at: at }) => [id, at])).toEqual(
        rows.map((row) => [row[0], row[header.indexOf('saved_at')]]),
      );
    });

    it('stores the media type application/x-ndjson, and no CSV unless the request asks for one', async () => {
      const { csv, ndjson, export_id: exportId } = await run({ format: { csv: false, sheet: false, ndjson: true } });

      const { ContentType: type } = await store.s3.send(
        new HeadObjectCommand({ Bucket: store.bucket, Key: ndjson?.key }),
      );
      expect([csv, ndjson?.rows, type]).toEqual([null, 0, 'application/x-ndjson']);
      expect(await store.keys()).not.toContain(`${TABLE}/${exportId}.csv`);
    });

    it('reports progress that never goes back, although each file is a pass of its own', async () => {
      await save(3);
      const clock = new FakeClock();
      const slowProxy = {
        call: async (...call: Parameters<InProcessProxy['call']>) => {
          await clock.wait(10_000);
          return proxy.call(...call);
        },
      } as InProcessProxy;
      proxy.calls.length = 0;

      await run({ format: { csv: true, sheet: false, ndjson: true } }, { clock, dbProxy: slowProxy });

      const reported = proxy.calls.flatMap(({ operation, input }) =>
        operation === 'reportExport' ? [(input as Input<'reportExport'>).rows_done] : [],
      );
      expect(reported).toEqual([3, 3]);
    });
  });

  describe('writing the sheet', () => {
    it('writes the same rows as the CSV and links to the sheet', async () => {
      await save(30, { [INCOME]: '758.10', name: '=1+1' });

      const { csv, sheet, status } = await runBoth();

      const file = await store.read(csv?.key ?? '');
      expect(status).toBe('succeeded');
      expect(sheet).toMatchObject({ spreadsheet_id: spreadsheetId, tab: TABLE, rows: 30 });
      expect(readTab(server, TABLE, spreadsheetId)).toEqual(await asSheet(file));
    });

    it('links to its tab, so that the browser opens that tab', async () => {
      await save(1, { name: 'Shown to managers' });

      const { sheet } = await runBoth();

      const own = server.tabs(spreadsheetId).find(({ title }) => title === TABLE)?.sheetId;
      expect(sheet?.url).toBe(`${server.url}/spreadsheets/d/${spreadsheetId}/edit#gid=${own}`);
      const html = await (await fetch(sheet?.url ?? '')).text();
      expect(html).toContain(`<section id="gid=${own}">\n<h2>${TABLE}</h2>`);
      expect(html).toContain('Shown to managers');
    });

    it('changes nothing when the export is repeated', async () => {
      await save(10);
      await runBoth();
      const before = readTab(server, TABLE, spreadsheetId);

      await runBoth();

      expect(readTab(server, TABLE, spreadsheetId)).toEqual(before);
    });

    it('writes only the sheet if no CSV is requested', async () => {
      await save(4);

      const stored = await run({ format: { csv: false, sheet: true }, spreadsheet_id: spreadsheetId });

      expect(stored).toMatchObject({ status: 'succeeded', csv: null, rows_done: 4, rows_total: 4 });
      expect(store.commands).toEqual([]);
      expect(readTab(server, TABLE, spreadsheetId)).toHaveLength(5);
    });

    it('writes the same rows as the CSV, even if responses are saved in between', async () => {
      await save(20);
      let saved: Promise<void> | undefined;
      store.onCommand = (name) => {
        if (name === 'PutObjectCommand') saved ??= save(5);
      };
      const slow = {
        call: async (...call: Parameters<InProcessProxy['call']>) => {
          await saved;
          return proxy.call(...call);
        },
      };

      const { csv } = await runBoth({}, { dbProxy: slow as InProcessProxy });

      expect(csv?.rows).toBe(20);
      expect(readTab(server, TABLE, spreadsheetId)).toEqual(await asSheet(await store.read(csv?.key ?? '')));
    });

    it.each(['revisions', 'flags', 'exports'])('writes the table %s too', async (table) => {
      await save(3);
      await proxy.call('saveResponses', {
        responses: [
          incoming({ status: 'flagged', flags: [{ rule: 'Rule1', message: 'No.', questions: ['a'], values: {} }] }),
        ],
      });

      const { csv, status } = await runBoth({ table });

      expect(status).toBe('succeeded');
      expect(csv?.rows).toBeGreaterThan(0);
      expect(readTab(server, table, spreadsheetId)).toEqual(await asSheet(await store.read(csv?.key ?? ''), table));
    });

    it.each<[string, () => Promise<string>, RegExp]>([
      [
        'that is not shared',
        () => Promise.resolve(server.createSpreadsheet({ title: 'Private', shared: false })),
        /share the sheet with collect@.*cannot own files/,
      ],
      ['that is not there', () => Promise.resolve('no-such-spreadsheet'), /Google finds no spreadsheet with this id/],
      [
        'that has no room for the cells',
        async () => {
          const grid = { rowCount: 997_395, columnCount: 10, frozenRowCount: 0 };
          server.addTab(spreadsheetId, { sheetId: 7, title: 'large', ...grid, bold: [] });
          return spreadsheetId;
        },
        /would have 10\d{6} cells.*The CSV is complete/,
      ],
    ])('fails for a spreadsheet %s; the CSV is complete and the sheet is unchanged', async (_what, make, sentence) => {
      await save(3);
      spreadsheetId = await make();
      const before = apiRequests().length;

      const { csv, ...stored } = await runBoth();

      expect(stored).toMatchObject({
        status: 'failed',
        sheet: null,
        rows_done: 3,
        error: expect.stringMatching(sentence),
      });
      expect(readCsv(await store.read(csv?.key ?? ''))).toHaveLength(4);
      // The sheet was only read.
      expect(
        apiRequests()
          .slice(before)
          .every((path) => path.includes('?fields=')),
      ).toBe(true);
    });

    it('writes nothing to a tab that a live sheet keeps under the title that a person gave it', async () => {
      await save(1);
      server.addTab(spreadsheetId, {
        sheetId: 77,
        title: TABLE,
        rowCount: 5,
        columnCount: 3,
        frozenRowCount: 0,
        bold: [],
      });
      await proxy.call('putLiveSheet', { form_id: TABLE, spreadsheet_id: spreadsheetId, tab: 'Live' });
      const { db } = proxy.database;
      await db.updateTable('live_sheets').set({ sheet_id: 77 }).execute();

      const { status, sheet, error, csv } = await runBoth();
      await db.deleteFrom('live_sheets').execute();

      expect({ status, sheet, error }).toEqual({
        status: 'failed',
        sheet: null,
        error: expect.stringMatching(/^The live sheet of the form household_finances keeps the tab/),
      });
      expect(csv).toMatchObject({ rows: 1 });
      expect(readTab(server, TABLE, spreadsheetId)).toEqual([]);
    });

    it('fails for a cell that is too long, before it writes to the sheet', async () => {
      await save(1, { name: 'x'.repeat(50_001) });

      const { csv, ...stored } = await runBoth();

      expect(stored).toMatchObject({ status: 'failed', error: expect.stringContaining('50001 characters') });
      expect(csv?.rows).toBe(1);
      expect(titles()).toEqual(['Sheet1']);
    });

    it('fails without a usable key, with the reason', async () => {
      await save(1);
      const signIn = () => Promise.reject(new SheetError('There is no Google service account yet.'));

      const { csv, ...stored } = await runBoth({}, { signIn });

      expect(stored).toMatchObject({ status: 'failed', error: 'There is no Google service account yet.' });
      expect(csv?.rows).toBe(1);
    });

    it('evicts a cached key that Google does not accept', async () => {
      let isForgotten = false;
      const signIn = () => Promise.reject(new SignInError('Google does not accept our sign-in.'));

      await runBoth({}, { signIn, forgetSignIn: () => (isForgotten = true) });

      expect(isForgotten).toBe(true);
    });

    it('completes while a third of all requests fail', async () => {
      await save(20);
      server.faults.fail({ every: 3, status: [429, 503] });

      const { csv, status } = await runBoth();

      server.faults.clear();
      expect(status).toBe('succeeded');
      expect(readTab(server, TABLE, spreadsheetId)).toEqual(await asSheet(await store.read(csv?.key ?? '')));
    });
  });

  describe('two exports to one tab', () => {
    /** A clock whose time passes only while it waits. */
    const patient = () => {
      const clock = new FakeClock();
      return Object.assign(clock, { wait: () => new Promise<void>((resolve) => setImmediate(resolve)) });
    };

    it('run one after the other if they start at the same time; the rows of the last export remain', async () => {
      // Each takes several requests.
      await save(400, { name: 'x'.repeat(12_000) });
      const { db } = proxy.database;
      const { middle } = await db
        .selectFrom('responses')
        .select(({ fn }) => fn.avg<number>('id').as('middle'))
        .executeTakeFirstOrThrow();
      await db.updateTable('responses').set({ status: 'flagged', flags: '[]' }).where('id', '>', middle).execute();
      const request = { format: BOTH, spreadsheet_id: spreadsheetId };
      const asked = [await ask(proxy, request), await ask(proxy, { ...request, filter: { status: 'flagged' } })];

      await Promise.all(asked.map((exportId) => runExport(worker({ clock: patient() }), exportId)));

      const ended = await Promise.all(asked.map((exportId) => stateOf(proxy, exportId)));
      expect(ended.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
      const steps = apiRequests().map((path) => (path.includes('?') ? 'read' : path.replace(/.*[/:]/, '')));
      const secondRead = steps.lastIndexOf('read');
      expect(secondRead).toBeGreaterThan(3);
      // The second also reads the formats of the tab that the first made.
      expect(steps.filter((step) => step === 'read')).toHaveLength(3);
      const files = await Promise.all(ended.map(({ csv }) => store.read(csv?.key ?? '')));
      const tab = JSON.stringify(readTab(server, TABLE, spreadsheetId));
      const sheets = await Promise.all(files.map(async (file) => JSON.stringify(await asSheet(file))));
      expect(sheets.filter((sheet) => sheet === tab)).toHaveLength(1);
    });

    it('wait for a lease whose holder is alive, and take over one whose holder died', async () => {
      await save(1);
      const name = `sheet:${spreadsheetId}:${TABLE}`;
      await proxy.call('takeLease', { name, holder: 'a worker that died', seconds: 60 });
      const clock = new FakeClock();
      const wait = async (milliseconds: number): Promise<void> => {
        await clock.wait(milliseconds);
        // At the third try the lease has expired.
        if (clock.waits.length < 3) return;
        await proxy.database.db.updateTable('leases').set({ held_until: PAST }).where('name', '=', name).execute();
      };

      const { status } = await runBoth({}, { clock: { now: clock.now, random: clock.random, wait } });

      expect(status).toBe('succeeded');
      expect(clock.waits.length).toBeGreaterThanOrEqual(3);
    });

    it('fail with an explanation if the other export takes too long', async () => {
      await save(1);
      await proxy.call('takeLease', { name: `sheet:${spreadsheetId}:${TABLE}`, holder: 'another', seconds: 900 });

      const { status, error } = await runBoth();

      expect([status, error]).toEqual([
        'failed',
        'Another export is writing this sheet. Request this export again when the other has ended.',
      ]);
    });

    it('leave no lease behind', async () => {
      await save(1);
      await runBoth();

      const { taken } = await proxy.call('takeLease', {
        name: `sheet:${spreadsheetId}:${TABLE}`,
        holder: 'next',
        seconds: 60,
      });

      expect(taken).toBe(true);
    });
  });

  describe('taking messages', () => {
    function event(...bodies: string[]): SQSEvent {
      return { Records: bodies.map((body, index) => ({ messageId: `message-${index}`, body })) } as SQSEvent;
    }

    it('runs an export once, however often its message is delivered', async () => {
      await save(2);
      const exportId = await ask(proxy);
      const message = JSON.stringify({ export_id: exportId });

      const result = await createHandler(worker())(event(message, message));

      expect(result).toEqual({ batchItemFailures: [] });
      expect(await stateOf(proxy, exportId)).toMatchObject({ status: 'succeeded' });
      expect(store.commands).toEqual(['PutObjectCommand', 'PutObjectCommand']);
    });

    it('leaves the message of an interrupted export in the queue and logs only where it failed', async () => {
      const exportId = await ask(proxy);
      const dependencies = worker();
      proxy.failWith = 'DATABASE_UNAVAILABLE';

      const result = await createHandler(dependencies)(event(JSON.stringify({ export_id: exportId }), 'not JSON'));

      proxy.failWith = undefined;
      expect(result).toEqual({
        batchItemFailures: [{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-1' }],
      });
      expect(dependencies.logger.text).toContain('export interrupted');
      expect(dependencies.logger.text).not.toContain('not JSON');
    });

    it('deletes the message of an export that is unknown or runs elsewhere', async () => {
      const running = await ask(proxy);
      await claim(proxy, running);

      const result = await createHandler(worker())(
        event(JSON.stringify({ export_id: randomUUID() }), JSON.stringify({ export_id: running })),
      );

      expect(result).toEqual({ batchItemFailures: [] });
    });

    it('never logs the key that it signs in with', async () => {
      await save(1);
      const dependencies = worker();
      const exportId = await ask(proxy, { format: BOTH, spreadsheet_id: 'no-such-spreadsheet' });

      await createHandler(dependencies)(event(JSON.stringify({ export_id: exportId })));

      expect(dependencies.logger.text).toContain('export ended');
      expect(dependencies.logger.text).not.toMatch(/PRIVATE KEY|ya29/);
    });
  });
});
