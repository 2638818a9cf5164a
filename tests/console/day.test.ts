/**
 * A day with Collect, from the upload of a form to the overview in the evening, in two browsers: the manager's and the
 * collector's. SCREENSHOTS=docs/pictures writes the pictures of README and the documents.
 */
import path from 'node:path';
import type { Page } from 'playwright-core';
import { correctHousehold, generateHouseholds } from '../../demo/households.ts';
import { complaintsOf, describeInBrowser, startBrowser, type Browser } from '../support/browser.ts';
import { manage } from '../support/collector.ts';
import { openConsole } from '../support/console-page.ts';
import { eventually } from '../support/fixture.ts';
import { Phone } from '../support/form-page.ts';
import { TestReceiver } from '../support/receiver.ts';
import { sampleXform } from '../support/sample-xform.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const { SCREENSHOTS: pictures } = process.env;

const FORM = 'water_points';
/** A form with many responses, for pictures. */
const FULL_FORM = 'household_finances';
/** A flagged response of that form. */
const FLAGGED = 'demo-000016';
const DEPTH = 'How deep is the well?';
const TAB = 'Water points';

describeInBrowser('on a day with Collect,', () => {
  let stack: TestStack;
  let receiver: TestReceiver;
  let browser: Browser;
  let desk: Page;
  let complaints: string[];
  let phone: Phone;

  beforeAll(async () => {
    stack = await startTestStack();
    await fillFullForm();
    receiver = await TestReceiver.start();
    browser = await startBrowser({ width: 1280, height: 800 });
    desk = await openConsole(browser.context, stack.url, stack.tokens.manager, '/overview');
    complaints = complaintsOf(desk, [stack.url]);
    // The router sees no change of the address before its first page is shown.
    await desk.getByRole('heading', { name: 'Overview' }).waitFor();
  });
  afterAll(async () => {
    await phone?.close();
    await browser?.close();
    await receiver?.stop();
    await stack?.stop();
  });

  /** Some of the flagged responses are corrected, and one is returned. */
  async function fillFullForm(): Promise<void> {
    const households = [...generateHouseholds(300, 2026)];
    const reply = await manage(stack, 'POST', '/collect/batch', households);
    const { results }: { results: Item[] } = JSON.parse(await reply.text());
    const wrong = new Set(results.flatMap(({ status, response_id: id }) => (status === 'flagged' ? [id] : [])));
    wrong.delete(FLAGGED);
    const corrected = households.filter((each) => wrong.has(String(each['response_id']))).slice(0, 24);
    await manage(stack, 'POST', '/collect/batch', corrected.map(correctHousehold));
    const text = 'Which of the four amounts is it? Ask again, please.';
    await manage(stack, 'POST', `/responses/${FLAGGED}/reviews`, { action: 'return', revision: 1, text });
  }

  const go = (address: string) => desk.goto(`${stack.url}/console/#${address}`);
  const button = (name: string | RegExp) => desk.getByRole('button', { name });
  const sees = (text: string | RegExp) => desk.getByText(text).first().waitFor();

  async function takePicture(page: Page, name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: path.join(pictures, `${name}.png`) });
  }

  interface Item {
    response_id: string;
    status: string;
    revision: number;
    response: Record<string, string | number>;
  }

  /** The stored responses, oldest first. */
  async function stored(): Promise<Item[]> {
    const reply = await manage(stack, 'GET', `/responses?form_id=${FORM}`);
    const { items }: { items: Item[] } = JSON.parse(await reply.text());
    return items;
  }

  const statuses = async (): Promise<[number, string, number][]> =>
    (await stored()).map(({ response, status, revision }) => [Number(response['depth']), status, revision]);

  /** Fills in the open form, and sends it. */
  async function send(depth: string, outcome: string): Promise<void> {
    await phone.answer({ [DEPTH]: depth });
    await phone.send();
    await phone.heading(outcome).waitFor();
  }

  test('the manager uploads a form', async () => {
    await go('/forms');
    await button('Upload a form').click();
    const buffer = Buffer.from(sampleXform());
    await desk.getByLabel(/XLSForm/).setInputFiles({ name: 'water_points.xml', mimeType: 'text/xml', buffer });
    await sees(DEPTH);
    await button('Create version').click();

    await sees(`${FORM} is stored.`);
    await sees('The form names no pictures, sounds or lists.');
  });

  /** Builds a rule, tries it, and publishes it. */
  async function publishRule(limit: string): Promise<void> {
    await desk.getByLabel('Value', { exact: true }).fill(limit);
    await desk.getByLabel('Message to the collector').fill(`A well is at least ${limit} m deep. Measure again.`);
    await button('Try').click();
    await desk.getByRole('heading', { name: /^Would flag/ }).waitFor();
    await button('Publish').click();
  }

  test('the manager writes a rule without JSON', async () => {
    await go(`/forms/${FORM}?tab=rules`);
    await button('New rule').click();
    await desk.getByLabel('Name of the rule').fill('Shallow');
    await desk.getByLabel('What is compared').selectOption({ label: DEPTH });
    await desk.getByLabel('Comparison').selectOption({ label: 'is less than' });

    await publishRule('5');

    await sees(/is published/);
  });

  test('the manager starts a live sheet and a webhook for the form', async () => {
    await go(`/forms/${FORM}?tab=sheet`);
    await desk.getByLabel('Spreadsheet').fill(stack.sheets.defaultSpreadsheetId);
    await desk.getByLabel('Tab').fill(TAB);
    await button('Start').click();
    await desk.getByRole('heading', { name: /Starting|In step/ }).waitFor();
    await go('/people?tab=webhooks');
    await button('New webhook').click();
    await desk.getByLabel('Address of the receiver').fill(receiver.url());
    await button('Create').click();

    await sees('It is shown only now.');
  });

  test('the manager makes a code for a phone, and its link opens the form page', async () => {
    await go('/people');
    await button('New device').click();
    await desk.getByLabel('Collector', { exact: true }).fill('ama');
    await button('Make a code').click();
    await desk.getByRole('img', { name: 'QR code for ama' }).waitFor();
    const link = await desk.getByRole('link', { name: 'The form page of ama' }).getAttribute('href');

    phone = await Phone.open(stack.url, `#${String(link).split('#')[1]}`);
    await phone.page.getByRole('link', { name: 'Water points' }).waitFor();
  });

  test('the collector sends three responses; one is flagged beside its question, and corrected immediately', async () => {
    await phone.openForm('Water points');
    await send('12', '✓ Accepted');
    await phone.page.getByRole('button', { name: 'Fill in another one' }).click();
    await send('8', '✓ Accepted');
    await phone.page.getByRole('button', { name: 'Fill in another one' }).click();
    await send('3', '⚑ Please check');
    await phone.question(DEPTH).getByText('A well is at least 5 m deep.').waitFor();
    await takePicture(phone.page, 'form-page');

    await send('30', '✓ Accepted');
    expect(await statuses()).toEqual([
      [12, 'accepted', 1],
      [8, 'accepted', 1],
      [30, 'accepted', 2],
    ]);
  });

  test('the manager returns a response with a comment, and the collector corrects it', async () => {
    const [first] = await stored();
    await go(`/responses/${encodeURIComponent(first?.response_id ?? '')}?form=${FORM}`);
    await button('Return').first().click();
    await desk.getByLabel('What should ama do?').fill('Was this measured from the rim?');
    await button(/^Return .+/).click();
    // Leaving the page sends the decision immediately.
    await go('/responses?status=returned');
    await desk.reload();
    await eventually(async () => (await statuses())[0]?.[1] === 'returned');

    await phone.goto('');
    await phone.heading('To correct (1)').waitFor();
    await phone.page.getByRole('link', { name: 'Correct' }).click();
    await phone.page.getByText('Was this measured from the rim?').waitFor();
    await send('11', '✓ Accepted');
    expect((await statuses())[0]).toEqual([11, 'accepted', 2]);
  });

  test('the manager approves a response', async () => {
    const [first] = await stored();
    await go(`/responses/${encodeURIComponent(first?.response_id ?? '')}?form=${FORM}`);
    await button('Approve').click();
    await desk.reload();
    await desk.getByRole('heading').first().waitFor();

    await eventually(async () => (await statuses())[0]?.[1] === 'approved');
  });

  test('the manager tightens the rule after a dry run, and judges the stored responses again', async () => {
    await go(`/forms/${FORM}?tab=rules&edit=Shallow`);
    await publishRule('10');
    await sees(/is published/);
    await button(/^Re-judge the/).click();
    await sees(/Done: 3 checked/);

    expect(await statuses()).toEqual([
      [11, 'approved', 2],
      [8, 'flagged', 2],
      [30, 'accepted', 2],
    ]);
  });

  test('the sheet and the webhook receiver are up to date without an export', async () => {
    await eventually(() => {
      const [, ...rows] = stack.sheets.readTab(stack.sheets.defaultSpreadsheetId, TAB);
      const text = JSON.stringify(rows);
      return rows.length === 3 && ['approved', 'flagged', 'accepted'].every((status) => text.includes(status));
    });
    const told = await eventually(() => {
      const types = new Set(receiver.received.map(({ body }) => body['type']));
      return types.size === 3 && types;
    });
    expect(told).toEqual(new Set(['flagged', 'corrected', 'reviewed']));
  });

  test('the overview shows the day', async () => {
    await go(`/overview?form=${FORM}`);
    await desk.reload();
    await sees(/3\s*received/);
    await desk.getByRole('link', { name: 'ama' }).first().waitFor();

    await go(`/overview?form=${FULL_FORM}`);
    await sees(/300\s*received/);
    await takePicture(desk, 'overview');
    await go(`/responses/${FLAGGED}?form=${FULL_FORM}`);
    await sees('Expenditure includes all four');
    await sees('Which of the four amounts is it?');
    await takePicture(desk, 'response');
    expect([...complaints, ...phone.complaints]).toEqual([]);
  });
});
