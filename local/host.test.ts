import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { Host } from './host.ts';
import { eventually, isRunning } from '../tests/support/fixture.ts';
import type { FixtureFolder } from '../tests/support/fixture.ts';
import { startObedientApplication } from '../tests/support/obedient-application.ts';
import type { ObedientApplication } from '../tests/support/obedient-application.ts';

let application: ObedientApplication;
let invoke: ObedientApplication['invoke'];
let host: Host;
let folder: FixtureFolder;

beforeAll(async () => {
  application = await startObedientApplication();
  ({ host, folder, invoke } = application);
});
afterAll(() => application.stop());

describe('an invoked function', () => {
  test('gets its event and a context, and the caller gets its result', async () => {
    const { status, error, payload } = await invoke('collect-Any', { question: 'ä ✓' });

    expect({ status, error }).toEqual({ status: 200, error: undefined });
    expect(payload).toMatchObject({
      event: { question: 'ä ✓' },
      name: 'collect-Any',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:collect-Any',
      memory: '256',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      remaining: expect.any(Number),
    });
  });

  test.each([
    'arn:aws:lambda:us-east-1:000000000000:function:collect-Any',
    'arn:aws:lambda:us-east-1:000000000000:function:collect-Any:live',
    '000000000000:function:collect-Any',
    'collect-Any:1',
  ])('is found as %s', async (name) => {
    expect(await invoke(name, { a: 1 })).toMatchObject({ payload: { event: { a: 1 } } });
  });

  test('replies null if it returns nothing', async () => {
    expect(await invoke('collect-Any', { do: 'nothing' })).toMatchObject({ status: 200, payload: null });
  });

  test('gets an empty object when the caller sends nothing', async () => {
    const { Payload } = await application.client.send(new InvokeCommand({ FunctionName: 'collect-Any' }));
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({ event: {} });
  });

  test("has its own environment variables and none of the host's", async () => {
    const { payload } = await invoke('collect-Any', { do: 'environment' });

    expect(payload).toMatchObject({
      GREETING: 'good day',
      COUNT: '3',
      EXTRA: 'from the caller',
      TZ: 'UTC',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'collect-Any',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_ENDPOINT_URL_LAMBDA: host.lambdaUrl,
      NODE_OPTIONS: '--enable-source-maps',
      _HANDLER: 'index.handler',
    });
    expect(payload).not.toHaveProperty('HOME');
    expect(payload).not.toHaveProperty('AWS_ENDPOINT_URL_S3');
  });

  test('writes to its own log', async () => {
    await invoke('collect-Any', { do: 'a line for the log' });
    const log = join(host.logFolder, 'collect-Any.log');
    expect(await eventually(() => readFileSync(log, 'utf8').includes('saw a line for the log'))).toBe(true);
  });

  test('can invoke other functions through the SDK', async () => {
    const response = await fetch(`${host.url}/chain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"passed":"on"}',
    });
    expect(await response.json()).toEqual({ passed: 'on' });
  });

  test('accepts and returns a payload of 5 MB', async () => {
    const text = 'x'.repeat(5_000_000);
    const { payload } = await invoke('collect-Slow', { text });
    expect(payload).toMatchObject({ event: { text } });
  });
});

describe('a function that fails', () => {
  test.each([
    ['throw', { errorType: 'TypeError', errorMessage: 'no such thing' }],
    ['throw text', { errorType: 'string', errorMessage: 'just text' }],
    ['cycle', { errorType: 'TypeError' }],
    ['exit', { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 7') }],
    ['reject', { errorType: 'RangeError', errorMessage: 'nobody waits' }],
    [
      'hang',
      { errorType: 'Sandbox.Timedout', errorMessage: expect.stringContaining('Task timed out after 1.00 seconds') },
    ],
  ])('by "%s" is reported as Lambda reports it, and the next invocation works', async (what, expected) => {
    expect(await invoke('collect-Any', { do: what })).toMatchObject({
      status: 200,
      error: 'Unhandled',
      payload: expected,
    });
    expect(await invoke('collect-Any', { fine: true })).toMatchObject({ error: undefined });
  });

  test('reports its stack trace', async () => {
    const { payload } = await invoke('collect-Any', { do: 'throw' });
    expect(payload).toHaveProperty('trace', expect.arrayContaining(['TypeError: no such thing']));
  });

  test('by a reply over 6 MB is reported as ResponseSizeTooLarge', async () => {
    const { payload: fits } = await invoke('collect-Slow', { do: 'large', size: 6_291_554 });
    expect(fits).toHaveLength(6_291_554);
    expect(await invoke('collect-Slow', { do: 'large', size: 6_291_555 })).toMatchObject({
      error: 'Unhandled',
      payload: { errorType: 'Function.ResponseSizeTooLarge' },
    });
  });

  test('while it loads, or has no handler, is reported', async () => {
    expect(await invoke('collect-Broken', {})).toMatchObject({
      error: 'Unhandled',
      payload: { errorType: 'Error', errorMessage: 'cannot start' },
    });
    expect(await invoke('collect-Unexported', {})).toMatchObject({
      payload: { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.other is undefined or not exported' },
    });
  });

  test('because its process is killed is reported, and a new process replaces it', async () => {
    const never = join(folder.path, 'never');
    const held = invoke('collect-Slow', { do: 'hold', file: never });
    const log = join(host.logFolder, 'collect-Slow.log');
    await eventually(() => readFileSync(log, 'utf8').includes('saw hold'));
    const before = host.functions.pids('collect-Slow');

    await host.functions.kill('collect-Slow');

    expect(await held).toMatchObject({
      payload: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('signal: killed') },
    });
    expect(before.some(isRunning)).toBe(false);
    expect(await invoke('collect-Slow', { fine: true })).toMatchObject({ error: undefined });
  });
});

/** Starts `count` invocations, waits until `atOnce` of them run, and returns the processes that served them. */
async function processesOf(functionName: string, count: number, atOnce: number): Promise<unknown[]> {
  const file = join(folder.path, `release-${functionName}`);
  const held = Array.from({ length: count }, () => invoke(functionName, { do: 'hold', file }));
  const log = join(host.logFolder, `${functionName}.log`);
  const seen = (): number => readFileSync(log, 'utf8').split('saw hold').length - 1;
  const start = seen();
  await eventually(() => seen() - start >= atOnce);
  folder.write(`release-${functionName}`, '');
  return [...new Set((await Promise.all(held)).map(({ payload }) => payload))];
}

describe('concurrency', () => {
  test("grows to the host's limit; further invocations wait", async () => {
    await host.functions.kill('collect-Slow');
    expect(await processesOf('collect-Slow', 5, 2)).toHaveLength(2);
    expect(host.functions.pids('collect-Slow')).toHaveLength(2);
  });

  test("stays within the function's reserved concurrency", async () => {
    expect(await processesOf('collect-Single', 3, 1)).toHaveLength(1);
  });

  test('reserved as 0 throttles every invoke', async () => {
    await expect(invoke('collect-Off', {})).rejects.toThrow(
      expect.objectContaining({ name: 'TooManyRequestsException' }),
    );
  });
});
