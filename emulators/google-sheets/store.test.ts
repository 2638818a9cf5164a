import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSheetsServer } from './sheets-server.ts';
import { createTab, setCells } from './spreadsheet.ts';
import { SpreadsheetStore } from './store.ts';
import { connect } from './test-client.ts';

describe('Keeping the sheets', () => {
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'sheets-'));
  });
  afterEach(() => rm(home, { recursive: true }));

  it('has the same sheets after a restart, with values, tabs, formats and sharing', async () => {
    const first = await startSheetsServer({ port: 0, home });
    const spreadsheetId = first.createSpreadsheet({ title: 'It\'s "kept"' });
    const notShared = first.createSpreadsheet({ title: 'Private', shared: false });
    const client = connect(first);
    await client.spreadsheets.batchUpdate({
      spreadsheetId,
      requestBody: {
        requests: [
          {
            addSheet: {
              properties: {
                title: 'Tab 2',
                sheetId: 9,
                gridProperties: { rowCount: 4, columnCount: 3, frozenRowCount: 1 },
              },
            },
          },
          {
            repeatCell: {
              range: { sheetId: 9, endRowIndex: 1 },
              cell: { userEnteredFormat: { textFormat: { bold: true } } },
              fields: 'userEnteredFormat',
            },
          },
        ],
      },
    });
    const values = [['a', '', 1.5], [], ['', true, '=x']];
    const range = "'Tab 2'!A1:C3";
    await client.spreadsheets.values.update({ spreadsheetId, range, valueInputOption: 'RAW', requestBody: { values } });
    await first.stop();

    const second = await startSheetsServer({ port: 0, home });
    const again = connect(second);
    const { data: spreadsheet } = await again.spreadsheets.get({ spreadsheetId, fields: 'properties.title,sheets' });
    const { data: read } = await again.spreadsheets.values.get({
      spreadsheetId,
      range,
      valueRenderOption: 'UNFORMATTED_VALUE',
    });
    const page = await (await fetch(`${second.url}/spreadsheets/d/${spreadsheetId}/edit?gid=9`)).text();
    const index = await (await fetch(second.url)).text();
    await second.stop();

    expect(spreadsheet.properties?.title).toBe('It\'s "kept"');
    expect(spreadsheet.sheets?.[1]?.properties).toMatchObject({
      sheetId: 9,
      gridProperties: { rowCount: 4, frozenRowCount: 1 },
    });
    expect(read.values).toEqual(values);
    expect(page).toContain('class="bold">a</td>');
    expect(index).toContain(`/spreadsheets/d/${notShared}/edit">Private</a> (not shared`);
    expect(second.defaultSpreadsheetId).toBe(first.defaultSpreadsheetId);
  });

  it('leaves nothing but the finished file behind', async () => {
    const server = await startSheetsServer({ port: 0, home });
    await server.stop();

    expect(await readdir(home)).toEqual(['sheets.json']);
    expect(JSON.parse(await readFile(path.join(home, 'sheets.json'), 'utf8'))).toMatchObject({ version: 1 });
  });

  it('saves one moment, though a change comes while it writes', async () => {
    const store = await SpreadsheetStore.open(home);
    const tab = createTab('Sheet1', 0);
    for (let row = 0; row < 1000; row += 1) setCells(tab, row, 0, ['old'.repeat(100)]);
    store.put({ id: 'x', title: 'x', shared: true, tabs: [tab] });
    const saving = store.flush();
    const changed = { ...tab, rows: tab.rows.map(() => ['new']) };
    store.put({ id: 'x', title: 'x', shared: true, tabs: [changed] });
    await saving;
    const savedRows = (await SpreadsheetStore.open(home)).get('x')?.tabs[0]?.rows ?? [];
    await store.flush();
    const rowsAfter = (await SpreadsheetStore.open(home)).get('x')?.tabs[0]?.rows ?? [];

    expect(new Set(savedRows.map(([cell]) => cell)).size).toBe(1);
    expect(new Set(rowsAfter.map(([cell]) => cell))).toEqual(new Set(['new']));
  });

  it('says which file is broken and what to do', async () => {
    await writeFile(path.join(home, 'sheets.json'), '{"version":1,');

    await expect(startSheetsServer({ port: 0, home })).rejects.toThrow(
      `${path.join(home, 'sheets.json')} holds no sheets that can be read. Delete it to begin with empty ones.`,
    );
  });
});
