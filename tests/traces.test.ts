/** Checks a request's trace in X-Ray: it spans the request's functions and is found by its ids. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './support/fixture.ts';
import { household } from './support/responses.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';
import { startTraceDaemon, type Segment, type TraceDaemon } from './support/trace-daemon.ts';

const PROXY = 'collect-DbProxy-DbProxyFunction';

let daemon: TraceDaemon;
let stack: TestStack;
beforeAll(async () => {
  daemon = await startTraceDaemon();
  stack = await startTestStack({ functionEnvironment: daemon.environment });
});
afterAll(async () => {
  await stack?.stop();
  await daemon?.stop();
});

async function post(response: Record<string, unknown>): Promise<number> {
  const { status } = await fetch(`${stack.url}/collect`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.tokens.collector}` },
    body: JSON.stringify(response),
  });
  return status;
}

/** Waits for a segment with these annotations. */
const segmentOf = (annotations: Record<string, unknown>): Promise<Segment> =>
  eventually(() =>
    daemon
      .segments()
      .find((each) => Object.entries(annotations).every(([key, value]) => each.annotations?.[key] === value)),
  );

test('a response has one trace, from its route to the operation that saves it', async () => {
  const response = household({ response_id: 'traced-1' });

  expect(await post(response)).toBe(201);

  const collect = await segmentOf({ route: 'POST /collect', response_id: 'traced-1' });
  const proxy = await segmentOf({ operation: 'saveResponses', response_id: 'traced-1' });
  expect(collect).toMatchObject({ name: '## handler', annotations: { ColdStart: expect.any(Boolean) } });
  expect(collect).not.toHaveProperty('fault');
  expect(proxy.trace_id).toBe(collect.trace_id);
  const call = await eventually(() => daemon.segments().find(({ id }) => id === proxy.parent_id));
  expect(call).toMatchObject({ name: 'Lambda', namespace: 'aws', parent_id: collect.id, aws: { operation: 'Invoke' } });
});

test('each request has a separate trace', async () => {
  for (const id of ['traced-2', 'traced-3']) await post(household({ response_id: id }));

  const [second, third] = [await segmentOf({ response_id: 'traced-2' }), await segmentOf({ response_id: 'traced-3' })];
  expect(second.trace_id).not.toBe(third.trace_id);
});

test('a reply of 5xx is a fault', async () => {
  const checks = () => daemon.segments().filter(({ annotations }) => annotations?.['route'] === 'GET /health');
  const before = checks().length;

  stack.host.faults.inject(PROXY, { kind: 'unavailable', times: Infinity });
  const during = await fetch(`${stack.url}/health`);
  stack.host.faults.clear();
  const after = await fetch(`${stack.url}/health`);

  expect([during.status, after.status]).toEqual([503, 200]);
  const [failed, passed] = await eventually(() => checks().length === before + 2 && checks().slice(before));
  expect(failed).toMatchObject({ fault: true, annotations: { error: '503' } });
  expect(passed).not.toHaveProperty('fault');
});

test('a function that fails is a fault with the error’s name', async () => {
  const { isFunctionError } = await stack.host.functions.invoke('collect-CollectFunction', Buffer.from('{}'));

  expect(isFunctionError).toBe(true);
  expect(await segmentOf({ error: 'TypeError' })).toMatchObject({ fault: true, name: '## handler' });
});

test('a message that stays in its queue is a fault', async () => {
  const event = { Records: [{ messageId: 'message-1', body: 'nothing that can be read' }] };

  await stack.host.functions.invoke('collect-SheetsFunction', Buffer.from(JSON.stringify(event)));

  expect(await segmentOf({ error: 'batchItemFailures' })).toMatchObject({ fault: true, name: '## handler' });
});

test('an operation that the proxy refuses is a fault with its error code', async () => {
  await stack.host.functions.invoke(PROXY, Buffer.from('{"operation":"nothing"}'));

  expect(await segmentOf({ error: 'INVALID_REQUEST' })).toMatchObject({ fault: true });
});

test('a call that fails is a fault with the name of the error, and without its message', async () => {
  stack.host.faults.inject(PROXY, { kind: 'throttle', times: Infinity });
  await fetch(`${stack.url}/health`);
  stack.host.faults.clear();

  expect(await segmentOf({ error: 'TooManyRequestsException' })).toMatchObject({ name: 'Lambda', fault: true });
  expect(daemon.texts.join()).not.toMatch(/Rate Exceeded|exceptions/);
});

/** Two invocations of one environment. The first does not wait for its call, which ends during the second. */
const TWO_INVOCATIONS = `
  const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda');
  const { annotate, traced, traceClient } = require('@collect/tracing');
  const { setTimeout: wait } = require('node:timers/promises');
  const { promise: refusal, reject: refuse } = Promise.withResolvers();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const requestHandler = { handle: () => refusal };
  const client = traceClient(new LambdaClient({ region: 'us-east-1', credentials, requestHandler, maxAttempts: 1 }));
  const trace = (last) => { process.env._X_AMZN_TRACE_ID = 'Root=1-5759e988-bd862e3fe1be46a99427279' + last + ';Parent=53995c3f42cd8ad8;Sampled=1'; };
  const first = traced(async () => {
    annotate({ route: 'first' });
    client.send(new InvokeCommand({ FunctionName: 'nobody' })).catch(() => undefined);
    await wait(100);
    return { statusCode: 503 };
  });
  const second = traced(async () => {
    annotate({ route: 'second' });
    refuse(new Error('too late'));
    await wait(100);
  });
  (async () => {
    trace(1);
    await first();
    trace(2);
    await second();
  })();
`;

test('a call that ends after its invocation delays no segment and does not appear in later traces', async () => {
  const child = spawn(process.execPath, ['-e', TWO_INVOCATIONS], {
    env: {
      ...daemon.environment,
      NODE_PATH: 'tracing/layer/nodejs/node_modules',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      LAMBDA_TASK_ROOT: '/var/task',
      _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272790;Parent=53995c3f42cd8ad8;Sampled=1',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });

  expect(await once(child, 'close')).toEqual([0, null]);

  const first = await segmentOf({ route: 'first' });
  const second = await segmentOf({ route: 'second' });
  const calls = daemon.segments().filter(({ parent_id: parent }) => parent === first.id);
  expect(first).toMatchObject({ fault: true, annotations: { error: '503' } });
  expect(calls).toMatchObject([{ name: 'Lambda', trace_id: first.trace_id }]);
  expect(daemon.segments().filter(({ trace_id: trace }) => trace === second.trace_id)).toHaveLength(1);
});
