import { startSheetsServer, type SheetsServer } from './sheets-server.ts';
import { createCaller, type Caller } from './test-client.ts';

const GRID = 'gridProperties(rowCount,columnCount,frozenRowCount)';
const BOLD = 'userEnteredFormat.textFormat.bold';
const GET_FIELDS = `spreadsheetUrl,sheets.properties(sheetId,title,${GRID})`;

describe('the Sheets API', () => {
  let server: SheetsServer;
  let call: Caller;
  let id: string;

  beforeAll(async () => {
    server = await startSheetsServer({ port: 0 });
    call = await createCaller(server);
  });
  beforeEach(() => {
    id = server.createSpreadsheet({ title: 'Test' });
  });
  afterAll(() => server.stop());

  const change = (...requests: unknown[]) => call('POST', `${id}:batchUpdate`, { requests });
  const writeAll = (data: unknown[], valueInputOption = 'RAW') =>
    call('POST', `${id}/values:batchUpdate`, { valueInputOption, data });
  const write = (range: string, values: unknown[][]) => writeAll([{ range, values }]);
  const clear = (...ranges: string[]) => call('POST', `${id}/values:batchClear`, { ranges });

  const grid = (rowCount: number, columnCount: number, frozenRowCount = 0) => ({
    rowCount,
    columnCount,
    frozenRowCount,
  });
  const addSheet = (title: string, gridProperties: object = grid(10, 3), sheetId = 9) => ({
    addSheet: { properties: { sheetId, title, gridProperties } },
  });
  const resize = (gridProperties: object, sheetId = 0, fields = GRID) => ({
    updateSheetProperties: { properties: { sheetId, gridProperties }, fields },
  });
  const embolden = (endRowIndex: number, endColumnIndex: number, fields = BOLD) => ({
    repeatCell: {
      range: { sheetId: 0, startRowIndex: 0, endRowIndex, startColumnIndex: 0, endColumnIndex },
      cell: { userEnteredFormat: { textFormat: { bold: true } } },
      fields,
    },
  });

  const format = (startColumnIndex: number, endColumnIndex: number, cell: object) => ({
    repeatCell: {
      range: { sheetId: 0, startRowIndex: 1, endRowIndex: 5, startColumnIndex, endColumnIndex },
      cell,
      fields: 'userEnteredFormat.numberFormat',
    },
  });

  it('returns a spreadsheet, its tabs and the address of its page', async () => {
    await change(addSheet("it's", grid(5, 2, 1)));

    const { data } = await call('GET', `${id}?fields=${encodeURIComponent(GET_FIELDS)}`);

    expect(data).toEqual({
      spreadsheetUrl: `${server.url}/spreadsheets/d/${id}/edit`,
      sheets: [
        { properties: { sheetId: 0, title: 'Sheet1', gridProperties: { rowCount: 1000, columnCount: 26 } } },
        { properties: { sheetId: 9, title: "it's", gridProperties: grid(5, 2, 1) } },
      ],
    });
  });

  it('keeps number formats; the last format of a cell counts, and a change without a format clears it', async () => {
    const date = { type: 'DATE', pattern: 'yyyy-mm-dd' };
    await change(format(0, 3, { userEnteredFormat: { numberFormat: date } }));
    await change(format(1, 2, {}), format(2, 3, { userEnteredFormat: { numberFormat: { type: 'TIME' } } }));

    const fields = 'sheets.data.rowData.values.userEnteredFormat.numberFormat';
    const { data } = await call('GET', `${id}?ranges=Sheet1!A2:D2&fields=${fields}`);

    const values = [date, undefined, { type: 'TIME' }, undefined];
    expect(data).toEqual({
      sheets: [
        {
          data: [
            {
              rowData: [{ values: values.map((each) => (each ? { userEnteredFormat: { numberFormat: each } } : {})) }],
            },
          ],
        },
      ],
    });
  });

  it('enlarges a tab to at most 10,000,000 cells', async () => {
    expect((await change(resize(grid(384_615, 26, 1)))).status).toBe(200);
    expect(server.tabs(id)).toMatchObject([grid(384_615, 26, 1)]);
    expect((await change(resize(grid(384_616, 26)))).message).toContain('above the limit of 10000000 cells');
  });

  it('writes and clears ranges of tabs with any title, and stores text unchanged', async () => {
    await change(addSheet("a/b: 'c' %41 ?ü&#!"));
    const tab = "'a/b: ''c'' %41 ?ü&#!'";
    const rows = [
      ['=1+1', 1, '007'],
      ['', -2.5e-7, ''],
    ];

    await write(`${tab}!A1:C3`, rows);
    const written = server.readTab(id, "A/B: 'c' %41 ?ü&#!");
    await writeAll([
      { range: `${tab}!B4:C4`, values: [['x', 'y']] },
      { range: `${tab}!A1`, values: [['']] },
    ]);
    await clear(`${tab}!C1:C10`);

    expect(written).toEqual([rows[0], ['', -2.5e-7]]);
    expect(server.readTab(id, "a/b: 'c' %41 ?ü&#!")).toEqual([['', 1], ['', -2.5e-7], [], ['', 'x']]);
  });

  it('accepts a cell of 50,000 characters and the last cell of the grid', async () => {
    expect((await write('Sheet1!Z1000', [['x'.repeat(50_000)]])).status).toBe(200);
  });

  it('changes nothing if one part of a request is refused', async () => {
    const tabs = server.tabs(id);

    await change(addSheet('New'), resize(grid(1000, 26), 99));
    const { message } = await writeAll([
      { range: 'Sheet1!A1', values: [['x']] },
      { range: 'Nowhere!A1', values: [['x']] },
    ]);

    expect(message).toBe('Invalid data[1]: Unable to parse range: Nowhere!A1');
    expect(server.tabs(id)).toEqual(tabs);
    expect(server.readTab(id, 'Sheet1')).toEqual([]);
  });

  it.each<[string, unknown[], string]>([
    ['no request', [], 'Invalid value at'],
    ['an empty request', [{}], 'A request has exactly one kind.'],
    ['an unknown request', [{ addShet: {} }], 'Unrecognized key: "addShet"'],
    ['an unknown field', [addSheet('a', { ...grid(5, 5), rows: 5 })], 'Unrecognized key: "rows"'],
    [
      'a number as text',
      [addSheet('a', { ...grid(5, 5), rowCount: '5' })],
      'requests.0.addSheet.properties.gridProperties',
    ],
    ['a title twice', [addSheet('SHEET1')], 'A sheet with the name "SHEET1" already exists.'],
    ['an id twice', [addSheet('a', grid(5, 5), 0)], 'A sheet with the ID 0 already exists.'],
    ['another mask', [resize(grid(1000, 26), 0, 'gridProperties.rows')], 'requests.0.updateSheetProperties.fields'],
    ['another mask of a cell', [embolden(1, 1, '*')], 'requests.0.repeatCell.fields'],
    [
      'an unknown kind of format',
      [format(0, 1, { userEnteredFormat: { numberFormat: { type: 'CLOCK' } } })],
      'requests.0.repeatCell.cell.userEnteredFormat.numberFormat.type',
    ],
    ['a tab that does not exist', [resize(grid(1000, 26), 99)], 'No sheet with id: 99'],
    ['no rows', [addSheet('a', grid(0, 1))], 'gridProperties.rowCount'],
    ['no columns', [addSheet('a', grid(1, 0))], 'gridProperties.columnCount'],
    ['all rows frozen', [resize(grid(1000, 26, 1000))], "You can't freeze all visible rows on the sheet."],
    ['too many columns', [resize(grid(1000, 18_279))], 'above the limit of 18278 columns'],
    [
      'too many cells in two tabs',
      [resize(grid(384_615, 26)), addSheet('a')],
      'Invalid requests[1].addSheet: This action',
    ],
    ['a smaller tab', [resize(grid(999, 26))], 'does not support making a tab smaller'],
    ['a range beyond the grid', [embolden(1001, 1)], 'after the last row or column'],
    ['a range without cells', [embolden(0, 1)], 'The range has no cells.'],
  ])('refuses a change with %s', async (_what, requests, message) => {
    const refused = await change(...requests);

    expect(refused).toMatchObject({ status: 400, data: { error: { code: 400, status: 'INVALID_ARGUMENT' } } });
    expect(refused.message).toContain(message);
  });

  it.each<[string, unknown[][], string]>([
    ['Sheet1!A1001', [[1]], 'Range (Sheet1!A1001) exceeds grid limits. Max rows: 1000, max columns: 26'],
    ['Sheet1!AA1', [[1]], 'exceeds grid limits'],
    ['Sheet1!A1:B2', [[1], [2], [3]], 'Requested writing within range [Sheet1!A1:B2]'],
    ['Sheet1!A1:B2', [[1, 2, 3]], 'Requested writing within range [Sheet1!A1:B2]'],
    ['a tab!A1', [[1]], 'Unable to parse range: a tab!A1'],
    ['Sheet1!A0', [[1]], 'Unable to parse range'],
    ['Sheet1!B2:A1', [[1]], 'Unable to parse range'],
    ['Sheet1', [[1]], 'Unable to parse range'],
    ['Sheet1!A1', [[['a']]], "Invalid value at 'data.0.values.0.0'"],
    ['Sheet1!A1', [['x'.repeat(50_001)]], 'more than the maximum of 50000 characters in a single cell'],
  ])('refuses to write %s with %j', async (range, values, message) => {
    const refused = await write(range, values);

    expect(refused.status).toBe(400);
    expect(refused.message).toContain(message);
    expect(server.readTab(id, 'Sheet1')).toEqual([]);
  });

  it('refuses unsupported ways to read and to write', async () => {
    const replies = await Promise.all([
      writeAll([], 'USER_ENTERED'),
      call('GET', `${id}?fields=sheets`),
      call('GET', `${id}?includeGridData=true`),
      call('POST', `${id}/values/Sheet1:append`, { values: [[1]] }),
      call('POST', `${id}:batchUpdate`, 'x'.repeat(11 * 1024 * 1024)),
    ]);

    expect(replies.map(({ status }) => status)).toEqual([400, 400, 400, 404, 413]);
  });

  it('replies 404 for a spreadsheet that does not exist and 403 for one that is not shared', async () => {
    const notShared = server.createSpreadsheet({ title: 'Private', shared: false });

    expect(await call('GET', 'nothing')).toMatchObject({ status: 404, message: 'Requested entity was not found.' });
    expect(await call('GET', notShared)).toMatchObject({
      status: 403,
      message: 'The caller does not have permission',
      data: { error: { status: 'PERMISSION_DENIED' } },
    });
  });
});
