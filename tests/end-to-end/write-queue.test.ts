/** Every acknowledged response is stored exactly once, whatever fault the db-proxy has. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { snapshotMarker } from '../../collect-lambdas/shared/owed.ts';
import { formKey } from '../../collect-lambdas/shared/snapshot.ts';
import { generateToken } from '../../collect-lambdas/shared/token.ts';
import { toMessages } from '../../collect-lambdas/shared/write-message.ts';
import { householdFinances } from '../../forms/definition/household-finances.ts';
import type { FaultKind } from '../../local/faults.ts';
import { moveMessages, type MovedMessage } from '../../ops/move-messages.ts';
import { snapshotStore } from '../../local/stack.ts';
import { eventually } from '../support/fixture.ts';
import { createStackDatabase, type TestDatabase } from '../support/databases.ts';
import { portOf } from '../support/port-of.ts';
import { BREAKS_RULE1, household, incoming } from '../support/responses.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';
import { localClientOptions } from '../../local/local-aws.ts';

const run = promisify(execFile);
const PROXY = 'collect-DbProxy-DbProxyFunction';
const COLLECT = 'collect-CollectFunction';
const AUTHORIZER = 'collect-AuthorizerFunction';

let home: string;
let database: TestDatabase;
let stack: TestStack;
let sqs: SQSClient;

const authorization = () => ({ authorization: `Bearer ${stack.tokens.manager}` });

async function start(): Promise<void> {
  stack = await startTestStack({ home, databaseUrl: database.url, runsSchedules: false });
  sqs = new SQSClient(localClientOptions(stack.host.servicesUrl ?? ''));
  await renewCollect();
}

/** Starts a new execution environment of collect that has cached the form and has not seen the proxy fail. */
async function renewCollect(): Promise<void> {
  await stack.host.functions.kill(COLLECT);
  expect(await post('/collect', household())).toMatchObject({ status: 201 });
}

async function stop(): Promise<void> {
  sqs.destroy();
  await stack.stop();
}

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'collect-write-queue-'));
  database = await createStackDatabase();
  await start();
});
afterEach(() => stack.host.faults.clear());
afterAll(async () => {
  await stop();
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

async function send(method: string, route: string, body?: unknown, token = stack.tokens.manager) {
  const reply = await fetch(`${stack.url}${route}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const content = await reply.text();
  const retryAfter = reply.headers.get('retry-after');
  return { status: reply.status, retryAfter, body: content === '' ? undefined : JSON.parse(content) };
}

const post = (route: string, body: unknown) => send('POST', route, body);

/** From now on every call of the proxy has this fault. */
const injectFault = (kind: FaultKind): void => stack.host.faults.inject(PROXY, { kind, times: Infinity });

/** Posts while the proxy has a fault. */
async function postDuring(kind: FaultKind, route: string, body: unknown) {
  injectFault(kind);
  const reply = await post(route, body);
  stack.host.faults.clear();
  return reply;
}

async function revisionsOf(responseId: unknown): Promise<unknown[]> {
  const reply = await fetch(`${stack.url}/responses/${String(responseId)}/revisions`, {
    headers: authorization(),
  });
  if (reply.status === 404) return [];
  const { items } = (await reply.json()) as { items: unknown[] };
  return items;
}

/** Waits until a response is stored. @returns its revisions */
const stored = (responseId: unknown): Promise<unknown[]> =>
  eventually(async () => {
    const items = await revisionsOf(responseId);
    return items.length > 0 && items;
  });

const queueUrl = (name: string): string => `${stack.host.servicesUrl}/000000000000/collect-${name}`;

/** The number of messages in a queue, including those in flight. */
async function countOf(name: string): Promise<number> {
  const { Attributes: attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl(name), AttributeNames: ['All'] }),
  );
  return (
    Number(attributes['ApproximateNumberOfMessages']) + Number(attributes['ApproximateNumberOfMessagesNotVisible'])
  );
}

/** The number of messages that the write function has failed to save, according to its log. */
function countFailedSaves(): number {
  const log = readFileSync(path.join(stack.host.logFolder, 'collect-WriteFunction.log'), 'utf8');
  const lines = log.split('\n').filter((line) => line.includes('"messages not saved"'));
  const messageIds = lines.flatMap((line) => {
    const logged: { messageIds: string[] } = JSON.parse(line);
    return logged.messageIds;
  });
  return new Set(messageIds).size;
}

/** Waits until a queue holds `count` messages. */
const holds = (name: string, count: number): Promise<true> => eventually(async () => (await countOf(name)) === count);

const redrive = (options: string[], environment: Record<string, string> = {}) =>
  run(process.execPath, ['local/preflight.mjs', 'ops/redrive.ts', ...options], {
    env: { ...process.env, COLLECT_HOME: home, ...environment },
  });

test.each(['unavailable', 'throttle', 'drop-request'] as const)(
  'during the proxy fault %s a response is queued with its flags, and is stored when the fault ends',
  async (kind) => {
    await renewCollect();
    const response = household(BREAKS_RULE1);

    const reply = await postDuring(kind, '/collect', response);

    expect(reply).toMatchObject({
      status: 202,
      body: { response_id: response['response_id'], status: 'queued', flags: [{ rule: 'Rule1' }], response },
    });
    expect(await stored(response['response_id'])).toMatchObject([
      { revision: 1, status: 'flagged', flags: [{ rule: 'Rule1' }], response },
    ]);
    await holds('WriteQueue', 0);
    expect(await revisionsOf(response['response_id'])).toHaveLength(1);
  },
);

describe('environments that start during an outage', () => {
  /** A form that no environment has cached. */
  const FORM = 'households_of_2027';

  async function makeToken(): Promise<{ token: string; token_id: string }> {
    return (await post('/tokens', { role: 'collector', user_id: 'collector-9' })).body;
  }

  const collect = (token: string, body: unknown, form = FORM) => send('POST', `/forms/${form}/responses`, body, token);

  test('accept any valid token and any form, and reply 503 if they cannot check a token or a form', async () => {
    const { form_id: _id, ...definition } = householdFinances;
    expect(await send('PUT', `/forms/${FORM}`, definition)).toMatchObject({ status: 201 });
    const [good, revoked] = [await makeToken(), await makeToken()];
    expect(await send('DELETE', `/tokens/${revoked.token_id}`)).toMatchObject({ status: 204 });
    await Promise.all([COLLECT, AUTHORIZER].map((name) => stack.host.functions.kill(name)));
    injectFault('unavailable');
    const response = household({ ...BREAKS_RULE1, user_id: 'collector-9' });

    expect(await collect(good.token, response)).toMatchObject({
      status: 202,
      body: { status: 'queued', flags: [{ rule: 'Rule1' }], response },
    });
    expect(await send('POST', `/forms/${FORM}/responses/batch`, [response], good.token)).toMatchObject({
      status: 202,
      body: { summary: { queued: 1 } },
    });
    expect(await collect(good.token, household({ user_id: 'collector-8' }))).toMatchObject({ status: 403 });
    expect(await collect(revoked.token, response)).toMatchObject({ status: 401 });
    // API Gateway caches the authorizer's decision for a minute.
    for (const [unknown, retryAfter] of [
      [await collect(generateToken(), response), '60'],
      [await collect(good.token, response, 'wells'), '10'],
    ]) {
      expect(unknown).toMatchObject({
        status: 503,
        retryAfter,
        body: { type: 'urn:collect:problem:unavailable', request_id: expect.any(String) },
      });
    }
    stack.host.faults.clear();
    expect(await stored(response['response_id'])).toMatchObject([{ revision: 1, status: 'flagged' }]);
  });
});

test('the sweep restores the snapshot from the database if there is a marker', async () => {
  const store = snapshotStore(stack.host);
  const key = formKey({ form_id: 'household_finances', version: 1 });
  const right = await store.get(key);
  expect(right).toBeDefined();
  const sweep = () => stack.host.functions.invoke('collect-SweepFunction', Buffer.from('{}'));

  await store.put(key, '{}');
  await store.put(snapshotMarker('restored'), '{}');
  await sweep();
  expect(await store.get(key)).toBe(right);
  await store.remove(key);
  await store.put(snapshotMarker('lost'), '{}');
  await sweep();
  expect(await store.get(key)).toBe(right);
});

test('a response that was stored without a reply is queued and stays stored once', async () => {
  await renewCollect();
  const response = household();

  expect(await postDuring('drop-reply', '/collect', response)).toMatchObject({
    status: 202,
    body: { status: 'queued' },
  });

  await holds('WriteQueue', 0);
  expect(await revisionsOf(response['response_id'])).toMatchObject([{ revision: 1, response }]);
});

test('queued responses that fail to save during an outage are stored soon after it', async () => {
  const responses = [household(), household(), household()];
  const before = countFailedSaves();
  injectFault('unavailable');
  for (const each of responses) expect(await post('/collect', each)).toMatchObject({ status: 202 });
  // Waits until the write function has tried each message.
  await eventually(() => countFailedSaves() - before >= responses.length);

  stack.host.faults.clear();

  await holds('WriteQueue', 0);
  const revisions = await Promise.all(responses.map((each) => revisionsOf(each['response_id'])));
  expect(revisions).toMatchObject([[{ revision: 1 }], [{ revision: 1 }], [{ revision: 1 }]]);
});

test('a batch is queued as one message, and each response is stored once', async () => {
  await renewCollect();
  const responses = [household(), household(BREAKS_RULE1), household()];

  const reply = await postDuring('unavailable', '/collect/batch', responses);

  expect(reply).toMatchObject({ status: 202, body: { summary: { queued: 3 } } });
  await holds('WriteQueue', 0);
  const revisions = await Promise.all(responses.map((each) => revisionsOf(each['response_id'])));
  expect(revisions).toMatchObject([[{ status: 'accepted' }], [{ status: 'flagged' }], [{ status: 'accepted' }]]);
});

test('an invalid message becomes a dead letter; redrive prints why and moves it back', async () => {
  const good = incoming();
  const [command = ''] = toMessages([good]);
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl('WriteQueue'), MessageBody: 'not JSON' }));
  await holds('WriteDeadLetters', 1);
  // A valid message, as if SQS had moved it here after its last delivery.
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl('WriteDeadLetters'), MessageBody: command }));

  const { stdout } = await redrive(['writes']);

  expect(stdout).toContain('It is not JSON.');
  expect(stdout).toContain('It failed at every try.');
  expect(stdout).toContain('2 messages moved from WriteDeadLetters to WriteQueue.');
  expect(await stored(good.response_id)).toHaveLength(1);
  // The invalid message becomes a dead letter again.
  await holds('WriteDeadLetters', 1);
  await holds('WriteQueue', 0);
});

test('redrive finds the queues of a deployed stack by their logical ids', async () => {
  const asked: (string | null)[] = [];
  const cloudFormation = createServer((request, response) => void describeResource(request, response)).listen(0);
  async function describeResource(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parameters = new URLSearchParams(await text(request));
    asked.push(parameters.get('StackName'));
    const id = queueUrl(parameters.get('LogicalResourceId') ?? '');
    response.end(
      `<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail><PhysicalResourceId>${id}</PhysicalResourceId></StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>`,
    );
  }
  await once(cloudFormation, 'listening');

  const { stdout } = await redrive(['--stack', 'collect-prod', 'exports'], {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${portOf(cloudFormation)}`,
    AWS_ENDPOINT_URL_SQS: stack.host.servicesUrl ?? '',
  });
  cloudFormation.close();

  expect(stdout).toBe('0 messages moved from ExportDeadLetters to ExportQueue.\n');
  expect(asked).toEqual(['collect-prod', 'collect-prod']);
});

test('redrive moves nothing from an empty queue, and lists the known queues', async () => {
  expect((await redrive(['exports'])).stdout).toBe('0 messages moved from ExportDeadLetters to ExportQueue.\n');
  await expect(redrive(['everything'])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('writes|exports|rejudges|tasks'),
  });
});

test('a message moves with its body and attributes but without the reason; messages that arrive meanwhile stay', async () => {
  const [from, to] = [queueUrl('TaskEventsDeadLetters'), queueUrl('ExportDeadLetters')];
  const attribute = (value: string) => ({ DataType: 'String', StringValue: value });
  const send = (body: string) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl: from,
        MessageBody: body,
        MessageAttributes: { type: attribute('flagged'), reason: attribute('It is bad.') },
      }),
    );
  await send('first');

  const moved: MovedMessage[] = [];
  for await (const message of moveMessages(sqs, from, to)) {
    moved.push(message);
    await send('second');
  }

  expect(moved).toEqual([{ messageId: expect.any(String) as string, reason: 'It is bad.' }]);
  expect(await countOf('TaskEventsDeadLetters')).toBe(1);
  const { Messages: messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: to, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
  );
  expect(messages).toMatchObject([{ Body: 'first' }]);
  expect(messages?.[0]?.MessageAttributes).toEqual({ type: expect.objectContaining(attribute('flagged')) });
});

test('queued messages survive a restart of the stack', async () => {
  injectFault('unavailable');
  expect(await post('/collect', household())).toMatchObject({ status: 202 });
  expect(await countOf('WriteQueue')).toBe(1);

  await stop();
  await start();

  expect(await countOf('WriteQueue')).toBe(1);
});
