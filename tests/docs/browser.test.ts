/** Swagger UI in a real browser, against the whole application. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { parseJson } from '../../forms/values/json.ts';
import type { OpenapiDocument } from '../../openapi/openapi.ts';
import { isRecord } from '../../local/template/values.ts';
import { complaintsOf, describeInBrowser, startBrowser, type Browser } from '../support/browser.ts';
import { httpEventFile } from '../support/event-file.ts';
import { sampleXform } from '../support/sample-xform.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';
import { createFaultFinder, excerptOf, findOperation, mediaTypeOf, operationsOf, type Reply } from './documented.ts';
import { requestOf, tryOutsOf, TEST_WEBHOOK, type ExampleRequest, type Filled, type TryOut } from './try-outs.ts';

/** Evaluated in the page: whether the image of the reply is drawn. */
const IS_SEEN = `document.querySelector('.live-responses-table img')?.naturalWidth > 0`;

describeInBrowser('GET /docs in a browser', () => {
  let stack: TestStack;
  /** For files that are uploaded. */
  let folder: string;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let document: OpenapiDocument;
  let findFaults: ReturnType<typeof createFaultFinder>;

  beforeAll(async () => {
    stack = await startTestStack();
    document = JSON.parse(await (await fetch(`${stack.url}/openapi.json`)).text());
    findFaults = createFaultFinder(document);
    const rows = Buffer.from(JSON.stringify(httpEventFile('metrics-ingest', 'rows')));
    const ingest = stack.host.model.functions.find(({ id }) => id === 'MetricsIngestFunction')?.name ?? '';
    await stack.host.functions.invoke(ingest, rows);
    folder = mkdtempSync(path.join(tmpdir(), 'collect-docs-'));
    browser = await startBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    page = await browser.context.newPage();
    complaints = complaintsOf(page, [stack.url]);
  });

  afterEach(async () => {
    await page.close();
  });

  async function openDocs(): Promise<void> {
    // Leaves the page first. Otherwise the browser would only scroll if the address has the fragment of an operation.
    await page.goto('about:blank');
    await page.goto(`${stack.url}/docs`);
    await page.locator('.opblock').last().waitFor();
  }

  /** Opens the page with only these operations, which makes each press several times faster. */
  async function openDocsOf(operationIds: readonly string[]): Promise<void> {
    const json = excerptOf(document, new Set(operationIds));
    await page.route('**/openapi.json', (route) => route.fulfill({ json }));
    await openDocs();
  }

  /** Enters a token in the dialog, as a reader does. */
  async function logIn(token: string): Promise<void> {
    await page.locator('.btn.authorize').click();
    const dialog = page.locator('.dialog-ux');
    await dialog.getByRole('textbox').fill(token);
    await dialog.getByRole('button', { name: 'Apply credentials' }).click();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
  }

  /** Leaves one tag open, because every change makes Swagger UI draw all operations of open tags. */
  async function openOnly(tag: string): Promise<void> {
    for (const heading of await page.locator('h3.opblock-tag').all()) {
      const isOpen = (await heading.getAttribute('data-is-open')) === 'true';
      if (isOpen !== ((await heading.getAttribute('data-tag')) === tag)) await pressUnseen(heading);
    }
  }

  /**
   * Opens an operation, fills in its fields, executes it, and closes it.
   *
   * @returns the status and the body that Swagger UI shows, the request, and the reply
   */
  async function tryOut(operationId: string, filled: Filled = {}, press = click): Promise<TriedOut> {
    const [tag = ''] = findOperation(document, operationId).operation.tags;
    await openOnly(tag);
    const block = page.locator(`#operations-${tag}-${operationId}`);
    await press(block.locator('.opblock-summary-control'));
    await press(block.getByRole('button', { name: 'Try it out' }));
    for (const [name, value] of Object.entries(filled.parameters ?? {}))
      await block.locator(`tr[data-param-name="${name}"] input`).fill(value);
    for (const [name, choice] of Object.entries(filled.choices ?? {}))
      await block.locator(`tr[data-param-name="${name}"] .examples-select-element`).selectOption(choice);
    const requestBody = block.locator('.opblock-section-request-body');
    const { example, file } = filled;
    if (example !== undefined) await requestBody.locator('.examples-select-element').selectOption(example);
    if (file !== undefined) await requestBody.locator('input[type=file]').setInputFiles(file);
    const replying = page.waitForResponse((response) => response.request().resourceType() === 'fetch');
    await press(block.getByRole('button', { name: 'Execute' }));
    const reply = await replying;
    const headers = new Headers(await reply.allHeaders());
    const shown = block.locator('.live-responses-table tbody tr').first();
    const status = await shown.locator('.response-col_status').innerText();
    if (mediaTypeOf(headers).startsWith('image/')) await page.waitForFunction(IS_SEEN);
    const body = shown.locator('.highlight-code pre').first();
    // Chromium drops the reply to a request whose whole body is a file.
    const text = await reply.text().catch(async () => (await body.textContent()) ?? '');
    const tried = {
      status: Number.parseInt(status, 10),
      body: text === '' ? '' : ((await body.textContent()) ?? ''),
      url: reply.url(),
      sent: file === undefined ? (reply.request().postData() ?? undefined) : undefined,
      reply: { status: reply.status(), headers, text },
    };
    await press(block.locator('.opblock-summary-control'));
    return tried;
  }

  test('shows every Lambda and operation, also on a phone, loads only from this server and logs no error', async () => {
    await openDocs();
    const tags = await page.locator('.opblock-tag').allInnerTexts();
    const blocks = await page.evaluate<string[]>(`[...document.querySelectorAll('.opblock')].map(({ id }) => id)`);

    const operations = operationsOf(document).map(({ operation }) => operation);
    const names = tags.map((tag) => tag.split(/\s/)[0]);
    expect(names).toEqual([...new Set(operations.flatMap((operation) => operation.tags))]);
    expect(names.length).toBeGreaterThan(9);
    const ids = operations.map(({ operationId, tags: [tag = ''] }) => `operations-${tag}-${operationId}`);
    expect(blocks.toSorted()).toEqual(ids.toSorted());
    expect(await tryOut('welcome')).toMatchObject({ status: 200 });
    expect(complaints).toEqual([]);

    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(360);
  });

  test('sends a token until the reader leaves the page, and shows why a response was refused', async () => {
    await openDocsOf(['listForms', 'collect']);
    await logIn(stack.tokens.collector);

    expect(await tryOut('listForms')).toMatchObject({
      status: 200,
      body: expect.stringContaining('household_finances'),
    });
    expect(complaints).toEqual([]);

    expect(await tryOut('collect', { example: 'invalid' })).toMatchObject({
      status: 422,
      body: expect.stringContaining('urn:collect:problem:invalid-response'),
    });
    // Chromium logs every reply with a status of 400 or more.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('status of 422')]);

    await openDocs();
    expect(await tryOut('listForms')).toMatchObject({ status: 401, body: expect.stringContaining('Unauthorized') });
    expect(complaints).toEqual([expect.stringContaining('status of 401')]);
  });

  test('shows the replies of each kind of operation, and every operation replies to its examples as documented', async () => {
    const made = new Map<string, string>();
    remember(TEST_WEBHOOK, (await sendDirectly(TEST_WEBHOOK.request)).text, made);
    const actual: unknown[] = [];

    const tryOuts = tryOutsOf(document);
    await openDocsOf(tryOuts.filter(({ onPage }) => onPage).map(({ operationId }) => operationId));
    await logIn(stack.tokens.manager);
    for (const { operationId, onPage, ...tryingOut } of tryOuts) {
      const filled = filledIn(tryingOut, made);
      const request = requestOf(document, operationId, filled);
      let reply: Reply;
      let faults: string[] = [];
      if (onPage || request === undefined) {
        const tried = await tryOut(operationId, filled, pressUnseen);
        ({ reply } = tried);
        faults = await pageFaultsOf(operationId, tried, request);
      } else reply = await sendDirectly(request);
      remember(tryingOut, reply.text, made);
      actual.push([operationId, reply.status, [...faults, ...findFaults(operationId, reply)]]);
    }

    expect(actual).toEqual(tryOuts.map(({ operationId, status }) => [operationId, status, []]));
    expect(complaints).toEqual([]);
  }, 300_000);

  function filledIn({ example, choices = {}, parameters, uploads }: TryOut, made: ReadonlyMap<string, string>): Filled {
    return {
      parameters: parameters?.(made) ?? {},
      choices,
      ...(example !== undefined && { example }),
      ...(uploads !== undefined && { file: fileNamed(uploads) }),
    };
  }

  async function sendDirectly({ path: target, headers, ...init }: ExampleRequest): Promise<Reply> {
    const authorization = `Bearer ${stack.tokens.manager}`;
    const reply = await fetch(`${stack.url}${target}`, { ...init, headers: { ...headers, authorization } });
    return { status: reply.status, headers: reply.headers, text: await reply.text() };
  }

  /** Writes a file to disk. @returns its path */
  function fileNamed(name: NonNullable<TryOut['uploads']>): string {
    const { requestBody } = findOperation(document, 'uploadTasks').operation;
    const { value } = requestBody?.content['multipart/form-data']?.examples?.['upload-tasks'] ?? {};
    const tasks = isRecord(value) ? String(value['file']) : '';
    const file = path.join(folder, name);
    writeFileSync(file, name === 'tasks.csv' ? tasks : sampleXform({ version: 'page' }));
    return file;
  }

  /** Compares the page with the reply, the request with the examples, and the reply with that to a direct request. */
  async function pageFaultsOf(operationId: string, tried: TriedOut, request?: ExampleRequest): Promise<string[]> {
    const { status, body, reply } = tried;
    const sent = sentParts(tried.url, tried.sent);
    const expected = request === undefined ? sent : sentParts(stack.url + request.path, request.body);
    const direct = request?.method === 'GET' ? await sendDirectly(request) : reply;
    const [type, directType] = [mediaTypeOf(reply.headers), mediaTypeOf(direct.headers)];
    return [
      ...(status === reply.status ? [] : [`the reply's status is ${reply.status}`]),
      ...(shows(body, reply) ? [] : [`the page shows another body: ${body.slice(0, 200)}`]),
      ...(isDeepStrictEqual(sent, expected) ? [] : [`the page sends ${JSON.stringify(sent)}`]),
      ...(direct.status === reply.status ? [] : [`${direct.status} without a page`]),
      ...(directType === type ? [] : [`${directType} without a page`]),
      ...findFaults(operationId, direct).map((fault) => `${fault} without a page`),
    ];
  }
});

type Press = (control: Locator) => Promise<void>;

/** Clicks as a reader does. Playwright waits until the control is drawn, stable and not covered. */
const click: Press = (control) => control.click();
/** Clicks without scrolling and drawing, which halves the browser's CPU time. */
const pressUnseen: Press = async (control) => {
  // Moves the focus out of the last field. Otherwise Swagger UI reads the field half a second later.
  await control.focus();
  await control.dispatchEvent('click');
};

interface TriedOut {
  /** The status and the body as the page shows them. */
  status: number;
  body: string;
  /** The request's URL, and its body unless that is a file. */
  url: string;
  sent: string | undefined;
  /** The reply as the server sent it. */
  reply: Reply;
}

/** Whether the page shows a body unchanged, or reformatted if it is JSON or XML. */
function shows(body: string, { headers, text }: Reply): boolean {
  if (mediaTypeOf(headers).endsWith('json')) return isDeepStrictEqual(JSON.parse(body), JSON.parse(text));
  return withoutBlanks(body) === withoutBlanks(text);
}

/** A request's parts, normalized so that two spellings of the same request are equal. */
function sentParts(address: string, body: string | undefined): unknown {
  const { pathname, searchParams } = new URL(address);
  searchParams.sort();
  const json = body === undefined ? undefined : parseJson(body);
  return [pathname, [...searchParams], json?.ok === true ? json.value : body];
}

const withoutBlanks = (text: string): string => text.replaceAll(/\s+/g, '');

function remember({ makes }: TryOut, text: string, made: Map<string, string>): void {
  if (makes === undefined) return;
  const { [makes.member]: value }: Record<string, unknown> = JSON.parse(text);
  made.set(makes.name, String(value));
}
