/** Posts, corrects and exports the 1,000 households of shared/data through the whole stack, also during faults. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Column } from '../../db-proxy-lambda/contract.ts';
import { postBatch, postResponse, type Result } from '../../demo/client.ts';
import { runExport, type ExportStatus } from '../../ops/run-export.ts';
import { eventually } from '../support/fixture.ts';
import { createStackDatabase, type TestDatabase } from '../support/databases.ts';
import { asSheetCell, readCsv, readTab, TABLE } from '../support/exports.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

type Household = Record<string, string | number>;

const FILE = path.resolve(process.cwd(), '../shared/data/households/responses.ndjson');
/** The columns that Collect adds to a row, except `saved_at`, whose value is not predictable. */
const STATE = ['revision', 'status', 'flags', 'form_version'];

function acceptance(): void {
  let database: TestDatabase;
  let stack: TestStack;
  /** The last posted household of each id, and the reply to it, in order of arrival. */
  let posted: Map<string, { household: Household; result: Result }>;

  beforeAll(async () => {
    database = await createStackDatabase();
    stack = await startTestStack({
      databaseUrl: database.url,
      functionEnvironment: { EXPORT_LEASE_SECONDS: '2' },
    });
    const lines = readFileSync(FILE, 'utf8').trim().split('\n');
    const { results } = await postBatch(api(), lines);
    posted = new Map(
      results.map((result, index) => {
        const household: Household = JSON.parse(lines[index] ?? '');
        return [String(household['response_id']), { household, result }];
      }),
    );
  });
  afterEach(() => stack.sheets.faults.clear());
  afterAll(async () => {
    await stack.stop();
    await database.drop();
  });

  const api = () => ({ url: stack.url, token: stack.tokens.manager });
  const authorization = () => ({ authorization: `Bearer ${api().token}` });

  async function exportTable(request: object = {}): Promise<{ ended: ExportStatus; file: Buffer }> {
    const ended = await runExport(stack.url, stack.tokens.manager, { table_name: TABLE, ...request });
    return { ended, file: await download(ended) };
  }

  async function download({ csv }: ExportStatus): Promise<Buffer> {
    const reply = await fetch(csv?.url ?? '');
    expect(reply.status).toBe(200);
    return Buffer.from(await reply.arrayBuffer());
  }

  async function columns(): Promise<Column[]> {
    const reply = await fetch(`${stack.url}/tables`, { headers: authorization() });
    const { items } = (await reply.json()) as { items: { name: string; columns: Column[] }[] };
    return items.find(({ name }) => name === TABLE)?.columns ?? [];
  }

  /** The expected cells of the sheet. */
  async function asSheet(file: Buffer): Promise<(string | number)[][]> {
    const types = (await columns()).map(({ type }) => type);
    const [header = [], ...rows] = readCsv(file);
    return [header, ...rows.map((row) => row.map((cell, index) => asSheetCell(cell, types[index] ?? 'text')))];
  }

  /** The expected CSV cells of a response, by column. */
  function expectedCells({ household, result }: { household: Household; result: Result }): Record<string, string> {
    const guarded = (value: string | number) =>
      typeof value === 'string' && /^[=+\-@\t\r]/.test(value) && !/^-\d/.test(value) ? `'${value}` : String(value);
    return {
      ...Object.fromEntries(Object.entries(household).map(([key, value]) => [key, guarded(value)])),
      revision: String(result.revision),
      status: result.status,
      flags: (result.flags ?? []).map(({ rule }) => rule).join(', '),
      form_version: '1',
    };
  }

  /** A correction: the same household, saved later, with other savings. */
  async function correct(id: string, savings: string): Promise<void> {
    const before = posted.get(id);
    if (before === undefined) throw new Error(`${id} was not posted.`);
    const at = new Date(Date.parse(String(before.household['last_modified_time'])) + 3_600_000).toISOString();
    const household = { ...before.household, last_modified_time: at, 'what is the monthly savings?': savings };
    posted.set(id, { household, result: await postResponse(api(), household) });
  }

  test('the CSV holds the posted responses, and the sheet equals the CSV', async () => {
    const { ended, file } = await exportTable();

    const [header = [], ...rows] = readCsv(file);
    const read = rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]])));
    expect(ended).toMatchObject({ status: 'succeeded', rows_total: 1_000, rows_done: 1_000, error: null });
    expect(ended.csv).toMatchObject({ rows: 1_000, bytes: file.length });
    expect(ended.csv?.sha256).toBe(createHash('sha256').update(file).digest('hex'));
    expect(header).toEqual((await columns()).map(({ name }) => name));
    expect(read.map(({ saved_at: _saved, ...cells }) => cells)).toEqual([...posted.values()].map(expectedCells));
    expect(read.every(({ saved_at: saved }) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(saved ?? ''))).toBe(true);
    expect(readTab(stack.sheets, TABLE)).toEqual(await asSheet(file));
  });

  test('a second export gives the same bytes and leaves the sheet unchanged', async () => {
    const first = await exportTable();
    const sheet = readTab(stack.sheets, TABLE);

    const second = await exportTable();

    expect(second.ended.export_id).not.toBe(first.ended.export_id);
    expect(second.ended.csv?.sha256).toBe(first.ended.csv?.sha256);
    expect(second.file.equals(first.file)).toBe(true);
    expect(readTab(stack.sheets, TABLE)).toEqual(sheet);
    expect(second.ended.sheet?.url).toBe(first.ended.sheet?.url);
  });

  test('ten corrections change exactly ten rows and move none', async () => {
    const before = readCsv((await exportTable()).file);
    const ids = [...posted.keys()].filter((_id, index) => index % 97 === 5).slice(0, 10);
    for (const id of ids) await correct(id, '0.07');

    const { file } = await exportTable();

    const after = readCsv(file);
    expect(ids).toHaveLength(10);
    expect(after.map(([id]) => id)).toEqual(before.map(([id]) => id));
    const changed = after.filter((row, index) => row.join('\n') !== before[index]?.join('\n'));
    expect(changed.map(([id]) => id)).toEqual(ids);
    const savings = after[0]?.indexOf('what is the monthly savings?') ?? -1;
    expect(changed.map((row) => row[savings])).toEqual(ids.map(() => '0.07'));
    const revision = after[0]?.indexOf(STATE[0] ?? '') ?? -1;
    expect(changed.every((row) => Number(row[revision]) >= 2)).toBe(true);
    expect(readTab(stack.sheets, TABLE)).toEqual(await asSheet(file));
  });

  test('an export completes although a third of Google’s replies are 429 and 503 and its worker is killed', async () => {
    const { host } = stack;
    const before = stack.sheets.requests.length;
    stack.sheets.faults.fail({ every: 3, status: [429, 503] });
    // Delays the first write to the sheet, so that the worker is killed after the CSV and before the end of the sheet.
    stack.sheets.faults.fail({ next: 1, on: 'write', delayMilliseconds: 3_000 });
    const accepted = await fetch(`${host.url}/google-sheet`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization() },
      body: JSON.stringify({ table_name: TABLE }),
    });
    const { export_id: exportId } = (await accepted.json()) as { export_id: string };
    const status = async (): Promise<ExportStatus> =>
      (await fetch(`${host.url}/exports/${exportId}`, { headers: authorization() })).json() as never;
    const nameOf = (id: string) => host.model.functions.find((fn) => fn.id.endsWith(id))?.name ?? '';

    await eventually(() =>
      stack.sheets.requests.slice(before).some((request) => request.method === 'GET' && request.status === 200),
    );
    await host.functions.kill(nameOf('SheetsFunction'));
    const afterDeath = await status();
    await eventually(async () => {
      // In AWS a schedule invokes the sweep every minute.
      const input = { queued_before: '2020-01-01T00:00:00.000Z' };
      const payload = Buffer.from(JSON.stringify({ operation: 'listStalledExports', input }));
      const { payload: reply } = await host.functions.invoke(nameOf('DbProxyFunction'), payload);
      return reply.includes(exportId);
    });
    const { isFunctionError } = await host.functions.invoke(nameOf('SweepFunction'), Buffer.from('{}'));
    const ended = await eventually(async () => {
      const now = await status();
      return now.status !== 'running' && now.status !== 'queued' && now;
    });

    stack.sheets.faults.clear();
    expect(afterDeath.status).toBe('running');
    expect(isFunctionError).toBe(false);
    expect(ended).toMatchObject({ status: 'succeeded', rows_done: 1_000, error: null });
    const file = await download(ended);
    expect(ended.csv?.sha256).toBe(createHash('sha256').update(file).digest('hex'));
    expect(readCsv(file)).toHaveLength(1_001);
    expect(readTab(stack.sheets, TABLE)).toEqual(await asSheet(file));
    const statuses = new Set(stack.sheets.requests.slice(before).map((request) => request.status));
    expect([...statuses].some((each) => each === 429 || each === 503)).toBe(true);
  });

  test('the sheet’s link opens a page with its tab', async () => {
    const { ended } = await exportTable();

    const [address = '', fragment = ''] = ended.sheet?.url.split('#') ?? [];
    const html = await (await fetch(address)).text();

    expect(html).toContain(`<section id="${fragment}">\n<h2>${TABLE}</h2>`);
  });

  test('npm run export downloads the CSV', async () => {
    const folder = path.join(stack.home, 'downloads');

    const { code, stdout } = await runCommand(['--to', folder], stack.home);

    const file = readFileSync(path.join(folder, `${TABLE}.csv`));
    const sha256 = createHash('sha256').update(file).digest('hex');
    expect(code).toBe(0);
    expect(readCsv(file)).toHaveLength(1_001);
    expect(stdout).toContain(`1000 rows, ${file.length} bytes`);
    expect(stdout).toContain(sha256);
    expect(stdout).toMatch(/1000 rows in the sheet http:\S+#gid=\d+/);
  });
}

/** Runs `npm run export -- household_finances` with this home. */
async function runCommand(
  options: readonly string[],
  home: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = ['local/preflight.mjs', 'ops/export.ts', TABLE, ...options];
  const env = { PATH: process.env['PATH'], COLLECT_HOME: home };
  return promisify(execFile)(process.execPath, command, { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
}

describe('npm run export without a stack', () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'collect-exports-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  test('prints that no stack is running', async () => {
    const { code, stdout, stderr } = await runCommand([], home);

    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe('No stack is running here: start one with npm start, or name a deployed one.\n');
  });

  test('prints that no stack replies if the last stack was stopped', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    writeFileSync(path.join(home, 'stack.json'), JSON.stringify({ api: `http://127.0.0.1:${port}`, lambda: '' }));

    const { code, stderr } = await runCommand([], home);

    expect(code).toBe(1);
    expect(stderr).toBe('No stack replies at this address: start one with npm start.\n');
  });
});

if (existsSync(FILE)) {
  describe('the households of shared/data', () => {
    acceptance();
  });
} else {
  test(`SKIPPED: no households are exported, because ${FILE} is missing`, () => {
    expect(existsSync(FILE)).toBe(false);
  });
}
