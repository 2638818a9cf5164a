/** The replies of a running stack match openapi.json: status, headers, content type, and every member of a body. */
import { setTimeout as wait } from 'node:timers/promises';
import type { OpenapiDocument } from '../../openapi/openapi.ts';
import { httpEventFile } from '../support/event-file.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';
import type { Call } from './call.ts';
import { callsOf } from './calls.ts';
import { createFaultFinder, findOperation, operationsOf } from './documented.ts';

let stack: TestStack;
let document: OpenapiDocument;
let calls: Call[];
let findFaults: ReturnType<typeof createFaultFinder>;

const functionName = (id: string): string => stack.host.model.functions.find((fn) => fn.id === id)?.name ?? '';

beforeAll(async () => {
  // One process per function: the test without the database would start up to four of each.
  stack = await startTestStack({ maxConcurrency: 1 });
  document = await bodyOf<OpenapiDocument>(await fetch(`${stack.url}/openapi.json`));
  calls = callsOf(document);
  findFaults = createFaultFinder(document);
  const rows = Buffer.from(JSON.stringify(httpEventFile('metrics-ingest', 'rows')));
  await stack.host.functions.invoke(functionName('MetricsIngestFunction'), rows);
});

afterAll(() => stack.stop());

async function bodyOf<Body>(reply: Response): Promise<Body> {
  const body: Body = JSON.parse(await reply.text());
  return body;
}

function send({ operationId, path = {}, query = {}, headers: own = {}, body }: Call): Promise<Response> {
  const headers = { authorization: `Bearer ${stack.tokens.manager}`, ...own };
  const { path: template, method } = findOperation(document, operationId);
  const address = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
  const url = `${stack.url}${address}?${new URLSearchParams(query).toString()}`;
  if (body === undefined) return fetch(url, { method, headers });
  if (body instanceof FormData) return fetch(url, { method, headers, body });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(url, { method, headers: { 'content-type': 'application/json', ...headers }, body: text });
}

async function faultsOf(operationId: string, reply: Response): Promise<string[]> {
  const { status, headers } = reply;
  return findFaults(operationId, { status, headers, text: await reply.text() });
}

test('each operation replies to valid and invalid requests as documented', async () => {
  const actual: unknown[] = [];

  for (const call of calls) {
    const reply = await send(call);
    actual.push([call.operationId, reply.status, await faultsOf(call.operationId, reply)]);
  }

  expect(actual).toEqual(calls.map(({ operationId, status }) => [operationId, status, []]));
});

test('a finished export replies as documented', async () => {
  const accepted = await send({
    operationId: 'requestExport',
    status: 202,
    body: { table_name: 'household_finances' },
  });
  const { export_id: exportId } = await bodyOf<{ export_id: string }>(accepted);
  const call = { operationId: 'getExport', status: 200, path: { export_id: exportId } };

  let reply = await send(call);
  while (['queued', 'running'].includes((await bodyOf<{ status: string }>(reply.clone())).status)) {
    await wait(100);
    reply = await send(call);
  }

  expect(await bodyOf(reply.clone())).toMatchObject({ status: 'succeeded', csv: { rows: expect.any(Number) } });
  expect(await faultsOf('getExport', reply)).toEqual([]);
  expect(await faultsOf('listExports', await send({ operationId: 'listExports', status: 200 }))).toEqual([]);
});

test('a re-judge replies as documented', async () => {
  const path = { form_id: 'household_finances' };
  const started = await send({ operationId: 'startRejudge', status: 202, path, body: {} });
  const { rejudge_id: rejudgeId } = await bodyOf<{ rejudge_id: string }>(started);

  const reply = await send({ operationId: 'getRejudge', status: 200, path: { ...path, rejudge_id: rejudgeId } });

  expect([reply.status, await faultsOf('getRejudge', reply)]).toEqual([200, []]);
});

test('revoking a token replies as documented', async () => {
  const made = await send({ operationId: 'createToken', status: 201, body: { role: 'viewer' } });
  const { token_id: tokenId } = await bodyOf<{ token_id: string }>(made);

  const reply = await send({ operationId: 'revokeToken', status: 204, path: { token_id: tokenId } });

  expect([reply.status, await faultsOf('revokeToken', reply)]).toEqual([204, []]);
});

test('a webhook replies as documented', async () => {
  // Nothing listens at this address.
  const body = { url: 'http://127.0.0.1:1/hook', events: ['flagged'] };
  const made = await send({ operationId: 'createWebhook', status: 201, body });
  const path = await bodyOf<{ webhook_id: string }>(made);
  const webhookCalls: Call[] = [
    { operationId: 'getWebhook', status: 200 },
    { operationId: 'changeWebhook', status: 200, body: { active: false } },
    { operationId: 'testWebhook', status: 200 },
    { operationId: 'listDeliveries', status: 200, query: { status: 'dead' } },
    { operationId: 'redeliver', status: 202 },
    { operationId: 'deleteWebhook', status: 204 },
  ];

  for (const call of webhookCalls) {
    const reply = await send({ ...call, path: { webhook_id: path.webhook_id } });
    const { operationId, status } = call;
    expect([operationId, reply.status, await faultsOf(operationId, reply)]).toEqual([operationId, status, []]);
  }
});

test('without the database each operation replies 503, or 202 for a queued response or review, as documented', async () => {
  const proxy = functionName('DbProxy/DbProxyFunction');
  const taken = new Map(calls.filter(({ status }) => status < 300).map((call) => [call.operationId, call]));
  const needing = [...taken.values()].filter(
    ({ operationId }) => '503' in findOperation(document, operationId).operation.responses,
  );
  stack.host.faults.inject(proxy, { kind: 'unavailable', times: 100_000 });

  const actual = await Promise.all(
    needing.map(async (call) => {
      const reply = await send(call);
      // Reviews are queued; so are responses by an environment that has cached the form.
      const queues = /^(collect|reviewResponse|assignResponse)/.test(call.operationId) && reply.status === 202;
      return [call.operationId, queues ? 503 : reply.status, await faultsOf(call.operationId, reply)];
    }),
  );
  stack.host.faults.clear();

  expect(actual).toEqual(needing.map(({ operationId }) => [operationId, 503, []]));
});

/** These operations need an id from an earlier call, so other tests call them. */
const GIVEN_AN_ID = new Set([
  'getExport',
  'getRejudge',
  'revokeToken',
  'getWebhook',
  'changeWebhook',
  'testWebhook',
  'listDeliveries',
  'redeliver',
  'deleteWebhook',
]);

test('the calls test every operation, and a refusal of each operation that can refuse a request', () => {
  const called = new Map<string, number[]>();
  for (const { operationId, status } of calls) called.set(operationId, [...(called.get(operationId) ?? []), status]);
  const missing = operationsOf(document)
    .map(({ operation }) => operation)
    .flatMap(({ operationId, responses }) => {
      const statuses = called.get(operationId) ?? [];
      const mayRefuse = Object.keys(responses).some((status) => status.startsWith('4'));
      const isRefused = statuses.some((status) => status >= 400);
      const isTaken = statuses.some((status) => status < 300) || GIVEN_AN_ID.has(operationId);
      return [
        ...(isTaken ? [] : [`${operationId}: events/ lacks a request that succeeds`]),
        ...(mayRefuse && !isRefused ? [`${operationId}: events/ lacks a file *-invalid.json, which is refused`] : []),
      ];
    });

  expect(missing).toEqual([]);
});
