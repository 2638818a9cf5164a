import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSheetsServer, type SheetsServer } from './sheets-server.ts';
import { assertionOf, createCaller, exchange, GRANT_TYPE, type Caller } from './test-client.ts';

describe('the Sheets emulator', () => {
  let time = Date.now();
  let server: SheetsServer;
  let call: Caller;
  let id: string;

  beforeAll(async () => {
    server = await startSheetsServer({ port: 0, now: () => time });
  });
  beforeEach(async () => {
    call = await createCaller(server, time);
    id = server.createSpreadsheet({ title: 'Test' });
  });
  afterEach(() => server.faults.clear());
  afterAll(() => server.stop());

  const read = () => call('GET', id);
  const write = (text: string, range = 'Sheet1!A1', spreadsheetId = id) =>
    call('POST', `${spreadsheetId}/values:batchUpdate`, {
      valueInputOption: 'RAW',
      data: [{ range, values: [[text]] }],
    });
  const clear = () => call('POST', `${id}/values:batchClear`, { ranges: [] });

  async function statuses(count: number): Promise<(number | undefined)[]> {
    const all: (number | undefined)[] = [];
    for (let index = 0; index < count; index += 1) all.push((await read()).status);
    return all;
  }

  describe('sign-in', () => {
    const grant = (claims: object = {}) =>
      exchange(server, { grant_type: GRANT_TYPE, assertion: assertionOf(server, { time, claims }) });

    it('returns a token that is valid for an hour', async () => {
      const { status, body } = await grant();
      const open = () =>
        fetch(`${server.url}/v4/spreadsheets/${id}`, { headers: { authorization: `Bearer ${body['access_token']}` } });

      const first = await open();
      time += 3_600_000;
      const later = await open();

      expect([status, first.status, later.status]).toEqual([200, 200, 401]);
    });

    it.each([
      ['an unknown account', { iss: 'other@local.iam.gserviceaccount.com' }, 'invalid_grant', 'account not found'],
      [
        "Google's own audience",
        { aud: 'https://oauth2.googleapis.com/token' },
        'invalid_grant',
        'Failed audience check',
      ],
      ['a time long past', { iat: 1_000_000, exp: 1_003_600 }, 'invalid_grant', 'short-lived token'],
      ['a lifetime of two hours', { exp: Date.now() / 1000 + 7200 }, 'invalid_grant', 'short-lived token'],
      ['another scope', { scope: 'https://www.googleapis.com/auth/drive' }, 'invalid_scope', 'Invalid OAuth scope'],
      ['a time that is not a number', { exp: 'soon' }, 'invalid_grant', 'Failed to parse'],
    ])('refuses an assertion with %s', async (_what, claims, error, sentence) => {
      const { status, body } = await grant(claims);

      expect({ status, body }).toMatchObject({ status: 400, body: { error } });
      expect(body['error_description']).toContain(sentence);
    });

    it('refuses a signature of another key and other grants', async () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

      const replies = [
        await exchange(server, { grant_type: GRANT_TYPE, assertion: assertionOf(server, { time, key: privateKey }) }),
        await exchange(server, { grant_type: 'refresh_token' }),
        await exchange(server, { grant_type: GRANT_TYPE }),
      ];

      expect(replies.map(({ body }) => body['error'])).toEqual([
        'invalid_grant',
        'unsupported_grant_type',
        'invalid_grant',
      ]);
    });

    it.each<[Record<string, string>]>([[{}], [{ authorization: 'Bearer made-up' }], [{ authorization: 'Basic abc' }]])(
      'replies 401 to the headers %j',
      async (headers) => {
        const response = await fetch(`${server.url}/v4/spreadsheets/${id}`, { headers });

        expect(response.status).toBe(401);
        expect(await response.json()).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } });
      },
    );
  });

  describe('faults', () => {
    it('fail every third request, with the statuses in rotation', async () => {
      server.faults.fail({ every: 3, status: [429, 503] });

      expect(await statuses(9)).toEqual([200, 200, 429, 200, 200, 503, 200, 200, 429]);
    });

    it('fail the next requests and no more', async () => {
      server.faults.fail({ next: 2, status: 500 });

      expect(await statuses(4)).toEqual([500, 500, 200, 200]);
    });

    it('reply 429 with Retry-After', async () => {
      server.faults.fail({ next: 1, status: 429, retryAfter: 0.05 });

      const { status, message, headers } = await write('x');

      expect(status).toBe(429);
      expect(message).toContain("limit 'Write requests per minute per user'");
      expect(headers?.get('retry-after')).toBe('0.05');
    });

    it.each([
      ['before', []],
      ['after', [['x']]],
    ] as const)('drop a connection %s the change', async (drop, rows) => {
      server.faults.fail({ next: 1, drop, on: 'write' });

      const { status } = await write('x');

      expect(status).toBe(0);
      expect(server.readTab(id, 'Sheet1')).toEqual(rows);
      expect(server.requests.at(-1)).toMatchObject({ method: 'POST', status: 0 });
    });

    it('delay a request, so that a later request overtakes it', async () => {
      const finished: string[] = [];
      server.faults.fail({ next: 1, on: 'write', delayMilliseconds: 150 });

      await Promise.all([write('slow').then(() => finished.push('write')), read().then(() => finished.push('read'))]);

      expect(finished).toEqual(['read', 'write']);
    });

    it('fail sign-ins', async () => {
      server.faults.fail({ next: 1, on: 'token', status: 503 });

      const response = await fetch(`${server.url}/token`, { method: 'POST' });

      expect(response.status).toBe(503);
    });
  });

  it('allows 60 reads and 60 writes in any minute', async () => {
    time += 60_000;
    server.quota.isEnforced = true;
    for (let count = 0; count < 60; count += 1) {
      if (count === 30) time += 30_000;
      await clear();
    }
    const refused = await clear();
    const { status: readStatus } = await read();
    time += 30_000;
    for (let count = 0; count < 30; count += 1) await clear();
    const refusedAgain = await clear();
    server.quota.isEnforced = false;

    expect(refused).toMatchObject({ status: 429, data: { error: { status: 'RESOURCE_EXHAUSTED' } } });
    expect([readStatus, refusedAgain.status]).toEqual([200, 429]);
  });

  describe('pages', () => {
    async function open(page: string) {
      const response = await fetch(`${server.url}${page}`);
      return { status: response.status, headers: response.headers, text: await response.text() };
    }

    it('escape the text of cells, titles and tabs', async () => {
      const attack = `"><script>alert('x')</script>&`;
      const spreadsheetId = server.createSpreadsheet({ title: attack, shared: true });
      server.addTab(spreadsheetId, {
        sheetId: 1,
        title: attack,
        rowCount: 1,
        columnCount: 1,
        frozenRowCount: 0,
        bold: [],
      });
      await write(attack, 'Sheet1!A1', spreadsheetId);

      for (const { text } of [await open(`/spreadsheets/d/${spreadsheetId}/edit`), await open('/')]) {
        expect(text).not.toContain('<script');
        expect(text).toContain('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;');
      }
    });

    it('show the first 200 rows and the number of rows', async () => {
      for (const row of [200, 201]) await write(`row ${row}`, `Sheet1!B${row}`);

      const { text } = await open(`/spreadsheets/d/${id}/edit`);

      expect(text).toContain('<tr><th>200</th><td></td><td>row 200</td></tr>');
      expect(text).not.toContain('row 201');
      expect(text).toContain('201 rows with values');
    });

    it('list the spreadsheets and say which are not shared', async () => {
      server.createSpreadsheet({ title: 'Private', shared: false });

      const { text } = await open('/');

      expect(text).toContain(`<a href="/spreadsheets/d/${server.defaultSpreadsheetId}/edit">Collect</a></li>`);
      expect(text).toContain('Private</a> (not shared');
    });

    it.each([
      ['/', 200],
      ['/spreadsheets/d/nothing/edit', 404],
      ['/%3Cscript%3E', 404],
    ])('at %s run no script and allow no frame around them', async (page, expected) => {
      const { status, headers } = await open(page);

      expect(status).toBe(expected);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';(?!.*unsafe-inline)/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
    });
  });
});

describe('the sheets of a home', () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'sheets-'));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it('are the same after a restart', async () => {
    const first = await startSheetsServer({ port: 0, home });
    const id = first.createSpreadsheet({ title: 'Kept' });
    const data = [{ range: 'Sheet1!A1:B2', values: [['a', 1.5], ['b']] }];
    const call = await createCaller(first);
    await call('POST', `${id}/values:batchUpdate`, { valueInputOption: 'RAW', data });
    const before = [first.tabs(id), first.readTab(id, 'Sheet1')];
    await first.stop();

    const second = await startSheetsServer({ port: 0, home });
    const after = [second.tabs(id), second.readTab(id, 'Sheet1')];
    await second.stop();

    expect(after).toEqual(before);
    expect(after[1]).toEqual([['a', 1.5], ['b']]);
  });

  it('cause an error that names the file and the remedy if they cannot be read', async () => {
    const file = path.join(home, 'sheets.sqlite');
    writeFileSync(file, 'no database');

    await expect(startSheetsServer({ port: 0, home })).rejects.toThrow(
      `${file} holds no readable sheets. Delete the file to start with empty sheets.`,
    );
  });
});
