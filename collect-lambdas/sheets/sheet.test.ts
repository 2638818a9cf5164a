import * as fc from 'fast-check';
import type { Cell, Column, TableDescription } from '../../db-proxy-lambda/contract.ts';
import { startSheetsServer, type Fault, type SheetsServer } from '../../emulators/google-sheets/sheets-server.ts';
import { FakeClock, readTab } from '../../tests/support/exports.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { signIn } from '../shared/google/google-auth.ts';
import { createGoogleSheets, type GoogleSheets } from '../shared/google/google-client.ts';
import { columnName, toSheetRow } from '../shared/google/cells.ts';
import { checkFits, openSheet } from './sheet.ts';
import { SheetError } from '../shared/google/sheet-error.ts';

const COLUMNS: Column[] = [
  { name: 'id', type: 'text' },
  { name: 'amount', type: 'number' },
  { name: 'at', type: 'time' },
];
const AT = '2026-09-01T06:00:00Z';
/** The same time as a serial number. */
const SERIAL = 46_266.25;
const UTC_PATTERN = 'yyyy-mm-dd hh:mm:ss" UTC"';
const rowsOf = (count: number, word = 'row'): Cell[][] =>
  Array.from({ length: count }, (_, index) => [`${word} ${index}`, `${index}.50`, AT]);

const isDefined = (column: Column | undefined): column is Column => column !== undefined;

describe('a sheet', () => {
  const clock = new FakeClock();
  let proxy: InProcessProxy;
  let server: SheetsServer;
  let spreadsheetId: string;

  beforeAll(async () => {
    [proxy, server] = await Promise.all([
      InProcessProxy.start('sqlite'),
      startSheetsServer({ port: 0, now: clock.now }),
    ]);
  });
  beforeEach(async () => {
    spreadsheetId = server.createSpreadsheet({ title: 'A spreadsheet' });
    await proxy.database.db.deleteFrom('leases').execute();
  });
  afterEach(() => server.faults.clear());
  afterAll(() => Promise.all([proxy.stop(), server.stop()]));

  function google(keepClaim: () => Promise<void> = () => Promise.resolve()): GoogleSheets {
    const account = signIn(JSON.stringify(server.serviceAccountKey), `${server.url}/`);
    return createGoogleSheets(account, proxy, clock, keepClaim);
  }

  function table(name: string, columns: Column[] = COLUMNS): TableDescription {
    return { name, kind: 'system', title: name, columns, rows: null, spreadsheet_id: null };
  }

  async function write(rows: Cell[][], name = 'numbers', columns: Column[] = COLUMNS, sheets = google()) {
    const sheet = await openSheet(
      sheets,
      spreadsheetId,
      await sheets.read(spreadsheetId),
      table(name, columns),
      rows.length,
    );
    for (let start = 0; start < rows.length; start += 1_000) await sheet.append(rows.slice(start, start + 1_000));
    await sheet.finish();
    return sheet;
  }

  const tabs = () => server.tabs(spreadsheetId);

  function addTab(title: string, rowCount: number, columnCount: number, frozenRowCount = 0): void {
    server.addTab(spreadsheetId, { sheetId: 7, title, rowCount, columnCount, frozenRowCount, bold: [] });
  }

  /** The requests of this test whose path ends with the text. */
  const asked = (ending = '') =>
    server.requests.filter(({ path }) => path.startsWith(`/v4/spreadsheets/${spreadsheetId}${ending}`));

  describe('that does not exist yet', () => {
    it('is created, header first, and other tabs stay as they are', async () => {
      await google().write(spreadsheetId, 'Sheet1!A1', [['a manager’s own']]);

      const sheet = await write([['a', '1.50', AT]]);

      expect(readTab(server, 'numbers', spreadsheetId)).toEqual([
        ['id', 'amount', 'at'],
        ['a', 1.5, SERIAL],
      ]);
      expect(readTab(server, 'Sheet1', spreadsheetId)).toEqual([['a manager’s own']]);
      expect(tabs().map(({ title }) => title)).toEqual(['Sheet1', 'numbers']);
      expect(tabs()[1]?.sheetId).toBe(sheet.sheetId);
    });

    it('has a frozen, bold header and a large enough grid', async () => {
      await write(rowsOf(5));

      expect(tabs()[1]).toMatchObject({ rowCount: 6, columnCount: 3, frozenRowCount: 1 });
      const page = await (await fetch(`${server.url}/spreadsheets/d/${spreadsheetId}/edit`)).text();
      expect(page).toContain('<td class="bold">amount</td>');
      expect(page).not.toContain('<td class="bold">row 0</td>');
    });

    it('has only a header if there are no rows', async () => {
      await write([]);

      expect(readTab(server, 'numbers', spreadsheetId)).toEqual([['id', 'amount', 'at']]);
    });

    it('is created once, even if the reply to the request is lost', async () => {
      const sheets = google();
      await sheets.read(spreadsheetId);
      server.faults.fail({ next: 1, on: 'write', drop: 'after' });

      await write(rowsOf(3), 'numbers', COLUMNS, sheets);

      expect(tabs().map(({ title }) => title)).toEqual(['Sheet1', 'numbers']);
      expect(readTab(server, 'numbers', spreadsheetId)).toHaveLength(4);
    });

    it('has a title of at most 100 characters, different from those of other tables', async () => {
      const name = 'clinic.'.padEnd(120, 'members_');

      const titles = [(await write([], name)).title, (await write([], `${name}2`)).title];

      expect(titles.map((title) => title.replace(/[0-9a-f]{8}$/, ''))).toEqual([
        `${name.slice(0, 91)}~`,
        `${name.slice(0, 91)}~`,
      ]);
      expect(tabs().map(({ title }) => title)).toEqual(['Sheet1', ...titles]);
      expect((await write([], name)).title).toBe(titles[0]);
      expect(new Set(titles).size).toBe(2);
    });

    it('may have a title that needs quotes', async () => {
      await write(rowsOf(1), "it's 1:1");

      expect(readTab(server, "it's 1:1", spreadsheetId)).toHaveLength(2);
    });
  });

  describe('that exists', () => {
    it('keeps its id, so charts on it stay', async () => {
      await write(rowsOf(3));
      const before = tabs();

      await write(rowsOf(5));

      expect(tabs()[1]?.sheetId).toBe(before[1]?.sheetId);
      expect(readTab(server, 'numbers', spreadsheetId)).toHaveLength(6);
    });

    it('is found regardless of case', async () => {
      addTab('Numbers', 10, 3);

      const sheet = await write(rowsOf(2));

      expect(sheet.title).toBe('Numbers');
      expect(readTab(server, 'Numbers', spreadsheetId)).toHaveLength(3);
    });

    it('is enlarged if it is too small, and never shrunk', async () => {
      addTab('numbers', 3, 40, 2);

      await write(rowsOf(30));
      const enlarged = tabs()[1];
      await write(rowsOf(3));

      expect(enlarged).toMatchObject({ rowCount: 31, columnCount: 40 });
      expect(tabs()[1]).toEqual(enlarged);
    });

    it('keeps the rows that a manager froze', async () => {
      addTab('numbers', 10, 3, 2);

      await write(rowsOf(1));

      expect(tabs()[1]).toMatchObject({ frozenRowCount: 2 });
    });

    it('loses the extra rows of an earlier, longer export and keeps cells beside the table', async () => {
      await write(rowsOf(20));
      const [, own] = tabs();
      const wider = { sheetId: own?.sheetId ?? 0, gridProperties: { rowCount: 21, columnCount: 4, frozenRowCount: 1 } };
      await google().change(spreadsheetId, [
        {
          updateSheetProperties: { properties: wider, fields: 'gridProperties(rowCount,columnCount,frozenRowCount)' },
        },
      ]);
      await google().write(spreadsheetId, 'numbers!D15', [['beside']]);

      await write(rowsOf(2, 'new'));

      const rows = readTab(server, 'numbers', spreadsheetId);
      expect(rows.slice(0, 3)).toEqual([
        ['id', 'amount', 'at'],
        ['new 0', 0.5, SERIAL],
        ['new 1', 1.5, SERIAL],
      ]);
      expect(
        rows
          .slice(3)
          .flat()
          .filter((cell) => cell !== ''),
      ).toEqual(['beside']);
    });

    it('does not change when the same table is written again', async () => {
      await write(rowsOf(50));
      const before = [readTab(server, 'numbers', spreadsheetId), tabs()];

      await write(rowsOf(50));

      expect([readTab(server, 'numbers', spreadsheetId), tabs()]).toEqual(before);
    });

    it('has an empty cell where an answer was removed', async () => {
      await write([['a', '1', AT]]);

      await write([['a', null, null]]);

      expect(readTab(server, 'numbers', spreadsheetId)).toEqual([
        ['id', 'amount', 'at'],
        ['a', '', ''],
      ]);
    });
  });

  describe('a cell', () => {
    it('is text if it was text, even if it looks like a formula or a number', async () => {
      await write([
        ['=1+1', 5, AT],
        ['007', '-0.5', AT],
        ["'quoted", 0, AT],
      ]);

      const rows = readTab(server, 'numbers', spreadsheetId);

      expect(rows.slice(1).map((row) => row.slice(0, 2))).toEqual([
        ['=1+1', 5],
        ['007', -0.5],
        ["'quoted", 0],
      ]);
    });

    it('of a column of numbers is a number if it is numeric, otherwise text', () => {
      const column: Column[] = [{ name: 'a', type: 'number' }];
      const cells = ['758.10', '-3', 7, 'about 5', '=1', null].map((cell) => toSheetRow(column, [cell])[0]);

      expect(cells).toEqual([758.1, -3, 7, 'about 5', '=1', '']);
    });

    it('of a time is its serial number in UTC, and a boolean is the text true or false', () => {
      const columns: Column[] = [
        { name: 'a', type: 'time' },
        { name: 'b', type: 'boolean' },
      ];

      expect(toSheetRow(columns, ['2026-09-01T09:00:00+03:00', true])).toEqual([SERIAL, 'true']);
    });

    it('of a column of times is text if it is not a time, or before 1900', () => {
      const column: Column[] = [{ name: 'a', type: 'time' }];
      const cells = ['=1', '2027-02-29', '1899-12-31T23:00:00-00:30', null].map(
        (cell) => toSheetRow(column, [cell])[0],
      );

      expect(cells).toEqual(['=1', '2027-02-29', '1899-12-31T23:30:00Z', '']);
    });

    it('of a time equals that time to the millisecond', () => {
      const column: Column[] = [{ name: 'a', type: 'time' }];
      const min = new Date('1900-01-01T00:00:00Z');
      const max = new Date('9999-12-31T23:59:59.999Z');
      fc.assert(
        fc.property(fc.date({ min, max, noInvalidDate: true }), (time) => {
          const [serial] = toSheetRow(column, [time.toISOString()]);

          expect(Math.round((Number(serial) - 25_569) * 86_400_000)).toBe(time.getTime());
        }),
      );
    });
  });

  describe('a column of times', () => {
    const numbers: Column[] = [COLUMNS[0], COLUMNS[2], COLUMNS[1]].filter(isDefined);
    const formats = async () =>
      (await google().readFormats(spreadsheetId, 'numbers!A2:C2')).map((format) => format?.pattern);
    const format = (startColumnIndex: number, numberFormat: object) =>
      google().change(spreadsheetId, [
        {
          repeatCell: {
            range: {
              sheetId: tabs()[1]?.sheetId ?? 0,
              startRowIndex: 1,
              endRowIndex: 2,
              startColumnIndex,
              endColumnIndex: startColumnIndex + 1,
            },
            cell: { userEnteredFormat: { numberFormat } },
            fields: 'userEnteredFormat.numberFormat',
          },
        },
      ]);

    it('shows its times in UTC, and other columns have no format', async () => {
      await write([['a', '1.50', '2026-09-01T09:00:00+03:00']]);

      const page = await (await fetch(`${server.url}/spreadsheets/d/${spreadsheetId}/edit`)).text();
      expect(await formats()).toEqual([undefined, undefined, UTC_PATTERN]);
      expect(page).toContain('<td class="number">2026-09-01 06:00:00 UTC</td>');
      expect(page).toContain('<td class="number">1.5</td>');
    });

    it('may take the place of a column of dates, and a date is shown without a time', async () => {
      const first: Column[] = [
        { name: 'at', type: 'time' },
        { name: 'on', type: 'date' },
        { name: 'amount', type: 'number' },
      ];
      const second = first.toReversed();
      await write([[AT, '2026-09-01', 1]], 'numbers', first);

      await write([[1, '2026-09-01', AT]], 'numbers', second);

      const page = await (await fetch(`${server.url}/spreadsheets/d/${spreadsheetId}/edit`)).text();
      expect(await formats()).toEqual([undefined, 'yyyy"-"mm"-"dd', UTC_PATTERN]);
      expect(readTab(server, 'numbers', spreadsheetId)[1]).toEqual([1, 46_266, SERIAL]);
      expect(page).toContain('<td class="number">2026-09-01</td>');
      await write([['2026-09-01', AT, 1]], 'numbers', [second[1], first[0], second[0]].filter(isDefined));
      expect(await formats()).toEqual(['yyyy"-"mm"-"dd', UTC_PATTERN, undefined]);
    });

    it('keeps a format for times that a manager chose, in new rows too', async () => {
      await write(rowsOf(1));
      await format(2, { type: 'DATE', pattern: 'dd/mm/yyyy' });

      await write(rowsOf(30));

      expect(await google().readFormats(spreadsheetId, 'numbers!C31:C31')).toEqual([
        { type: 'DATE', pattern: 'dd/mm/yyyy' },
      ]);
    });

    it('does not leave its format behind when it moves, so that no amount looks like a time', async () => {
      await write(rowsOf(3));

      await write([['a', AT, '1.50']], 'numbers', numbers);

      expect(await formats()).toEqual([undefined, UTC_PATTERN, undefined]);
    });

    it('leaves the formats of amounts to the manager', async () => {
      await write(rowsOf(1));
      await format(1, { type: 'CURRENCY', pattern: '#,##0.00' });

      await write(rowsOf(3));

      expect(await formats()).toEqual([undefined, '#,##0.00', UTC_PATTERN]);
    });
  });

  it.each([
    [1, 'A'],
    [26, 'Z'],
    [27, 'AA'],
    [702, 'ZZ'],
    [703, 'AAA'],
  ])('gives column %d the letters %s', (column, letters) => {
    expect(columnName(column)).toBe(letters);
  });

  describe('that is large', () => {
    it('is written in as few requests of about 2 MB as possible', async () => {
      const rows: Cell[][] = Array.from({ length: 9_000 }, (_, index) => [`${index} ${'ü😀"'.repeat(60)}`, index, AT]);

      await write(rows);

      const requests = asked().length;
      const bytes = asked('/values:batchUpdate').map((request) => request.bytes);
      const total = bytes.reduce((sum, each) => sum + each, 0);
      expect(total).toBeGreaterThan(4_000_000);
      expect(Math.max(...bytes)).toBeLessThanOrEqual(2_000_000);
      expect(requests).toBeLessThanOrEqual(1.2 * Math.ceil(total / 2_000_000) + 5);
      expect(readTab(server, 'numbers', spreadsheetId)).toHaveLength(9_001);
    });

    it('is written within Google’s limit of 60 requests a minute', async () => {
      await clock.wait(60_000);
      server.quota.isEnforced = true;
      const sheets = google();
      const others = google();

      for (let request = 0; request < 80; request += 1) {
        const sender = request % 2 === 0 ? sheets : others;
        await sender.write(spreadsheetId, `Sheet1!A${request + 1}:A${request + 1}`, [[request]]);
        await sender.read(spreadsheetId);
      }

      server.quota.isEnforced = false;
      expect(asked()).toHaveLength(160);
      expect(asked().filter(({ status }) => status !== 200)).toEqual([]);
      const times = asked('/values:batchUpdate').map(({ time }) => time);
      for (const time of times) {
        expect(times.filter((other) => other >= time && other < time + 60_000).length).toBeLessThanOrEqual(60);
      }
    });
  });

  describe('that would not fit', () => {
    const BOTH_FILES = { csv: true, ndjson: true };
    const tab = (title: string, rows: number, columns: number) => ({ sheetId: 1, title, rows, columns, frozenRows: 0 });

    it('is refused before anything is written: too many cells, those of other tabs included', () => {
      const spreadsheet = { url: '', tabs: [tab('other', 1_000_000, 8), tab('numbers', 10, 3)] };

      expect(() =>
        checkFits(spreadsheet, 'numbers', { rows: 666_665, columns: 3, longestCell: 5 }, BOTH_FILES),
      ).not.toThrow();
      expect(() =>
        checkFits(spreadsheet, 'numbers', { rows: 666_666, columns: 3, longestCell: 5 }, BOTH_FILES),
      ).toThrow(
        new SheetError(
          'The sheet would have 10000001 cells and Google allows 10000000 a spreadsheet. The files are complete. Export fewer rows with a filter, or to a spreadsheet of its own.',
        ),
      );
    });

    it('is refused before anything is written: too many columns', () => {
      const spreadsheet = { url: '', tabs: [] };

      expect(() =>
        checkFits(spreadsheet, 'wide', { rows: 1, columns: 18_278, longestCell: 5 }, BOTH_FILES),
      ).not.toThrow();
      expect(() => checkFits(spreadsheet, 'wide', { rows: 1, columns: 18_279, longestCell: 5 }, BOTH_FILES)).toThrow(
        new SheetError(
          'The sheet would have 18279 columns and Google allows 18278. The files are complete. The sheet was left as it was.',
        ),
      );
    });

    it('is refused before anything is written: a cell that is too long', () => {
      const spreadsheet = { url: '', tabs: [] };

      expect(() =>
        checkFits(spreadsheet, 'numbers', { rows: 1, columns: 3, longestCell: 50_000 }, BOTH_FILES),
      ).not.toThrow();
      expect(() => checkFits(spreadsheet, 'numbers', { rows: 1, columns: 3, longestCell: 50_001 }, BOTH_FILES)).toThrow(
        'One cell has 50001 characters and Google allows 50000. The files are complete. The sheet was left as it was.',
      );
    });

    it.each<[{ csv?: boolean; ndjson?: boolean }, string]>([
      [{ csv: true }, 'The CSV is complete. The sheet was left as it was.'],
      [{ ndjson: true }, 'The NDJSON is complete. The sheet was left as it was.'],
      [{}, 'The sheet was left as it was.'],
    ])('is refused with a message that says which files are complete: %j', (files, end) => {
      const table = { rows: 1, columns: 3, longestCell: 50_001 };

      expect(() => checkFits({ url: '', tabs: [] }, 'numbers', table, { csv: false, ...files })).toThrow(
        new SheetError(`One cell has 50001 characters and Google allows 50000. ${end}`),
      );
    });

    it('is refused with a message that does not mention files if there are none', () => {
      const table = { rows: 4_000_000, columns: 3, longestCell: 5 };

      expect(() => checkFits({ url: '', tabs: [] }, 'numbers', table, { csv: false })).toThrow(
        new SheetError(
          'The sheet would have 12000003 cells and Google allows 10000000 a spreadsheet. Export fewer rows with a filter, or to a spreadsheet of its own.',
        ),
      );
    });
  });

  describe('when Google fails', () => {
    it.each<[string, Fault]>([
      ['429', { next: 3, status: 429 }],
      ['500', { next: 3, status: 500 }],
      ['502', { next: 3, status: 502 }],
      ['503', { next: 3, status: 503 }],
      ['connections that end before anything is done', { next: 3, drop: 'before' }],
      ['connections that end when all is done', { next: 3, drop: 'after' }],
      ['a third of all requests failing', { every: 3, status: [429, 503] }],
      ['no sign-in at first', { next: 2, on: 'token', status: 503 }],
    ])('is complete after %s', async (_what, fault) => {
      server.faults.fail(fault);

      await write(rowsOf(10));

      server.faults.clear();
      expect(readTab(server, 'numbers', spreadsheetId)).toHaveLength(11);
    });

    it('waits as long as Google asks', async () => {
      server.faults.fail({ next: 1, on: 'write', status: 429, retryAfter: 25 });

      await write(rowsOf(1));

      const [refused, repeated] = asked(':batchUpdate');
      expect(refused?.status).toBe(429);
      expect((repeated?.time ?? 0) - (refused?.time ?? 0)).toBeGreaterThanOrEqual(25_000);
    });

    it('gives up after several tries and says what to do', async () => {
      server.faults.fail({ every: 1, on: 'write', status: 503 });

      await expect(google().clear(spreadsheetId, ['Sheet1!A1'])).rejects.toThrow(
        'Google Sheets did not accept the sheet after several tries. Request the export again later.',
      );
      expect(asked()).toHaveLength(8);
    });

    it('does not retry after a refusal, and says to share the sheet', async () => {
      spreadsheetId = server.createSpreadsheet({ title: 'Not ours', shared: false });

      await expect(write(rowsOf(1))).rejects.toThrow(
        /share the sheet with collect@local\S+ as an editor.*cannot own files/,
      );
      expect(asked()).toHaveLength(1);
    });

    it('says to check the id of a spreadsheet that does not exist', async () => {
      spreadsheetId = 'a-spreadsheet-that-is-not-there';

      await expect(write(rowsOf(1))).rejects.toThrow(/no spreadsheet with this id.*check the id.*share the sheet with/);
    });

    it('says that the key is no longer accepted', async () => {
      const other = await startSheetsServer({ port: 0 });
      const key = { ...server.serviceAccountKey, private_key: other.serviceAccountKey.private_key };
      await other.stop();
      const sheets = createGoogleSheets(signIn(JSON.stringify(key), `${server.url}/`), proxy, clock, () =>
        Promise.resolve(),
      );

      await expect(sheets.read(spreadsheetId)).rejects.toThrow('Google does not accept our sign-in.');
    });

    it('checks its claim before each try and stops when the claim is lost', async () => {
      let times = 0;
      const sheets = google(() => {
        times += 1;
        return times < 4 ? Promise.resolve() : Promise.reject(new Error('The claim is lost.'));
      });
      server.faults.fail({ every: 1, on: 'write', status: 503 });

      await expect(sheets.write(spreadsheetId, 'Sheet1!A1:A1', [[1]])).rejects.toThrow('The claim is lost.');
    });
  });
});
