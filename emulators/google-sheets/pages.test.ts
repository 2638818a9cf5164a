import { startSheetsServer } from './sheets-server.ts';
import type { SheetsServer } from './sheets-server.ts';
import { connect } from './test-client.ts';

describe('Pages of spreadsheets', () => {
  let server: SheetsServer;

  beforeAll(async () => {
    server = await startSheetsServer({ port: 0 });
  });
  afterAll(() => server.stop());

  async function open(path: string) {
    const response = await fetch(`${server.url}${path}`);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async function write(spreadsheetId: string, values: unknown[][]): Promise<void> {
    const requestBody = { values };
    await connect(server).spreadsheets.values.update({
      spreadsheetId,
      range: 'A1',
      valueInputOption: 'RAW',
      requestBody,
    });
  }

  it('shows values at the address that the API gives', async () => {
    const spreadsheetId = server.createSpreadsheet({ title: 'Finances' });
    await write(spreadsheetId, [
      ['name', 'income'],
      ['Asha', 1200.5],
    ]);
    const { data } = await connect(server).spreadsheets.get({ spreadsheetId });

    const page = await open(new URL(data.spreadsheetUrl ?? '').pathname);

    expect(page.status).toBe(200);
    expect(page.text).toContain('<td>Asha</td><td class="number">1200.5</td>');
  });

  it('shows the frozen header and bold cells in bold', async () => {
    const spreadsheetId = server.createSpreadsheet({ title: 'Bold' });
    await write(spreadsheetId, [['header'], ['plain'], ['strong']]);
    await connect(server).spreadsheets.batchUpdate({
      spreadsheetId,
      requestBody: {
        requests: [
          {
            updateSheetProperties: {
              properties: { sheetId: 0, gridProperties: { frozenRowCount: 1 } },
              fields: 'gridProperties.frozenRowCount',
            },
          },
          {
            repeatCell: {
              range: { sheetId: 0, startRowIndex: 2, endRowIndex: 3 },
              cell: { userEnteredFormat: { textFormat: { bold: true } } },
              fields: 'userEnteredFormat.textFormat.bold',
            },
          },
        ],
      },
    });

    const { text } = await open(`/spreadsheets/d/${spreadsheetId}/edit`);

    expect(text).toContain('<tr class="frozen"><th>1</th><td class="bold">header</td></tr>');
    expect(text).toContain('<td>plain</td>');
    expect(text).toContain('<td class="bold">strong</td>');
  });

  it('escapes every text: of cells, titles and tabs', async () => {
    const attack = `"><script>alert('x')</script>&`;
    const spreadsheetId = server.createSpreadsheet({ title: attack });
    await write(spreadsheetId, [[attack]]);
    const requests = [{ addSheet: { properties: { title: attack } } }];
    await connect(server).spreadsheets.batchUpdate({ spreadsheetId, requestBody: { requests } });

    const pages = [await open(`/spreadsheets/d/${spreadsheetId}/edit`), await open('/')];

    for (const { text } of pages) {
      expect(text).not.toContain('<script');
      expect(text).toContain('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;');
    }
  });

  it('shows the first 200 rows and says how many there are', async () => {
    const spreadsheetId = server.createSpreadsheet({ title: 'Long' });
    await write(
      spreadsheetId,
      Array.from({ length: 250 }, (_, index) => [`row ${index + 1}`]),
    );

    const { text } = await open(`/spreadsheets/d/${spreadsheetId}/edit`);

    expect(text).toContain('<td>row 200</td>');
    expect(text).not.toContain('<td>row 201</td>');
    expect(text).toContain('250 rows with values');
  });

  it('has a section for each tab, which a fragment finds, and one alone for ?gid=', async () => {
    const spreadsheetId = server.createSpreadsheet({ title: 'Tabs' });
    const requests = [{ addSheet: { properties: { title: 'Second', sheetId: 42 } } }];
    await connect(server).spreadsheets.batchUpdate({ spreadsheetId, requestBody: { requests } });

    const all = await open(`/spreadsheets/d/${spreadsheetId}/edit`);
    const one = await open(`/spreadsheets/d/${spreadsheetId}/edit?gid=42`);

    expect(all.text.match(/<section id="gid=\d+">/g)).toEqual(['<section id="gid=0">', '<section id="gid=42">']);
    expect(one.text.match(/<section id="gid=\d+">/g)).toEqual(['<section id="gid=42">']);
  });

  it('lists the spreadsheets and says which are not shared', async () => {
    const spreadsheetId = server.createSpreadsheet({ title: 'Private', shared: false });

    const { text } = await open('/');

    expect(text).toContain(`<a href="/spreadsheets/d/${server.defaultSpreadsheetId}/edit">Collect</a></li>`);
    expect(text).toContain(`<a href="/spreadsheets/d/${spreadsheetId}/edit">Private</a> (not shared`);
  });

  it.each(['/', '/spreadsheets/d/nothing/edit', '/%3Cscript%3E'])(
    'runs no script and is framed by nothing at %s',
    async (path) => {
      const { headers } = await open(path);

      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).not.toContain('unsafe-inline');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    },
  );

  it('answers 404 to what is not there', async () => {
    expect((await open('/spreadsheets/d/nothing/edit')).status).toBe(404);
    expect((await open('/v4/nothing')).status).toBe(404);
    expect((await open('/elsewhere')).status).toBe(404);
  });
});
