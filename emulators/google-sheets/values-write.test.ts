import { startSheetsServer } from './sheets-server.ts';
import type { SheetsServer } from './sheets-server.ts';
import { connect, refusalOf } from './test-client.ts';
import type { SheetsClient } from './test-client.ts';

describe('Writing values', () => {
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

  it('says what was written', async () => {
    const sheet = newSheet();

    const answer = await sheet.write('Sheet1!B2:D9', [
      ['a', 'b'],
      [null, 1],
    ]);

    expect(answer).toEqual({
      spreadsheetId: sheet.spreadsheetId,
      updatedRange: 'Sheet1!B2:C3',
      updatedRows: 2,
      updatedColumns: 2,
      updatedCells: 3,
    });
  });

  it('keeps numbers and booleans, and text as it is: no formula, no date, no number', async () => {
    const sheet = newSheet();
    const row = [1, 0.1, -2.5e-7, true, false, '=1+1', '+1', '2024-01-02', '007', ' 1 ', "'x"];

    await sheet.write('Sheet1!A1:K1', [row]);

    expect((await sheet.read('Sheet1!A1:K1')).values).toEqual([row]);
  });

  it('leaves a cell as it is for null, and empties it for an empty text', async () => {
    const sheet = newSheet();
    await sheet.write('A1:D1', [['a', 'b', 'c', 'd']]);

    await sheet.write('A1:D1', [[null, '', 'new']]);

    expect((await sheet.read('A1:D1')).values).toEqual([['a', '', 'new', 'd']]);
  });

  it('begins at a lone cell and goes as far as the values do', async () => {
    const sheet = newSheet();

    const answer = await sheet.write('Sheet1!C3', [[1, 2], [3]]);

    expect(answer.updatedRange).toBe('Sheet1!C3:D4');
  });

  it('finds a tab of any title, in the path and in the body', async () => {
    const sheet = newSheet();
    const title = "a/b:clear 'c' %41 ?ü&#!";
    const range = `'${title.replaceAll("'", "''")}'!B1:B2`;
    await client.spreadsheets.batchUpdate({
      spreadsheetId: sheet.spreadsheetId,
      requestBody: { requests: [{ addSheet: { properties: { title } } }] },
    });

    await sheet.write(range, [['in the path']]);
    const answer = await sheet.writeMany([{ range, values: [[null], ['in the body']] }]);

    expect(await sheet.read(range)).toMatchObject({ range, values: [['in the path'], ['in the body']] });
    expect(answer.totalUpdatedCells).toBe(1);
  });

  it('changes many ranges with one request and sums up', async () => {
    const sheet = newSheet();

    const answer = await sheet.writeMany([
      {
        range: 'Sheet1!A1:B2',
        values: [
          [1, 2],
          [3, 4],
        ],
      },
      { range: 'Sheet1!C2:C3', values: [[5], [6]] },
    ]);

    expect(answer).toMatchObject({
      totalUpdatedRows: 3,
      totalUpdatedColumns: 3,
      totalUpdatedCells: 6,
      totalUpdatedSheets: 1,
      responses: [{ updatedRange: 'Sheet1!A1:B2' }, { updatedRange: 'Sheet1!C2:C3' }],
    });
    expect((await sheet.read('Sheet1')).values).toEqual([
      [1, 2],
      [3, 4, 5],
      ['', '', 6],
    ]);
  });

  it('changes nothing when one of many ranges is wrong', async () => {
    const sheet = newSheet();

    const refusal = await refusalOf(
      sheet.writeMany([
        { range: 'Sheet1!A1', values: [['kept out']] },
        { range: 'Nowhere!A1', values: [['x']] },
      ]),
    );

    expect(refusal).toMatchObject({ status: 400, message: 'Invalid data[1]: Unable to parse range: Nowhere!A1' });
    expect((await sheet.read('Sheet1')).values).toBeUndefined();
  });

  it.each([
    ['Sheet1!A1001', [[1]], 'Range (Sheet1!A1001) exceeds grid limits. Max rows: 1000, max columns: 26'],
    ['Sheet1!AA1', [[1]], 'Range (Sheet1!AA1) exceeds grid limits. Max rows: 1000, max columns: 26'],
    ['Sheet1!A1:B1001', [[1]], 'Range (Sheet1!A1:B1001) exceeds grid limits. Max rows: 1000, max columns: 26'],
    ['Sheet1!A1000', [[1], [2]], 'Range (Sheet1!A1000:A1001) exceeds grid limits. Max rows: 1000, max columns: 26'],
    ['Sheet1!Z1', [[1, 2]], 'Range (Sheet1!Z1:AA1) exceeds grid limits. Max rows: 1000, max columns: 26'],
    [
      'Sheet1!A3:L13',
      [Array(13).fill(1)],
      'Requested writing within range [Sheet1!A3:L13], but tried writing to column [M]',
    ],
    ['Sheet1!A1:B2', [[1], [2], [3]], 'Requested writing within range [Sheet1!A1:B2], but tried writing to row [3]'],
    ['Sheet1!A:B', [[1, 2, 3]], 'Requested writing within range [Sheet1!A:B], but tried writing to column [C]'],
    ['No tab!A1', [[1]], 'Unable to parse range: No tab!A1'],
    ['Sheet1!A0', [[1]], 'Unable to parse range: Sheet1!A0'],
    ['Sheet1!A1', [[['a']]], 'Invalid values[0][0]: list_value {\n  values {\n    string_value: "a"\n  }\n}'],
    ['Sheet1!A1', [[1, {}]], 'Invalid values[0][1]: struct_value {\n}'],
    [
      'Sheet1!A1',
      [['x'.repeat(50_001)]],
      'Your input contains more than the maximum of 50000 characters in a single cell.',
    ],
  ])('refuses %s with too much or wrong values, and changes nothing', async (range, rows, message) => {
    const sheet = newSheet();

    const refusal = await refusalOf(sheet.write(range, rows));

    expect(refusal).toMatchObject({ status: 400, reason: 'INVALID_ARGUMENT', message });
    expect((await sheet.read('Sheet1')).values).toBeUndefined();
  });

  it('accepts a cell of 50,000 characters and the last cell of the grid', async () => {
    const sheet = newSheet();

    await sheet.write('Sheet1!Z1000', [['x'.repeat(50_000)]]);

    expect((await sheet.read('Sheet1!Z1000')).values?.[0]?.[0]).toHaveLength(50_000);
  });

  it.each([
    [{}, "'valueInputOption' is required but not specified"],
    [{ valueInputOption: 'USER_ENTERED' }, 'this project writes RAW only'],
    [
      { valueInputOption: 'PLAIN' },
      'Invalid value at \'value_input_option\' (type.googleapis.com/google.apps.sheets.v4.ValueInputOption), "PLAIN"',
    ],
  ])('refuses the options %j', async (options, sentence) => {
    const { spreadsheetId } = newSheet();
    const { values } = client.spreadsheets;

    const one = await refusalOf(
      values.update({ spreadsheetId, range: 'A1', ...options, requestBody: { values: [[1]] } }),
    );
    const many = await refusalOf(values.batchUpdate({ spreadsheetId, requestBody: { ...options, data: [] } }));

    expect([one.status, many.status]).toEqual([400, 400]);
    expect([one.message, many.message]).toEqual([expect.stringContaining(sentence), expect.stringContaining(sentence)]);
  });

  it('names every field that it does not know, with its path', async () => {
    const { spreadsheetId } = newSheet();
    const data = [{ range: 'A1', values: ['a'], rows: 1 }];

    const refusal = await refusalOf(
      client.spreadsheets.values.batchUpdate({
        spreadsheetId,
        requestBody: Object.assign({ valueInputOption: 'RAW', input: 1 }, { data: Object(data) }),
      }),
    );

    expect(refusal.message.split('\n')).toEqual([
      'Invalid JSON payload received. Unknown name "input": Cannot find field.',
      'Invalid value at \'data[0].values[0]\' (type.googleapis.com/google.protobuf.ListValue), "a"',
      'Invalid JSON payload received. Unknown name "rows" at \'data[0]\': Cannot find field.',
    ]);
    expect(refusal.details).toMatchObject([{ fieldViolations: [{}, { field: 'data[0].values[0]' }, {}] }]);
  });

  it('refuses a range in the body that is not the one in the path', async () => {
    const { spreadsheetId } = newSheet();

    const refusal = await refusalOf(
      client.spreadsheets.values.update({
        spreadsheetId,
        range: 'A1',
        valueInputOption: 'RAW',
        requestBody: { range: 'A2', values: [[1]] },
      }),
    );

    expect(refusal.message).toBe("Request range[A1] does not match value's range[A2]");
  });
});
