import { startSheetsServer } from './sheets-server.ts';
import type { SheetsServer } from './sheets-server.ts';
import { connect, refusalOf } from './test-client.ts';
import type { SheetsClient } from './test-client.ts';
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js';

/** Sets the grid of the tab 0; the mask names what is given, unless told otherwise. */
function grid(properties: sheets_v4.Schema$GridProperties, fields?: string): sheets_v4.Schema$Request {
  const names = Object.keys(properties).map((name) => `gridProperties.${name}`);
  return {
    updateSheetProperties: {
      properties: { sheetId: 0, gridProperties: properties },
      fields: fields ?? names.join(','),
    },
  };
}

describe('Changes that are refused', () => {
  let server: SheetsServer;
  let client: SheetsClient;

  beforeAll(async () => {
    server = await startSheetsServer({ port: 0 });
    client = connect(server);
  });
  afterAll(() => server.stop());

  function newSheet() {
    const spreadsheetId = server.createSpreadsheet({ title: 'Test' });
    return {
      spreadsheetId,
      async change(...requests: sheets_v4.Schema$Request[]) {
        return (await client.spreadsheets.batchUpdate({ spreadsheetId, requestBody: { requests } })).data;
      },
      async tabs() {
        const { data } = await client.spreadsheets.get({ spreadsheetId, fields: 'sheets.properties' });
        return data.sheets?.map(({ properties }) => properties);
      },
    };
  }

  it('changes nothing when one of many requests is refused', async () => {
    const sheet = newSheet();
    const before = await sheet.tabs();

    const refusal = await refusalOf(
      sheet.change({ addSheet: { properties: { title: 'New' } } }, grid({ rowCount: 10 }), {
        deleteSheet: { sheetId: 99 },
      }),
    );

    expect(refusal).toMatchObject({
      status: 400,
      message: 'Invalid requests[2].deleteSheet: No sheet with id: 99',
    });
    expect(await sheet.tabs()).toEqual(before);
  });

  const noFields = "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)";
  const tooLarge = 'This action would increase the number of cells in the workbook above the limit of 10000000 cells.';
  it.each<[string, sheets_v4.Schema$Request[], string]>([
    ['no request', [], 'Must specify at least one request.'],
    ['an empty request', [{}], 'Invalid requests[0]: No request set.'],
    [
      'a title twice',
      [{ addSheet: { properties: { title: 'SHEET1' } } }],
      'Invalid requests[0].addSheet: A sheet with the name "SHEET1" already exists. Please enter another name.',
    ],
    ['no mask', [grid({ rowCount: 5 }, '')], `Invalid requests[0].updateSheetProperties: ${noFields}`],
    [
      'no mask of a cell',
      [{ repeatCell: { range: { sheetId: 0 }, cell: {} } }],
      `Invalid requests[0].repeatCell: ${noFields}`,
    ],
    [
      'a mask with a field that is not there',
      [grid({}, 'gridProperties.rows')],
      'Invalid requests[0].updateSheetProperties: Invalid value at \'requests[0].update_sheet_properties.fields\' (type.googleapis.com/google.protobuf.FieldMask), "gridProperties.rows"',
    ],
    [
      'a mask that sets the rows to 0',
      [grid({ frozenRowCount: 1 }, 'gridProperties')],
      "Invalid requests[0].updateSheetProperties: You can't delete all the rows on the sheet.",
    ],
    [
      'all rows frozen',
      [grid({ rowCount: 1, frozenRowCount: 1 })],
      "Invalid requests[0].updateSheetProperties: You can't freeze all visible rows on the sheet.",
    ],
    [
      'only frozen rows left',
      [grid({ frozenRowCount: 1 }), grid({ rowCount: 1 })],
      'Invalid requests[1].updateSheetProperties: Sorry, it is not possible to delete all non-frozen rows.',
    ],
    ['too many cells', [grid({ rowCount: 384_616 })], `Invalid requests[0].updateSheetProperties: ${tooLarge}`],
    [
      'too many cells before the columns go',
      [grid({ rowCount: 1_000_000, columnCount: 9 })],
      `Invalid requests[0].updateSheetProperties: ${tooLarge}`,
    ],
    [
      'too many cells in two tabs',
      [grid({ rowCount: 384_000 }), { addSheet: {} }],
      `Invalid requests[1].addSheet: ${tooLarge}`,
    ],
    [
      'too many cells appended',
      [{ appendDimension: { sheetId: 0, dimension: 'ROWS', length: 400_000 } }],
      `Invalid requests[0].appendDimension: ${tooLarge}`,
    ],
    [
      'the last tab deleted',
      [{ deleteSheet: { sheetId: 0 } }],
      "Invalid requests[0].deleteSheet: You can't remove all the sheets in a document.",
    ],
    [
      'a range beyond the grid',
      [{ repeatCell: { range: { sheetId: 0, endRowIndex: 1001 }, cell: {}, fields: '*' } }],
      'Invalid requests[0].repeatCell: GridRange.endRowIndex[1001] is after last row in grid[1000]',
    ],
  ])('refuses %s', async (_, requests, message) => {
    const sheet = newSheet();

    expect(await refusalOf(sheet.change(...requests))).toMatchObject({
      status: 400,
      reason: 'INVALID_ARGUMENT',
      message,
    });
  });

  it('names the fields that it does not know as Google does', async () => {
    const { spreadsheetId } = newSheet();
    const requests = [{ addSheet: { properties: { name: 'x', gridProperties: { rowCount: '5' } } } }, { addShet: {} }];

    const refusal = await refusalOf(
      client.spreadsheets.batchUpdate({
        spreadsheetId,
        requestBody: Object.assign({}, { requests: Object(requests) }),
      }),
    );

    expect(refusal.message.split('\n')).toEqual([
      'Invalid JSON payload received. Unknown name "name" at \'requests[0].add_sheet.properties\': Cannot find field.',
      'Invalid value at \'requests[0].add_sheet.properties.grid_properties.row_count\' (TYPE_INT32), "5"',
      'Invalid JSON payload received. Unknown name "addShet" at \'requests[1]\': Cannot find field.',
    ]);
  });
});
