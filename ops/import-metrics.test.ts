import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { createHandler } from '../collect-lambdas/metrics-ingest/handler.ts';
import { InProcessProxy, LAMBDA_PAYLOAD_BYTES } from '../tests/support/in-process-proxy.ts';
import { apiRow } from '../tests/support/metrics.ts';
import { portOf } from '../tests/support/port-of.ts';
import { RecordingLogger } from '../tests/support/recording-logger.ts';
import { sampleMetrics } from './sample-metrics.ts';

/** A fake of Lambda's Invoke API that calls the ingest function, as in the local stack. */
async function startInvokeApi(
  proxy: InProcessProxy,
): Promise<{ server: Server; calls: { name: string; bytes: number }[] }> {
  const handler = createHandler({
    dbProxy: proxy,
    logger: new RecordingLogger(),
    hungerMap: { url: 'http://127.0.0.1:1', token: '' },
    countries: [],
    readObject: () => Promise.reject(new Error('There is no S3 here.')),
    now: Date.now,
    wait: () => Promise.resolve(),
  });
  const calls: { name: string; bytes: number }[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const payload = await buffer(request);
    calls.push({ name: /functions\/([^/]+)\/invocations/.exec(request.url ?? '')?.[1] ?? '', bytes: payload.length });
    try {
      response.end(JSON.stringify(await handler(JSON.parse(payload.toString()))));
    } catch (error) {
      response.setHeader('x-amz-function-error', 'Unhandled');
      response.end(JSON.stringify({ errorMessage: error instanceof Error ? error.message : '' }));
    }
  };
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, calls };
}

describe('import-metrics', () => {
  let proxy: InProcessProxy;
  let server: Server;
  let calls: { name: string; bytes: number }[];
  let home: string;
  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'collect-import-'));
    proxy = await InProcessProxy.start('sqlite');
    ({ server, calls } = await startInvokeApi(proxy));
    writeFileSync(
      path.join(home, 'stack.json'),
      JSON.stringify({ api: '', lambda: `http://127.0.0.1:${portOf(server)}` }),
    );
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await proxy.stop();
    rmSync(home, { recursive: true, force: true });
  });

  function write(name: string, content: unknown): string {
    const file = path.join(home, name);
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  async function run(...options: string[]): Promise<{ code: unknown; out: string; err: string }> {
    const env = { ...process.env, COLLECT_HOME: home };
    const child = spawn(process.execPath, ['ops/import-metrics.ts', ...options], { env });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code, out, err };
  }

  test('sends files in both formats to the local stack, and prints the counts', async () => {
    const list = write('list.json', [apiRow({ id: 1 }), apiRow({ id: 2, metrics: {} })]);
    const reply = write('reply.json', { statusCode: '200', body: [apiRow({ id: 1 })] });

    const { code, out } = await run(list, reply);

    expect(out.split('\n')).toEqual([
      `${list}: 2 rows, 0 rejected; 1 values saved, 0 unchanged.`,
      `${reply}: 1 rows, 0 rejected; 0 values saved, 1 unchanged.`,
      '',
    ]);
    expect(code).toBe(0);
    expect(calls.map((call) => call.name)).toEqual(['collect-MetricsIngestFunction', 'collect-MetricsIngestFunction']);
  });

  test('splits a large file into invocations that Lambda accepts', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) =>
      apiRow({ id: index % 400, name: `Área ${index}`.repeat(5) }),
    );

    const { code, out } = await run(write('large.json', rows));

    expect([code, out]).toEqual([0, expect.stringContaining('20000 rows, 0 rejected')]);
    expect(calls.length).toBeGreaterThan(1);
    expect(Math.max(...calls.map((call) => call.bytes))).toBeLessThan(LAMBDA_PAYLOAD_BYTES);
  });

  test('names the rejected rows, and exits with an error', async () => {
    const { code, out, err } = await run(write('rows.json', [apiRow(), apiRow({ date: '2022-02-30' })]));

    expect([code, out]).toEqual([1, expect.stringContaining('2 rows, 1 rejected; 1 values saved')]);
    expect(err).toMatch(/row 1 was rejected\. \/date: /);
  });

  test('loads the generated sample, in which every row is marked as a sample', async () => {
    const { code } = await run('--sample');

    const { series } = await proxy.call('listMetricSeries', {});
    expect(code).toBe(0);
    expect(series.map((each) => [each.iso3, each.sample])).toEqual([
      ['BFA', true],
      ['COL', true],
    ]);
  });

  test('prints its usage, an error for a file without a list of rows, and an error when no stack is running', async () => {
    const unusable = write('unusable.json', { message: 'Forbidden' });
    expect(await run()).toMatchObject({ code: 1, out: expect.stringContaining('Usage: ') });
    expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('--sample') });
    expect(await run(unusable)).toMatchObject({
      code: 1,
      err: expect.stringContaining(`${unusable}: The reply has no`),
    });
    const file = write('list.json', [apiRow()]);
    rmSync(path.join(home, 'stack.json'));
    expect(await run(file)).toMatchObject({ code: 1, err: expect.stringMatching(/^No stack is running here/) });
  });
});

test('the sample is the same each time, and every row is marked', () => {
  const rows = sampleMetrics();

  expect(rows).toEqual(sampleMetrics());
  expect(rows).not.toEqual(sampleMetrics(5));
  expect(new Set(rows.map((row) => row.dataType))).toEqual(new Set(['SAMPLE']));
});
