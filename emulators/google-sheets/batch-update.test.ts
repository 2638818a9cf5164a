import { startSheetsServer } from './sheets-server.ts';
import type { SheetsServer } from './sheets-server.ts';
import { connect } from './test-client.ts';
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

describe('Changing spreadsheets', () => {
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

  it('adds a tab, answers its id and takes it away again', async () => {
    const sheet = newSheet();

    const { replies } = await sheet.change({
      addSheet: { properties: { title: "it's", gridProperties: { rowCount: 5, columnCount: 2, frozenRowCount: 1 } } },
    });
    const added = replies?.[0]?.addSheet?.properties;
    const tabs = await sheet.tabs();
    await sheet.change({ deleteSheet: { sheetId: added?.sheetId ?? null } });

    expect(added).toMatchObject({
      title: "it's",
      index: 1,
      gridProperties: { rowCount: 5, columnCount: 2, frozenRowCount: 1 },
    });
    expect(tabs?.[1]).toEqual(added);
    expect(await sheet.tabs()).toHaveLength(1);
  });

  it('changes what the mask names, keeps the rest, and drops what the grid no longer holds', async () => {
    const sheet = newSheet();
    const { spreadsheetId } = sheet;
    const range = 'Sheet1!A1:B3';
    await client.spreadsheets.values.update({
      spreadsheetId,
      range,
      valueInputOption: 'RAW',
      requestBody: {
        values: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      },
    });

    await sheet.change(grid({ rowCount: 2, columnCount: 1, frozenRowCount: 1 }));
    await sheet.change({
      updateSheetProperties: { properties: { sheetId: 0, title: 'Finances', index: 7 }, fields: 'title' },
    });
    await sheet.change(grid({ rowCount: 3, columnCount: 2 }));
    const { data } = await client.spreadsheets.values.get({ spreadsheetId, range: 'Finances' });

    expect(await sheet.tabs()).toMatchObject([
      { title: 'Finances', index: 0, gridProperties: { rowCount: 3, columnCount: 2, frozenRowCount: 1 } },
    ]);
    expect(data).toEqual({ range: 'Finances!A1:B3', majorDimension: 'ROWS', values: [['1'], ['3']] });
  });

  it('deletes and appends rows and columns', async () => {
    const sheet = newSheet();
    const { spreadsheetId } = sheet;
    await client.spreadsheets.values.update({
      spreadsheetId,
      range: 'A1',
      valueInputOption: 'RAW',
      requestBody: {
        values: [
          ['a', 'b', 'c'],
          ['d', 'e', 'f'],
          ['g', 'h', 'i'],
        ],
      },
    });

    await sheet.change(
      { deleteDimension: { range: { sheetId: 0, dimension: 'ROWS', startIndex: 1, endIndex: 2 } } },
      { deleteDimension: { range: { sheetId: 0, dimension: 'COLUMNS', startIndex: 0, endIndex: 1 } } },
      { appendDimension: { sheetId: 0, dimension: 'ROWS', length: 10 } },
    );
    const { data } = await client.spreadsheets.values.get({ spreadsheetId, range: 'Sheet1' });

    expect(data).toMatchObject({
      range: 'Sheet1!A1:Y1009',
      values: [
        ['b', 'c'],
        ['h', 'i'],
      ],
    });
  });

  it('writes cells with updateCells and repeatCell', async () => {
    const sheet = newSheet();
    const { spreadsheetId } = sheet;

    await sheet.change(
      {
        repeatCell: {
          range: { sheetId: 0, startRowIndex: 0, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 2 },
          cell: { userEnteredValue: { numberValue: 7 } },
          fields: 'userEnteredValue',
        },
      },
      {
        updateCells: {
          start: { sheetId: 0, rowIndex: 1, columnIndex: 1 },
          rows: [{ values: [{ userEnteredValue: { stringValue: 'x' } }, { userEnteredValue: { boolValue: true } }] }],
          fields: 'userEnteredValue',
        },
      },
    );
    const { data } = await client.spreadsheets.values.get({ spreadsheetId, range: 'Sheet1' });

    expect(data.values).toEqual([
      ['7', '7'],
      ['7', 'x', 'TRUE'],
    ]);
  });

  it('allows exactly 10,000,000 cells, once the columns are fewer', async () => {
    const sheet = newSheet();

    await sheet.change(grid({ columnCount: 10 }));
    await sheet.change(grid({ rowCount: 1_000_000 }));

    expect(await sheet.tabs()).toMatchObject([{ gridProperties: { rowCount: 1_000_000, columnCount: 10 } }]);
  });
});
