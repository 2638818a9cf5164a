/** Overview, exports, people and figures in a real browser, and what surrounds every page. */
import type { Page } from 'playwright-core';
import { describeInBrowser, startBrowser, type Browser } from '../support/browser.ts';
import { manage } from '../support/collector.ts';
import { ConsoleTab, faultsOfLook } from '../support/console-page.ts';
import { httpEventFile } from '../support/event-file.ts';
import { eventually } from '../support/fixture.ts';
import { TestReceiver } from '../support/receiver.ts';
import { BREAKS_RULE1, household } from '../support/responses.ts';
import { pixelsOfSvg, scanQr } from '../support/scan-qr.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const FORM = 'household_finances';
const MISSING_SPREADSHEET = '1NoSuchSpreadsheet00000000000';
const FIRST_LOAD_LIMIT = 250_000;

/** The pages of managers, with a text that shows that each has its data. */
const PAGES: readonly (readonly [address: string, text: string])[] = [
  [`/overview?form=${FORM}`, 'First-pass rate by collector'],
  ['/exports', 'Household finances household_finances'],
  ['/people', 'this is you'],
  ['/people?tab=webhooks', 'New webhook'],
  ['/people?tab=audit', 'operator'],
  ['/figures', 'By area'],
];

describeInBrowser('in the console,', () => {
  let stack: TestStack;
  let browser: Browser;
  let receiver: TestReceiver;
  let viewer: string;
  let collector: string;
  let tab: ConsoleTab;
  let page: Page;
  let complaints: string[];

  async function ask<Reply>(method: string, path: string, body?: object): Promise<Reply> {
    const reply = await manage(stack, method, path, body);
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${text}`);
    return JSON.parse(text === '' ? 'null' : text);
  }
  const tokenFor = async (role: string, more: object = {}): Promise<string> =>
    (await ask<{ token: string }>('POST', '/tokens', { role, ...more })).token;

  /** Opens a page of the console. From then on `complaints` gets the browser's error messages. */
  const open = (address: string, token = stack.tokens.manager) => tab.open(address, token);
  const link = (name: string | RegExp) => page.getByRole('link', { name });
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const sees = (text: string | RegExp) => page.getByText(text).first().waitFor();
  /** Opens an address, signs in there, and waits for a text of the page. */
  async function signInAt(address: string, text: string, token = stack.tokens.manager): Promise<void> {
    await page.goto(`${stack.url}/console/#${address}`);
    await sees('Sign in to Collect');
    await page.getByLabel('Token').fill(token);
    await page.keyboard.press('Enter');
    await sees(text);
  }
  const queryOf = async (name: string | RegExp): Promise<Record<string, string>> => {
    const href = (await link(name).first().getAttribute('href')) ?? '';
    expect(href).toMatch(/^#\/responses\?|\/responses\?/);
    return Object.fromEntries(new URLSearchParams(href.split('?')[1]));
  };

  beforeAll(async () => {
    stack = await startTestStack();
    receiver = await TestReceiver.start();
    viewer = await tokenFor('viewer', { label: 'Ben, viewer' });
    collector = await tokenFor('collector', { user_id: 'collector-1' });
    const responses = [
      household({ response_id: 'r-1' }),
      household({ response_id: 'r-2', ...BREAKS_RULE1 }),
      household({ response_id: 'r-3', ...BREAKS_RULE1 }),
      household({ response_id: 'r-4', user_id: 'collector-2', ...BREAKS_RULE1 }),
      household({ response_id: 'r-5', user_id: 'collector-2' }),
      household({ response_id: 'r-6', user_id: 'collector-3' }),
    ];
    for (const response of responses) await ask('POST', '/collect', response);
    const later = '2026-09-01T07:00:00Z';
    await ask('POST', '/collect', household({ response_id: 'r-4', user_id: 'collector-2', last_modified_time: later }));
    await ask('POST', '/responses/r-3/reviews', { action: 'return', revision: 1, text: 'Ask for food again.' });
    const rows = Buffer.from(JSON.stringify(httpEventFile('metrics-ingest', 'rows')));
    const ingest = stack.host.model.functions.find(({ id }) => id === 'MetricsIngestFunction')?.name ?? '';
    await stack.host.functions.invoke(ingest, rows);
    await ask('PUT', '/forms/wells', { title: 'Wells', questions: [{ name: 'depth', type: 'decimal' }] });
    await ask('PUT', '/forms/wells/sheet', { spreadsheet_id: MISSING_SPREADSHEET, tab: 'Wells' });
    await eventually(async () => {
      const {
        rows: [row],
      } = await ask<{ rows: Record<string, number>[] }>('GET', `/forms/${FORM}/quality?by=form`);
      return row?.['responses'] === 6 && row['corrected'] === 1 && row['returned'] === 1;
    });
    browser = await startBrowser();
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stack.url });
    tab = await ConsoleTab.create(browser.context, stack.url);
    ({ page, complaints } = tab);
  });
  afterAll(async () => {
    await browser?.close();
    await receiver?.stop();
    await stack?.stop();
  });

  describe('on the overview,', () => {
    test('each figure is a link to the responses behind it', async () => {
      await open(`/overview?form=${FORM}`);
      await sees('median time to correction');

      const from = expect.stringMatching(/T00:00:00Z$/);
      expect(await queryOf(/^6 received/)).toEqual({ form: FORM, from });
      expect(await queryOf(/^50 % flagged/)).toEqual({ form: FORM, from, ever: 'flagged' });
      expect(await queryOf(/^1 returned/)).toEqual({ form: FORM, from, ever: 'returned' });
      expect(await queryOf(/^2 open/)).toEqual({ form: FORM, from, status: 'flagged,returned' });
      expect(await queryOf('Rule1')).toEqual({ form: FORM, from, rule: 'Rule1', ever: 'flagged' });
      expect(await queryOf('collector-1')).toEqual({ form: FORM, from, user_id: 'collector-1' });
      const own = page.getByRole('row', { name: /^collector-1/ }).getByRole('link', { name: '2', exact: true });
      await expect(own.getAttribute('href')).resolves.toMatch(/from=.*T00:00:00Z/);
      expect(complaints).toEqual([]);
    });

    test('the collector with the lowest first-pass rate comes first', async () => {
      await open(`/overview?form=${FORM}`);
      await sees('First-pass rate by collector');

      const names = page.getByRole('region', { name: 'First-pass rate by collector' }).locator('tbody th');
      await names.first().waitFor();
      expect(await names.allTextContents()).toEqual(['collector-1', 'collector-2', 'collector-3']);
    });

    test('a day leads to its responses, by a click on its bar and by the table', async () => {
      await open(`/overview?form=${FORM}&days=7`);
      const chart = page.getByRole('img', { name: /Responses received a day/ });
      const box = await chart.boundingBox();
      if (box === null) throw new Error('The chart is not drawn.');
      await page.getByText('The same as a table').click();
      const href = await page
        .getByRole('region', { name: 'Responses received a day' })
        .getByRole('link')
        .getAttribute('href');

      await chart.click({ position: { x: box.width - 40, y: box.height - 40 } });

      const today = new Date().toISOString().slice(0, 10);
      await page.waitForURL(/responses\?/);
      expect(page.url()).toContain(`from=${today}T00:00:00Z`);
      expect(page.url()).toContain(href?.split('?')[1]);
    });

    test('the address holds the period', async () => {
      await open(`/overview?form=${FORM}`);
      await link('90 days').click();
      await sees('in the last 90 days');
      await page.reload();
      await sees('in the last 90 days');

      expect(page.url()).toContain('days=90');
      expect(complaints).toEqual([]);
    });

    test('a broken live sheet of the form is shown with the reason', async () => {
      await eventually(async () => (await ask<{ state: string }>('GET', '/forms/wells/sheet')).state === 'broken');
      await open('/overview?form=wells');

      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(await alert.textContent()).toMatch(/“Wells” is broken.*[Ss]hare/s);
      await link('Go to live sheets').click();
      await sees('✕ Broken');
      const spreadsheet = `https://docs.google.com/spreadsheets/d/${MISSING_SPREADSHEET}`;
      expect(await link('Sheet “Wells”').getAttribute('href')).toBe(spreadsheet);
      expect(complaints).toEqual([]);
      await page.goto(`${stack.url}/console/#/forms/wells?tab=sheet`);
      expect(await link('Open in Google Sheets').getAttribute('href')).toBe(spreadsheet);
    });

    test('a form without responses is shown as empty, with a link to all days', async () => {
      await open('/overview?form=wells');

      await sees('No responses in the last 30 days');
      await link('Show all days').click();
      await sees('No responses so far');
    });

    test('a lost reply is shown with a button that tries again', async () => {
      await tab.clear(stack.tokens.manager);
      await page.route('**/quality?*', (route) => route.fulfill({ status: 500, json: {} }));
      await page.goto(`${stack.url}/console/#/overview?form=${FORM}`);
      await sees('The server replied 500. Try again.');

      await page.unroute('**/quality?*');
      await button('Try again').click();
      await sees('median time to correction');
    });
  });

  describe('on the page Exports,', () => {
    const finished = (): ReturnType<Page['locator']> =>
      page.getByRole('region', { name: 'Finished' }).locator('tbody tr');

    test('a manager exports a table, and fetches the file', async () => {
      await open('/exports');
      await button('Export Household finances').click();

      const file = finished().first().getByRole('link', { name: 'CSV' });
      await file.waitFor();
      const csv = await (await fetch((await file.getAttribute('href')) ?? '')).text();
      expect(csv.split('\r\n')).toHaveLength(8);
      const row = await finished().first().textContent();
      expect(row).toMatch(/6.*kB.*link works until.*SHA-256 [\da-f]{8}…/s);
      await finished().first().getByRole('button', { name: 'Copy the checksum' }).click();
      await sees('Copied the checksum.');
      expect(complaints).toEqual([]);
    });

    test('a failed export says why, and the same request can be sent again', async () => {
      await open('/exports');
      await page.getByText('Options: CSV').click();
      await page.getByLabel('Spreadsheet').fill(`https://docs.google.com/spreadsheets/d/${MISSING_SPREADSHEET}/edit`);
      await page.getByLabel('CSV').uncheck();
      await button('Export Household finances').click();
      await finished().first().getByText('✕').waitFor();

      const again = page.waitForRequest((request) => request.method() === 'POST');
      await finished().first().getByRole('button', { name: 'Try again' }).click();

      expect((await again).postDataJSON()).toMatchObject({
        table_name: FORM,
        spreadsheet_id: MISSING_SPREADSHEET,
        format: { csv: false, sheet: true },
      });
    });

    test('the progress of an export is shown', async () => {
      stack.sheets.faults.fail({ on: 'write', status: 503 });
      await open('/exports');
      await button('Export Household finances').click();

      await page.getByRole('progressbar', { name: 'Export of Household finances' }).waitFor();
      stack.sheets.faults.clear();
      await page.getByRole('heading', { name: 'Under way' }).waitFor({ state: 'detached' });
    });

    test('long lists of exports, tokens and webhooks come in pages', async () => {
      const format = { csv: true, sheet: false };
      for (const table_name of ['tasks', 'flags']) await ask('POST', '/google-sheet', { table_name, format });
      const webhooks: string[] = [];
      for (const name of ['one', 'two']) {
        const hook = { url: `${receiver.url()}/${name}`, events: ['sheet_mended'] };
        webhooks.push((await ask<{ webhook_id: string }>('POST', '/webhooks', hook)).webhook_id);
      }
      await tab.clear(stack.tokens.manager);
      const shorter = (url: string): string => url.replace(/limit=\d+/, 'limit=1');
      await page.route(/[?&]limit=/, (route) => route.continue({ url: shorter(route.request().url()) }));
      await page.goto(`${stack.url}/console/#/exports`);
      await finished().getByText('Flags').waitFor();
      await link('Older').click();
      await finished().getByText('Follow-up tasks').waitFor();
      await link('Newest').click();
      await finished().getByText('Flags').waitFor();

      await page.goto(`${stack.url}/console/#/people`);
      await sees('this is you');
      await sees('Ben, viewer');
      await link('Webhooks').click();
      await page.getByRole('heading', { name: /two$/ }).waitFor();
      await link('Older').click();
      await page.getByRole('heading', { name: /one$/ }).waitFor();
      for (const id of webhooks) await ask('DELETE', `/webhooks/${id}`);
    });

    test('a viewer sees tables and files, and no actions', async () => {
      await open('/exports', viewer);
      await sees('Finished');
      await page.getByRole('rowheader', { name: 'Household finances household_finances' }).waitFor();

      expect(await button(/Export|Try again/).count()).toBe(0);
      expect(complaints).toEqual([]);
    });
  });

  describe('on the page People,', () => {
    test('a token is made, shown once, used, revoked and audited, by keyboard alone', async () => {
      await open('/people');
      await sees('this is you');
      await button('New token').focus();
      await page.keyboard.press('Enter');
      await page.getByLabel('Role').selectOption('viewer');
      await page.getByLabel('Name').fill('Chidi, analyst');
      await page.keyboard.press('Enter');
      const made = await page.getByLabel('Token', { exact: true }).inputValue();
      await button('Copy the token').press('Enter');
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(made);
      expect((await fetch(`${stack.url}/me`, { headers: { authorization: `Bearer ${made}` } })).status).toBe(200);
      await button('Done').press('Enter');

      await button(/Revoke the token .* of Chidi, analyst/).press('Enter');
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).press('Enter');
      await sees('Revoked. The token may work for one more minute.');
      await link(/Show \d+ expired or revoked/).press('Enter');
      await sees('✕ revoked');

      await link('Audit').press('Enter');
      await page.getByLabel('Action').selectOption('token_revoked');
      await page.waitForURL(/action=token_revoked/);
      await page.getByRole('cell', { name: 'revoked a token' }).waitFor();
      expect(await page.getByRole('cell', { name: 'created a token' }).count()).toBe(0);
      await link(/^All that was done to token/).press('Enter');
      await page.getByLabel('Action').selectOption('');
      await page.getByRole('cell', { name: 'created a token' }).waitFor();
      expect(await page.getByRole('row').count()).toBe(3);
      expect(complaints).toEqual([]);
    });

    test('a new device gets a code to scan, and a link to the form page', async () => {
      await open('/people');
      await button('New device').click();
      await page.getByLabel('Collector', { exact: true }).fill('collector-9');
      await button('Make a code').click();

      await page.getByRole('img', { name: 'QR code for collector-9' }).waitFor();
      const href = await link('The form page of collector-9').getAttribute('href');
      expect(href).toMatch(/\/fill\/#token=clt_/);
      const picture = await page.getByRole('img', { name: /^The link of collector-9/ }).getAttribute('src');
      expect(scanQr(pixelsOfSvg(decodeURIComponent(picture ?? '')))).toBe(href);
    });

    test('what was typed stays if a request gets no reply', async () => {
      await open('/people');
      await button('New token').click();
      await page.getByLabel('Collector', { exact: true }).fill('collector-8');
      await page.route('**/tokens', (route) => route.abort());
      await button('Make a token').click();
      await sees('No connection to Collect.');

      expect(await page.getByLabel('Collector', { exact: true }).inputValue()).toBe('collector-8');
      await page.unroute('**/tokens');
      await button('Make a token').click();
      await sees('It is shown only now.');
    });

    test('a webhook is made and tested, and its dead letters are read and sent again', async () => {
      await open('/people?tab=webhooks');
      await button('New webhook').click();
      await page.getByLabel('Address of the receiver').fill(receiver.url());
      await button('Create').click();
      await sees('It is shown only now.');
      await button('Send a test event').click();
      await sees('✓ The receiver took the test event');

      receiver.answer = (reply) => reply.writeHead(410).end();
      await ask('POST', '/collect', household({ response_id: 'r-7', ...BREAKS_RULE1 }));
      await sees('1 given up');
      receiver.answer = (reply) => reply.writeHead(204).end();
      await page.locator('summary', { hasText: '1 given up' }).click();
      await page.getByRole('cell', { name: /410/ }).waitFor();
      await button('Switch on').click();
      await button('Try all again').click();
      await sees('Tried again: 1 event.');
      await eventually(() => receiver.received.some(({ body }) => body['response_id'] === 'r-7'));
      await button('Delete').click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await sees('No webhooks yet.');
      expect(complaints).toEqual([]);
    });

    test('a viewer learns which role the page needs', async () => {
      await open('/people', viewer);

      await sees('This page needs the role manager, and you are signed in as viewer.');
      expect(await page.getByRole('navigation', { name: 'Pages' }).getByText('People').count()).toBe(0);
      expect(complaints).toEqual([]);
    });

    test('a collector lands on responses', async () => {
      await open('/', collector);

      await page.waitForURL(/#\/responses/);
    });
  });

  test('the figures of a country are a picture and tables', async () => {
    await open('/figures');
    const picture = page.getByRole('img', { name: /^COL: Insufficient food consumption/ });
    await picture.waitFor();
    await eventually(() => page.evaluate<boolean>(`document.querySelector('main img').naturalWidth > 0`));
    await page.getByText('The same as a table').click();
    await page.getByRole('region', { name: 'Figures by day' }).getByRole('row').nth(1).waitFor();
    expect(complaints).toEqual([]);

    await page.getByLabel('Country').fill('QQQ');
    await page.getByLabel('Country').press('Tab');
    await sees('There are no figures for QQQ. Send one of BFA, COL.');
    expect(page.url()).toContain('country=QQQ');
  });

  describe('on every page,', () => {
    test('the navigation counts what is open', async () => {
      await open('/exports');

      await page.getByRole('navigation', { name: 'Pages' }).getByTitle('3 open').waitFor();
    });

    test('signing in leads back to the address, and signing out removes the token', async () => {
      await tab.clear();
      await signInAt(`/overview?form=${FORM}&days=7`, 'in the last 7 days', ` ${stack.tokens.manager} `);
      expect(page.url()).toContain(`#/overview?form=${FORM}&days=7`);
      expect(complaints).toEqual([]);

      await button(/manager/).click();
      await button('Sign out').click();
      await sees('Sign in to Collect');
      await eventually(() => page.evaluate<boolean>(`sessionStorage.getItem('collect-token') === null`));
      await page.goBack();
      await sees('Sign in to Collect');
    });

    test('an unknown token is refused, and stays in the field', async () => {
      await tab.clear();
      await page.goto(`${stack.url}/console/`);
      await page.getByLabel('Token').fill('clt_unknown');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();

      expect(await page.getByLabel('Token').inputValue()).toBe('clt_unknown');
    });

    test('a person whose token ends signs in over the page, and what was typed stays', async () => {
      await open('/people');
      await button('New token').click();
      await page.getByLabel('Collector', { exact: true }).fill('collector-8');
      await page.route('**/tokens', (route) => route.fulfill({ status: 401, json: { message: 'Unauthorized' } }));
      await button('Make a token').click();
      const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
      await dialog.waitFor();
      await page.unroute('**/tokens');
      await dialog.getByLabel('Token').fill(stack.tokens.manager);
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'detached' });

      expect(await page.getByLabel('Collector', { exact: true }).inputValue()).toBe('collector-8');
      expect(page.url()).toContain('#/people');
      await button('Make a token').click();
      await sees('It is shown only now.');
    });

    test('keys open the pages, and the list of keys names them', async () => {
      await open('/exports');
      await sees('Finished');
      await page.keyboard.press('6');
      await page.waitForURL(/#\/figures/);
      await page.keyboard.press('?');

      await page.getByRole('dialog', { name: 'Keys' }).getByText('Open Figures').waitFor();
    });

    test('an expired token leads to the sign-in, and then back to the address', async () => {
      await tab.clear('clt_ended');
      const late = Promise.withResolvers<void>();
      await page.route('**/forms', async (route) => {
        if (route.request().headers()['authorization'] !== 'Bearer clt_ended') return route.continue();
        await late.promise;
        await route.fulfill({ status: 401, json: { message: 'Unauthorized' } });
      });
      await signInAt('/exports?table=revisions', 'No finished exports yet.');
      expect(page.url()).toContain('#/exports?table=revisions');

      late.resolve();
      await page.keyboard.press('5');
      await sees('this is you');
      expect(await page.getByRole('dialog', { name: 'Your session has ended' }).count()).toBe(0);
    });

    test('a token that is refused before the page is loaded leads back to the address, too', async () => {
      await tab.clear('clt_ended');
      const refused = page.waitForResponse((reply) => reply.url().endsWith('/me') && reply.status() === 401);
      await page.route('**/Exports-*.js', async (route) => {
        await refused;
        // The console acts on the refusal before the page arrives.
        await page.evaluate('new Promise((resolve) => setTimeout(resolve))');
        await route.continue();
      });
      await signInAt('/exports?table=revisions', 'No finished exports yet.');
      expect(page.url()).toContain('#/exports?table=revisions');
    });

    test.each(['/overview?form=unknown', '/responses?form=unknown', '/forms/unknown'])(
      '%s says that there is no such form, and leads to the list of forms',
      async (address) => {
        await open(address);
        await page.getByRole('heading', { name: 'There is no form with the id “unknown”' }).waitFor();
        expect(await page.getByText(/No responses/).count()).toBe(0);
        await link('Go to the list of forms').click();
        await page.getByRole('link', { name: 'Wells' }).waitFor();
        expect(page.url()).toMatch(/#\/forms$/);
      },
    );

    test('the licences of the packages in the pages are a click away', async () => {
      await open('/exports');
      await button(/manager/).click();
      const href = await link('Licences of the packages in these pages').getAttribute('href');
      const reply = await fetch(new URL(href ?? '', stack.url));

      expect(reply.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(await reply.text()).toMatch(/## vue-router .*## ol .*Apache License/s);
    });

    test('without a network a bar says so', async () => {
      await open('/exports');
      await sees('Finished');
      await browser.context.setOffline(true);
      await sees('No network.');
      await browser.context.setOffline(false);

      await page.getByText('No network.').waitFor({ state: 'detached' });
    });

    test.each(PAGES)(
      '%s fits a desk and a phone, in light and dark, without serious violations',
      async (address, text) => {
        await open(address);
        await sees(text);

        expect(await faultsOfLook(page)).toEqual([]);
        expect(complaints).toEqual([]);
      },
    );

    test('the first load takes less than 250 KB', async () => {
      await tab.clear(stack.tokens.manager);
      const network = await browser.context.newCDPSession(page);
      await network.send('Network.enable');
      await network.send('Network.setCacheDisabled', { cacheDisabled: true });
      let bytes = 0;
      network.on('Network.loadingFinished', ({ encodedDataLength }) => {
        bytes += encodedDataLength;
      });
      await page.goto(`${stack.url}/console/#/overview?form=${FORM}`);
      await page.getByRole('img', { name: /Responses received a day/ }).waitFor();
      await sees('Rule1');

      expect(bytes).toBeGreaterThan(20_000);
      expect(bytes).toBeLessThan(FIRST_LOAD_LIMIT);
    });
  });
});
