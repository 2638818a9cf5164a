import { startSheetsServer } from './sheets-server.ts';
import type { SheetsServer } from './sheets-server.ts';
import { connect, refusalOf } from './test-client.ts';
import type { SheetsClient } from './test-client.ts';

describe('Opening spreadsheets', () => {
  let server: SheetsServer;
  let client: SheetsClient;

  beforeAll(async () => {
    server = await startSheetsServer({ port: 0 });
    client = connect(server);
  });
  afterAll(() => server.stop());

  function newSheet() {
    return { spreadsheetId: server.createSpreadsheet({ title: 'Test' }) };
  }

  it('shows a spreadsheet, its tabs and where people open it', async () => {
    const { spreadsheetId } = newSheet();

    const { data } = await client.spreadsheets.get({ spreadsheetId, includeGridData: false });

    expect(data).toMatchObject({
      spreadsheetId,
      spreadsheetUrl: `${server.url}/spreadsheets/d/${spreadsheetId}/edit`,
      properties: { title: 'Test' },
      sheets: [
        {
          properties: {
            sheetId: 0,
            title: 'Sheet1',
            index: 0,
            sheetType: 'GRID',
            gridProperties: { rowCount: 1000, columnCount: 26 },
          },
        },
      ],
    });
  });

  it('answers the fields that were asked for and no others', async () => {
    const { spreadsheetId } = newSheet();
    const fields = 'properties/title,sheets.properties(sheetId,gridProperties.rowCount)';

    const { data } = await client.spreadsheets.get({ spreadsheetId, fields });

    expect(data).toEqual({
      properties: { title: 'Test' },
      sheets: [{ properties: { sheetId: 0, gridProperties: { rowCount: 1000 } } }],
    });
  });

  it('refuses fields that there are not', async () => {
    const { spreadsheetId } = newSheet();

    const refusal = await refusalOf(client.spreadsheets.get({ spreadsheetId, fields: 'sheets.property' }));

    expect(refusal).toMatchObject({ status: 400, message: 'Request contains an invalid argument.' });
    expect(refusal.details).toMatchObject([{ fieldViolations: [{ field: 'sheets.property' }] }]);
  });

  it('refuses grid data and unknown parameters', async () => {
    const { spreadsheetId } = newSheet();

    const gridData = await refusalOf(client.spreadsheets.get({ spreadsheetId, includeGridData: true }));
    const unknown = await refusalOf(client.spreadsheets.get(Object.assign({ spreadsheetId }, { include: 'all' })));

    expect(gridData.status).toBe(400);
    expect(unknown.message).toBe(
      'Invalid JSON payload received. Unknown name "include": Cannot bind query parameter. Field \'include\' could not be found in request message.',
    );
  });

  it('answers 404 for one that is not there, 403 for one that is not shared, and 403 to making one', async () => {
    const notShared = server.createSpreadsheet({ title: 'Private', shared: false });

    expect(await refusalOf(client.spreadsheets.get({ spreadsheetId: 'nothing' }))).toMatchObject({
      status: 404,
      reason: 'NOT_FOUND',
      message: 'Requested entity was not found.',
    });
    expect(await refusalOf(client.spreadsheets.get({ spreadsheetId: notShared }))).toMatchObject({
      status: 403,
      reason: 'PERMISSION_DENIED',
      message: 'The caller does not have permission',
    });
    expect(await refusalOf(client.spreadsheets.create({ requestBody: {} }))).toMatchObject({ status: 403 });
  });

  it('does not know values.append, which would write twice when it is retried', async () => {
    const { spreadsheetId } = newSheet();

    const refusal = await refusalOf(
      client.spreadsheets.values.append({
        spreadsheetId,
        range: 'Sheet1',
        valueInputOption: 'RAW',
        requestBody: { values: [[1]] },
      }),
    );

    expect(refusal.status).toBe(404);
  });

  it('answers 413 to more than 10 MiB', async () => {
    const { spreadsheetId } = newSheet();
    const values = [['x'.repeat(11 * 1024 * 1024)]];

    const refusal = await refusalOf(
      client.spreadsheets.values.update({
        spreadsheetId,
        range: 'A1',
        valueInputOption: 'RAW',
        requestBody: { values },
      }),
    );

    expect(refusal.status).toBe(413);
    expect(server.requests.at(-1)).toMatchObject({ method: 'PUT', status: 413 });
    expect(server.requests.at(-1)?.bytes).toBeGreaterThan(11 * 1024 * 1024);
  });
});
