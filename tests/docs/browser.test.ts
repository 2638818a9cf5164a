/** Swagger UI in a real browser, against the whole application. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { startTestStack, type RunningStack } from '../support/running-stack.ts';

/** Debian's; `apt-get install chromium`. */
const CHROMIUM = '/usr/bin/chromium';

const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

if (existsSync(CHROMIUM))
  describe('GET /docs in a browser', () => {
    inBrowser();
  });
else test(`GET /docs in a browser is passed over: there is no ${CHROMIUM}`, () => expect.assertions(0));

function inBrowser(): void {
  let stack: RunningStack;
  let profile: string;
  let browser: BrowserContext;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    stack = await startTestStack();
    profile = mkdtempSync(path.join(tmpdir(), 'collect-chromium-'));
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      headless: true,
      args: FLAGS.split(' '),
      viewport: { width: 1280, height: 1000 },
    });
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await stack.stop();
    rmSync(profile, { recursive: true, force: true });
  });

  beforeEach(async () => {
    complaints = [];
    page = await browser.newPage();
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${stack.url}/`) && !/^(data|about):/.test(url)) complaints.push(`a request to ${url}`);
    });
    await openDocs();
  });

  afterEach(async () => {
    await page.close();
  });

  async function openDocs(): Promise<void> {
    // From another page: the address of an operation that is open would only move within this one.
    await page.goto('about:blank');
    await page.goto(`${stack.url}/docs`);
    await page.locator('#operations-forms-listForms').waitFor();
  }

  /**
   * Opens an operation, fills in what is given, and executes it.
   *
   * @param id of the tag and the operation, with a - between them
   * @returns the status and the body that Swagger UI shows
   */
  async function tryOut(id: string, { example, file }: { example?: string; file?: string } = {}) {
    const operation = page.locator(`#operations-${id}`);
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    const requestBody = operation.locator('.opblock-section-request-body');
    if (example !== undefined) await requestBody.locator('.examples-select-element').selectOption(example);
    if (file !== undefined) await requestBody.locator('input[type=file]').setInputFiles(file);
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answer = operation.locator('.live-responses-table tbody tr').first();
    const body = answer.locator('.highlight-code').first();
    await body.waitFor();
    return { status: await answer.locator('.response-col_status').innerText(), body: await body.innerText() };
  }

  test('shows every Lambda, from this server alone and without complaint', async () => {
    const tags = await page.locator('.opblock-tag').allInnerTexts();

    const names = tags.map((tag) => tag.split(/\s/)[0]);
    expect(names.join(' ')).toBe('collect responses forms exports tasks metrics hello calculation docs');
    expect(complaints).toEqual([]);
  });

  test('tries out GET /forms', async () => {
    const { status, body } = await tryOut('forms-listForms');

    expect(status).toBe('200');
    expect(body).toContain('household_finances');
    expect(complaints).toEqual([]);
  });

  test('tries out POST /collect with an example, and again', async () => {
    const first = await tryOut('collect-collect', { example: 'flagged' });

    expect(first.status).toBe('201');
    expect(first.body).toContain('"status": "flagged"');
    await openDocs();
    expect(await tryOut('collect-collect', { example: 'flagged' })).toEqual({ status: '200', body: first.body });
    expect(complaints).toEqual([]);
  });

  test('tries out a response that is refused, and shows why', async () => {
    const { status, body } = await tryOut('collect-collect', { example: 'invalid' });

    expect(status).toMatch(/^422/);
    expect(body).toContain('urn:collect:problem:invalid-response');
    // Chromium itself notes every answer of 400 and more.
    expect(complaints).toEqual([expect.stringContaining('status of 422')]);
  });

  test('tries out an upload', async () => {
    const file = path.join(profile, 'tasks.csv');
    writeFileSync(
      file,
      'task_owner,email,company_name,task_date,task_description,task_status\nAma,ama@example.org,Harvest,2026-09-01,Call,IN_REVIEW\n',
    );

    const { status, body } = await tryOut('tasks-uploadTasks', { file });

    expect([status, body]).toEqual(['200', expect.stringContaining('"created": 1')]);
    expect(complaints).toEqual([]);
  });
}
