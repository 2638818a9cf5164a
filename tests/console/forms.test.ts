/** The page Forms in a real browser: what people see and do, from the upload of a form to the re-judge by a new rule. */
import type { Locator, Page } from 'playwright-core';
import { generateHouseholds } from '../../demo/households.ts';
import { describeInBrowser, startBrowser, type Browser } from '../support/browser.ts';
import { manage } from '../support/collector.ts';
import { ConsoleTab, faultsOfLook } from '../support/console-page.ts';
import { sampleXform } from '../support/sample-xform.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const HOUSEHOLDS = '/forms/household_finances';

/** The browser itself reports each refusal. */
const REFUSAL = /Failed to load resource/;

describeInBrowser('on the page Forms,', () => {
  let stack: TestStack;
  let browser: Browser;
  let viewer: string;
  let tab: ConsoleTab;
  let page: Page;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startTestStack(), startBrowser()]);
    const households = [...generateHouseholds(40, 7)];
    await manage(stack, 'POST', `${HOUSEHOLDS}/responses/batch`, households);
    const token = await manage(stack, 'POST', '/tokens', { role: 'viewer' });
    ({ token: viewer } = JSON.parse(await token.text()) as { token: string });
    tab = await ConsoleTab.create(browser.context, stack.url);
    ({ page } = tab);
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const open = (address: string, token = stack.tokens.manager) => tab.open(address, token);

  afterEach(() => {
    const serious = tab.complaints.filter((line) => !REFUSAL.test(line));
    if (serious.length > 0) throw new Error(serious.join('\n'));
  });

  const form = async (path = HOUSEHOLDS): Promise<Record<string, unknown>> =>
    JSON.parse(await (await manage(stack, 'GET', path)).text()) as Record<string, unknown>;

  /** Stores a change of a form, as another manager would. */
  async function change(path: string, changes: object): Promise<void> {
    const { version: _version, created_at: _created, ...stored } = await form(path);
    expect((await manage(stack, 'PUT', path, { ...stored, ...changes })).status).toBe(200);
  }

  /** Chooses an option of the focused select by arrow keys. Typing its name would fail if a key came late. */
  async function chooseByArrows(select: Locator, label: string): Promise<void> {
    const chosen = (): Promise<string> =>
      select.evaluate(
        (element: { selectedOptions: ArrayLike<{ label: string }> }) => element.selectedOptions[0]?.label ?? '',
      );
    const count = await select.getByRole('option').count();
    await page.keyboard.press('Home');
    for (let press = 0; press < count && (await chosen()) !== label; press += 1) await page.keyboard.press('ArrowDown');
  }

  /** Waits until an element is visible. */
  async function appears(locator: Locator): Promise<boolean> {
    await locator.first().waitFor();
    return locator.first().isVisible();
  }

  /** Stores a form as another manager would. */
  async function upload(id: string, sample: Parameters<typeof sampleXform>[0] = {}): Promise<void> {
    const reply = await fetch(`${stack.url}/forms/${id}/xform`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${stack.tokens.manager}`, 'content-type': 'text/xml' },
      body: sampleXform({ ...sample, id }),
    });
    expect(reply.status).toBe(201);
  }

  test('the list shows each form with its state and leads to its questions', async () => {
    await open('/forms');

    await page.getByRole('link', { name: 'Household finances' }).click();

    await page.getByRole('heading', { name: '12 questions' }).waitFor();
    expect(await page.getByRole('row', { name: /age/ }).first().textContent()).toContain('whole number, 0 to 130');
    await page.getByLabel('Parts of the form').getByRole('link', { name: 'Rules' }).click();
    await page.getByRole('article').filter({ hasText: 'Rule1' }).waitFor();
    expect(await page.title()).toBe('Household finances – Collect');
  });

  test('without forms, the list says what to do, and the household form is one click away', async () => {
    await open('/forms');
    await page.route('**/forms', (route) => route.fulfill({ json: { items: [] } }), { times: 2 });
    await page.reload();

    await page.getByText('Upload an XLSForm, or try the household form.').waitFor();
    await page.getByRole('button', { name: 'Try the household form' }).click();

    expect(await appears(page.getByRole('heading', { name: '12 questions' }))).toBe(true);
  });

  test('an upload shows what is taken over, and stores nothing before Create version', async () => {
    await open('/forms');
    await page.getByRole('button', { name: 'Upload a form' }).click();
    const constraint = '. &gt; 0 and random() &lt; 2';
    await page.getByLabel(/XLSForm/).setInputFiles({
      name: 'Water points.xml',
      mimeType: 'text/xml',
      buffer: Buffer.from(sampleXform({ constraint })),
    });

    await page.getByRole('heading', { name: 'Checked on the phone only (1)' }).waitFor();
    expect(await page.getByText('How deep is the well?').first().isVisible()).toBe(true);
    expect((await manage(stack, 'GET', '/forms/water_points')).status).toBe(404);
    await page.getByRole('button', { name: 'Create version' }).click();
    await page.getByText('water_points is stored.').waitFor();
    await page.getByText('The form names no pictures, sounds or lists.').waitFor();

    expect((await manage(stack, 'GET', '/forms/water_points')).status).toBe(200);
  });

  test('a refused upload says where and why, and a lost connection can be retried', async () => {
    await open('/forms?upload=form');
    await page.getByLabel(/XLSForm/).setInputFiles({
      name: 'broken.xml',
      mimeType: 'text/xml',
      buffer: Buffer.from(sampleXform({ id: 'broken', instanceId: false })),
    });
    await page.getByRole('alert').getByText('instanceID').first().waitFor();

    await page.getByLabel(/XLSForm/).setInputFiles({
      name: 'wells.xlsx',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('PK\u0003\u0004 not a workbook'),
    });
    await page
      .getByRole('alert')
      .getByText(/XLSForm|workbook|Python/)
      .first()
      .waitFor();

    await browser.context.setOffline(true);
    await page.getByRole('button', { name: 'Check the file' }).click();
    await page.getByText('No connection to Collect.').waitFor();
    await browser.context.setOffline(false);
    expect(await page.getByLabel('Id of the form').inputValue()).toBe('wells');

    const large = { name: 'large.xml', mimeType: 'text/xml', buffer: Buffer.alloc(4_200_000) };
    await page.getByLabel(/XLSForm/).setInputFiles(large);
    await page.getByText('large.xml has 4.2 MB. Send at most 4.0 MB.').waitFor();
  });

  test('missing media are named and uploaded', async () => {
    const body = '<hint ref="jr:itext(\'hint\')"/>';
    const model =
      '<itext><translation lang="en"><text id="hint"><value form="image">jr://images/pump.png</value></text></translation></itext>';
    await upload('pumps', { body, model });
    await open('/forms/pumps?tab=versions');
    await page.getByText('pump.png is missing').waitFor();

    const file = { name: 'pump.png', mimeType: 'image/png', buffer: Buffer.from('picture') };
    await page.getByLabel(/Upload files/).setInputFiles(file);

    await page.getByText('✓ pump.png').waitFor();
    await page.getByRole('button', { name: 'Delete pump.png' }).click();
    expect(await appears(page.getByText('pump.png is missing'))).toBe(true);
  });

  test('rules read as sentences', async () => {
    await open(`${HOUSEHOLDS}?tab=rules`);

    const article = page.getByRole('article').filter({ hasText: 'Rule1' });
    await article.waitFor();
    expect(await article.locator('.sentence').textContent()).toBe(
      'Flag when monthly expenditure is less than the sum of monthly food, monthly cable, monthly healthcare, monthly fuel.',
    );
  });

  test('a new rule is built without JSON, by keyboard alone, tried, published and applied to the stored responses', async () => {
    await open(`${HOUSEHOLDS}?tab=rules`);
    await page.getByRole('article').first().waitFor();
    await page.keyboard.press('n');
    await page.getByLabel('Name of the rule').focus();
    await page.keyboard.type('Adults');
    await page.keyboard.press('Tab');
    await chooseByArrows(page.getByLabel('What is compared'), 'age');
    await page.keyboard.press('Tab');
    await chooseByArrows(page.getByLabel('Comparison'), 'is at most');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('40');
    expect(await page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true);
    await page.getByLabel('Message to the collector').focus();
    await page.keyboard.type('The respondent is {age}. Ask for an adult.');
    expect(await page.locator('form .sentence').textContent()).toBe('Flag when age is at most 40.');
    await page.getByRole('button', { name: 'Try' }).focus();
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: /^Would flag \d+ of 40 \(\d+ %\) of the last 30 days$/ }).waitFor();
    expect(await page.getByRole('listitem').getByText('Ask for an adult.').count()).toBe(5);
    expect(await page.getByRole('region', { name: 'By collector' }).getByRole('link').count()).toBe(12);
    await page.locator('figure', { hasText: /The respondent is \d+\. Ask for an adult\./ }).waitFor();
    await page.getByRole('button', { name: 'Publish' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Re-judge the .*stored\?$/ }).waitFor();

    await page.getByRole('button', { name: /^Re-judge the/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(/Done: 40 checked/).waitFor();
    expect(page.url()).toContain('rejudge=');
    await page.reload();
    await page.getByText(/Done: 40 checked/).waitFor();
    expect((await form())['rules']).toContainEqual({
      name: 'Adults',
      message: 'The respondent is {age}. Ask for an adult.',
      conditions: { fact: 'age', operator: 'greaterThan', value: 40 },
    });
  });

  test('a rule compares with a new sum, and its message shows the sum of a real response', async () => {
    await open(`${HOUSEHOLDS}?tab=rules&edit=`);
    await page.getByLabel('Name of the rule').fill('Spends');
    await page.getByLabel('What is compared').selectOption({ label: 'New sum or difference…' });
    await page.getByLabel('Add a question').selectOption({ label: 'monthly food' });
    await page.getByLabel('Add a question').selectOption({ label: 'monthly fuel' });
    await page.getByLabel('Comparison').selectOption({ label: 'is more than' });
    await page.getByLabel('Compared with').selectOption('fact');
    await page.getByLabel('The other question').selectOption({ label: 'monthly income' });
    await page.getByLabel('Message to the collector').fill('Together: ');
    await page.getByRole('button', { name: 'total 1' }).click();
    await page.getByRole('button', { name: 'Try' }).click();
    await page.getByRole('heading', { name: /Would flag/ }).waitFor();

    expect(await page.locator('form .sentence').textContent()).toBe(
      'Flag when the sum of monthly food, monthly fuel is more than monthly income.',
    );
    await page.locator('figure', { hasText: /Together: \d+/ }).waitFor();
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByText(/is published/).waitFor();

    const food = 'How much money do you spend monthly on food?';
    const fuel = 'How much money do you spend monthly on fuel for your car?';
    expect((await form())['facts']).toContainEqual({ name: 'total_1', add: [food, fuel], subtract: [] });
  });

  test('a rule can have groups, lists and ranges, and can be tried on a form without responses', async () => {
    const questions = [
      { name: 'water', type: 'select_one', options: ['tap', 'well', { name: 'river', label: 'A river' }] },
      { name: 'members', type: 'integer' },
      { name: 'symptoms', type: 'select_multiple', options: ['fever', 'rash'] },
    ];
    await manage(stack, 'PUT', '/forms/visits', { title: 'Visits', questions });
    await open('/forms/visits?tab=rules&edit=');
    await page.getByLabel('Name of the rule').fill('Source');
    await page.getByLabel('What is compared').selectOption({ label: 'water' });
    await page.getByLabel('Comparison').selectOption({ label: 'is one of' });
    await page.getByLabel('A river').check();
    await page.getByLabel('well').check();
    await page.getByRole('button', { name: 'Add a group' }).click();
    const group = page.getByRole('group', { name: 'when', exact: true });
    await group.getByLabel('What is compared').selectOption({ label: 'members' });
    await group.getByLabel('Comparison').selectOption({ label: 'is between' });
    await group.getByLabel('From').fill('10');
    await group.getByLabel('To').fill('99');
    await group.getByRole('button', { name: 'Add a condition' }).click();
    await group.getByLabel('What is compared').nth(1).selectOption({ label: 'symptoms' });
    await group.getByLabel('Value').selectOption('rash');
    await page.getByLabel('How many must be true').first().selectOption('all');
    await page.getByLabel('Message to the collector').fill('Ask again.');
    expect(await page.locator('form .sentence').textContent()).toBe(
      'Flag when water is one of “A river”, “well”, and (members is between 10 and 99, and symptoms includes “rash”).',
    );
    await page.getByRole('button', { name: 'Try' }).click();
    await page.getByText('No response arrived in that time.').waitFor();
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByText(/is published/).waitFor();

    const [rule] = (await form('/forms/visits'))['rules'] as { conditions: unknown }[];
    expect(rule?.conditions).toEqual({
      any: [
        { fact: 'water', operator: 'notIn', value: ['river', 'well'] },
        {
          any: [
            { not: { fact: 'members', operator: 'between', value: [10, 99] } },
            { not: { fact: 'symptoms', operator: 'selected', value: 'rash' } },
          ],
        },
      ],
    });
  });

  test('a rule is written as JSON, with the faults that the API finds beside it', async () => {
    await open(`${HOUSEHOLDS}?tab=rules&edit=Rule2`);
    await page.getByRole('button', { name: 'Edit as JSON' }).click();
    const text = await page.getByLabel(/as JSON/).inputValue();
    await page.getByLabel(/as JSON/).fill(text.slice(1));
    await page.getByText('This is not JSON yet.').waitFor();

    await page.getByLabel(/as JSON/).fill(text.replace('"fact": "what is the monthly savings?"', '"fact": "saving"'));
    await page.getByRole('button', { name: 'Try' }).click();

    await page.getByRole('alert').getByText('/rule/conditions').first().waitFor();
    await page.getByLabel(/as JSON/).fill(text);
    await page.getByRole('button', { name: 'Back to the builder' }).click();
    expect(await page.getByLabel('Name of the rule').inputValue()).toBe('Rule2');
  });

  test('two managers on one form: nothing typed is lost, and the change can be applied to the newer version', async () => {
    await open(`${HOUSEHOLDS}?tab=rules&edit=Rule2`);
    await page.getByLabel('Message to the collector').fill('Ask about savings again.');
    await page.getByRole('button', { name: 'Try' }).click();
    await page.getByRole('heading', { name: /Would flag/ }).waitFor();
    await change(HOUSEHOLDS, { title: 'Households 2026' });

    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Households 2026').first().waitFor();
    expect(await page.getByLabel('Message to the collector').inputValue()).toBe('Ask about savings again.');
    await page.getByRole('button', { name: /Put my changes on top/ }).click();
    await page.getByRole('heading', { name: /Would flag/ }).waitFor();
    await page.getByRole('button', { name: 'Publish' }).click();

    await page.getByText(/is published/).waitFor();
    const stored = await form();
    expect(stored).toMatchObject({ title: 'Households 2026' });
    expect(stored['rules']).toContainEqual(
      expect.objectContaining({ name: 'Rule2', message: 'Ask about savings again.' }),
    );
    await change(HOUSEHOLDS, { title: 'Household finances' });
  });

  test('the network is lost while a rule is tried: what was typed stays, and a second try works', async () => {
    await open(`${HOUSEHOLDS}?tab=rules&edit=Rule1`);
    await page.getByLabel('Name of the rule').fill('Rule1b');
    await browser.context.setOffline(true);
    await page.getByRole('button', { name: 'Try' }).click();
    await page.getByText('No connection to Collect.').waitFor();
    await browser.context.setOffline(false);

    await page.getByRole('button', { name: 'Try' }).click();

    await page.getByRole('heading', { name: /Would flag/ }).waitFor();
    expect(await page.getByLabel('Name of the rule').inputValue()).toBe('Rule1b');
  });

  test('an unfinished rule is there after a reload, and can be discarded', async () => {
    await open(`${HOUSEHOLDS}?tab=rules&edit=Rule1`);
    await page.getByLabel('Name of the rule').fill('Rule1b');
    await page.reload();
    await page.getByText('This is what you typed before.').waitFor();
    expect(await page.getByLabel('Name of the rule').inputValue()).toBe('Rule1b');
    await page.getByLabel('Parts of the form').getByRole('link', { name: 'Rules' }).click();

    await page.getByRole('button', { name: 'Go on with Rule1' }).click();
    await page.getByText('This is what you typed before.').waitFor();
    await page.getByLabel('Parts of the form').getByRole('link', { name: 'Rules' }).click();
    await page.getByRole('button', { name: 'Discard the changes of Rule1' }).click();

    await page.getByText('Not published yet').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Change Rule1' }).click();
    await page.getByLabel('Name of the rule').waitFor();
    expect(await page.getByLabel('Name of the rule').inputValue()).toBe('Rule1');
  });

  test('a rule is deleted after a confirmation', async () => {
    const rule = { name: 'Passing', message: 'Old.', conditions: { fact: 'age', operator: 'lessThan', value: 120 } };
    await change(HOUSEHOLDS, { rules: [...((await form())['rules'] as unknown[]), rule] });
    await open(`${HOUSEHOLDS}?tab=rules`);

    await page.getByRole('button', { name: 'Delete… Passing' }).click();
    await page.getByRole('button', { name: 'Delete Passing' }).click();

    await page.getByText(/is published/).waitFor();
    expect(JSON.stringify((await form())['rules'])).not.toContain('Passing');
  });

  test('a part of the form that cannot be loaded says so, and can be tried again', async () => {
    await open(HOUSEHOLDS);
    await page.getByRole('heading', { name: '12 questions' }).waitFor();
    await page.route('**/RulesTab-*.js', (route) => route.abort());
    await page.getByRole('link', { name: 'Rules' }).click();
    await page.getByText('This part of the page could not be loaded.').waitFor();
    tab.complaints.length = 0;
    await page.unroute('**/RulesTab-*.js');
    await page.getByRole('button', { name: 'Try again' }).click();

    expect(await appears(page.getByRole('article').filter({ hasText: 'Rule1' }))).toBe(true);
  });

  test('versions are compared', async () => {
    await upload('streams');
    await change('/forms/streams', { title: 'Streams' });
    await open('/forms/streams?tab=versions');

    await page.getByText('Setting changed: Title').waitFor();
    await page.getByLabel('Version to').selectOption('1');
    expect(await appears(page.getByText('These versions are the same.'))).toBe(true);
  });

  test('two managers change settings: each change is kept, and the fields show the stored version', async () => {
    await upload('wells');
    await open('/forms/wells?tab=settings');
    await page.getByRole('radio', { name: /Closed/ }).check();
    await change('/forms/wells', { title: 'Wells of the north' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: /Put my changes on top/ }).click();
    await page.getByText('Version 3 is stored.').waitFor();
    expect(await form('/forms/wells')).toMatchObject({ title: 'Wells of the north', state: 'closed' });
    expect(await page.getByLabel('Title').inputValue()).toBe('Wells of the north');

    await page.getByRole('button', { name: 'Edit as JSON' }).click();
    const text = await page.getByLabel('Definition as JSON').inputValue();
    await change('/forms/wells', { state: 'open' });
    await page.getByLabel('Definition as JSON').fill(text.replace('"Wells of the north"', '"Wells"'));
    await page.getByRole('button', { name: 'Store as the next version' }).click();
    await page.getByRole('button', { name: /Put my changes on top/ }).click();
    await page.getByText('Version 5 is stored.').waitFor();
    expect(await form('/forms/wells')).toMatchObject({ title: 'Wells', state: 'open' });
    expect(await page.getByRole('radio', { name: /Open/ }).isChecked()).toBe(true);
    expect(await page.getByLabel('Title').inputValue()).toBe('Wells');
  });

  test('unsaved settings and an unsaved definition are kept when the page is left, and can be discarded', async () => {
    await upload('ponds');
    await open('/forms/ponds?tab=settings');
    const title = page.getByLabel('Title');
    await title.fill('Ponds of the south');
    await page.getByRole('button', { name: 'Edit as JSON' }).click();
    const definition = page.getByLabel('Definition as JSON');
    await definition.fill('{"title": "Po');
    await page.getByLabel('Parts of the form').getByRole('link', { name: 'Rules' }).click();
    await page.getByRole('heading', { name: /rules?$/ }).waitFor();
    await page.goBack();
    await page.getByText('This is what you typed before. It is not saved.').waitFor();
    await page.reload();
    await page.getByText('This is what you typed before. It is not stored.').waitFor();
    expect(await title.inputValue()).toBe('Ponds of the south');
    expect(await definition.inputValue()).toBe('{"title": "Po');
    await page.getByRole('button', { name: 'Close' }).click();
    await change('/forms/ponds', { state: 'closed' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Version 2 was stored while you were editing').waitFor();
    await page.getByRole('button', { name: 'Discard changes' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Edit as JSON' }).waitFor();
    expect(await title.inputValue()).not.toBe('Ponds of the south');
    expect(await page.getByText('This is what you typed before.').count()).toBe(0);
  });

  test('a definition that is refused says where, and a form without responses is deleted', async () => {
    await upload('springs');
    await open('/forms/springs?tab=settings');
    await page.getByRole('button', { name: 'Edit as JSON' }).click();
    const text = await page.getByLabel('Definition as JSON').inputValue();
    await page.getByLabel('Definition as JSON').fill(text.replace('"rules": []', '"rules": [{}]'));
    await page.getByRole('button', { name: 'Store as the next version' }).click();
    await page.getByRole('alert').getByText('/rules/0/name').waitFor();
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('button', { name: /^Delete .* for good/ }).click();
    await page.getByText(/ is deleted\.$/).waitFor();
  });

  test('a code for a phone is shown once, on a sheet to print, and the list shows the device', async () => {
    await open(`${HOUSEHOLDS}?tab=devices`);
    await page.getByLabel('Collector', { exact: true }).fill('collector-12');
    await page.getByLabel(/Name of the phone/).fill('Phone 12');
    await page.getByRole('button', { name: 'Make a code' }).click();

    const code = page.getByRole('img', { name: 'QR code for collector-12' });
    await code.waitFor();
    expect(await code.evaluate((image: { naturalWidth: number }) => image.naturalWidth)).toBeGreaterThan(100);
    await page.getByRole('row', { name: /collector-12 Phone 12 never/ }).waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('navigation').first().isVisible()).toBe(false);
    expect(await page.getByText('household_finances, version').isVisible()).toBe(false);
    expect(await code.isVisible()).toBe(true);
  });

  test('a live sheet is started, followed and ended', async () => {
    await upload('lakes');
    await open('/forms/lakes?tab=sheet');
    await page.getByText('No live sheet').waitFor();
    await page
      .getByLabel('Spreadsheet')
      .fill(`https://docs.google.com/spreadsheets/d/${stack.sheets.defaultSpreadsheetId}/edit#gid=0`);
    await page.getByLabel('Tab').fill('Lakes');
    await page.getByRole('button', { name: 'Start' }).click();

    await page.getByRole('heading', { name: /Starting|In step/ }).waitFor();
    await page.getByRole('button', { name: 'End…' }).click();
    await page.getByRole('button', { name: 'End the live sheet' }).click();
    expect(await appears(page.getByText('No live sheet'))).toBe(true);
  });

  test('viewers see every part, without actions', async () => {
    await open('/forms', viewer);
    await page.getByRole('link', { name: 'Household finances' }).click();
    await page.getByRole('heading', { name: '12 questions' }).waitFor();
    const shown = {
      Rules: 'Rule1',
      Versions: 'Compare',
      Devices: 'Ask a manager',
      Sheet: 'No live sheet',
      Settings: 'Title',
    };
    for (const [tab, words] of Object.entries(shown)) {
      await page.getByLabel('Parts of the form').getByRole('link', { name: tab }).click();
      await page.getByText(words).first().waitFor();
      const buttons = await page.getByRole('main').getByRole('button').allTextContents();
      expect(buttons.map((text) => text.trim())).toEqual(tab === 'Settings' ? ['Show as JSON'] : []);
    }
  });

  test('the choice of a form above the page leads to that form', async () => {
    await upload('rivers');
    await open(`${HOUSEHOLDS}?tab=rules`);
    await page.getByRole('heading', { name: 'Household finances' }).waitFor();

    await page.getByLabel('Form', { exact: true }).selectOption('rivers');

    expect(await appears(page.getByText('rivers, version 1'))).toBe(true);
  });

  test('every part fits 360 px, and axe finds no serious violation, light or dark', async () => {
    await open('/forms');
    const parts: readonly (readonly [address: string, words: string])[] = [
      ['/forms?upload=form', 'Household finances'],
      [`${HOUSEHOLDS}?tab=rules&edit=Rule2`, 'With the values of'],
      [`${HOUSEHOLDS}?tab=questions`, '12 questions'],
      [`${HOUSEHOLDS}?tab=rules`, 'Stored responses'],
      [`${HOUSEHOLDS}?tab=versions`, 'Stored'],
      [`${HOUSEHOLDS}?tab=devices`, 'Valid until'],
      [`${HOUSEHOLDS}?tab=sheet`, 'No live sheet'],
      [`${HOUSEHOLDS}?tab=settings`, 'Definition'],
    ];
    for (const [address, words] of parts) {
      await page.goto(`${stack.url}/console/#${address}`);
      await page.getByRole('main').getByText(words).first().waitFor();
      expect([address, await faultsOfLook(page)]).toEqual([address, []]);
    }
  });
});
