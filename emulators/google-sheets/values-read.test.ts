import * as fc from 'fast-check';
import { startSheetsServer } from './sheets-server.ts';
import type { SheetsServer } from './sheets-server.ts';
import { connect, refusalOf } from './test-client.ts';
import type { SheetsClient } from './test-client.ts';

describe('Reading and clearing values', () => {
  let server: SheetsServer;
  let client: SheetsClient;

  beforeAll(async () => {
    server = await startSheetsServer({ port: 0 });
    client = connect(server);
  });
  afterAll(() => server.stop());

  /** A new spreadsheet with one tab, `Sheet1`, of 1000 rows and 26 columns. */
  function newSheet() {
    const spreadsheetId = server.createSpreadsheet({ title: 'Test' });
    const { values } = client.spreadsheets;
    return {
      spreadsheetId,
      async write(range: string, rows: unknown[][]) {
        const requestBody = { values: rows };
        return (await values.update({ spreadsheetId, range, valueInputOption: 'RAW', requestBody })).data;
      },
      async writeMany(data: { range: string; values: unknown[][] }[]) {
        return (await values.batchUpdate({ spreadsheetId, requestBody: { valueInputOption: 'RAW', data } })).data;
      },
      async read(range: string, valueRenderOption = 'UNFORMATTED_VALUE') {
        return (await values.get({ spreadsheetId, range, valueRenderOption })).data;
      },
    };
  }

  describe('reading', () => {
    it('leaves out blank cells and rows at the end, and shows those between as empty', async () => {
      const sheet = newSheet();
      await sheet.write('B2:E6', [['', 1, '', ''], [''], ['x'], [''], ['', '']]);

      expect(await sheet.read('Sheet1!A1:F9')).toEqual({
        range: 'Sheet1!A1:F9',
        majorDimension: 'ROWS',
        values: [[], ['', '', 1], [], ['', 'x']],
      });
      expect((await sheet.read('Sheet1!F1:F9')).values).toBeUndefined();
    });

    it('cuts a range to the grid, and refuses one that begins beyond it', async () => {
      const sheet = newSheet();

      expect((await sheet.read('Sheet1!A999:ZZ99999')).range).toBe('Sheet1!A999:Z1000');
      expect((await sheet.read('Sheet1')).range).toBe('Sheet1!A1:Z1000');
      expect((await sheet.read('3:4')).range).toBe('Sheet1!A3:Z4');
      expect(await refusalOf(sheet.read('Sheet1!1001:1200'))).toMatchObject({
        status: 400,
        message: 'Range (Sheet1!1001:1200) exceeds grid limits. Max rows: 1000, max columns: 26',
      });
    });

    it('shows values as a person sees them unless asked for them as they are', async () => {
      const sheet = newSheet();
      await sheet.write('A1', [[true, 1 / 3, 1200, 0.1 + 0.2, '007']]);

      expect((await sheet.read('A1:E1', 'FORMATTED_VALUE')).values).toEqual([
        ['TRUE', '0.3333333333', '1200', '0.3', '007'],
      ]);
    });

    it('reads many ranges at once, in the order asked', async () => {
      const sheet = newSheet();
      await sheet.write('A1', [[1, 2]]);

      const { data } = await client.spreadsheets.values.batchGet({
        spreadsheetId: sheet.spreadsheetId,
        ranges: ['B1:B2', 'A1:A2'],
        fields: 'valueRanges.values',
      });

      expect(data).toEqual({ valueRanges: [{ values: [['2']] }, { values: [['1']] }] });
    });

    it('gives back what was written, for any values at any place', async () => {
      const sheet = newSheet();
      const cell = fc.oneof(
        fc.string({ minLength: 1 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
        fc.boolean(),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.nat(900),
          fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
          async (row, rows) => {
            await client.spreadsheets.values.clear({ spreadsheetId: sheet.spreadsheetId, range: 'Sheet1' });
            await sheet.write(`Sheet1!C${row + 1}`, rows);

            expect((await sheet.read(`Sheet1!C${row + 1}:Z`)).values).toEqual(rows);
          },
        ),
        { numRuns: 25 },
      );
    });
  });

  describe('clearing', () => {
    it('empties a range and nothing else, cut to the grid', async () => {
      const sheet = newSheet();
      await sheet.write('A1', [
        [1, 2],
        [3, 4],
        [5, 6],
      ]);

      const { data } = await client.spreadsheets.values.clear({
        spreadsheetId: sheet.spreadsheetId,
        range: 'Sheet1!B2:ZZ',
      });

      expect(data.clearedRange).toBe('Sheet1!B2:Z1000');
      expect((await sheet.read('Sheet1')).values).toEqual([[1, 2], [3], [5]]);
    });

    it('clears many ranges or, when one is wrong, none', async () => {
      const sheet = newSheet();
      const { spreadsheetId } = sheet;
      await sheet.write('A1', [
        [1, 2],
        [3, 4],
      ]);
      const { values } = client.spreadsheets;

      const refusal = await refusalOf(
        values.batchClear({ spreadsheetId, requestBody: { ranges: ['A1:B2', 'Sheet1!A1001'] } }),
      );
      const untouched = (await sheet.read('Sheet1')).values;
      const { data } = await values.batchClear({ spreadsheetId, requestBody: { ranges: ['A1', 'B2'] } });

      expect(refusal.status).toBe(400);
      expect(untouched).toEqual([
        [1, 2],
        [3, 4],
      ]);
      expect(data.clearedRanges).toEqual(['Sheet1!A1', 'Sheet1!B2']);
      expect((await sheet.read('Sheet1')).values).toEqual([['', 2], [3]]);
    });
  });
});
