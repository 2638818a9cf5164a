/** Judges stored responses by new rules on a running stack, with a worker that is killed. */
import type { Input, Operation, Result } from '../../db-proxy-lambda/contract.ts';
import { createStackDatabase, type TestDatabase } from '../support/databases.ts';
import { eventually } from '../support/fixture.ts';
import { incoming, metadata } from '../support/responses.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const STORED = 3_000;
const FLAGGED = 5;

type Rejudge = NonNullable<Result<'getRejudge'>['rejudge']>;

let database: TestDatabase;
let stack: TestStack;

beforeAll(async () => {
  database = await createStackDatabase();
  stack = await startTestStack({ databaseUrl: database.url });
});
afterAll(async () => {
  await stack.stop();
  await database.drop();
});

async function send<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const reply = await fetch(stack.url + path, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.tokens.manager}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Body;
}

const nameOf = (id: string) => stack.host.model.functions.find((fn) => fn.id.endsWith(id))?.name ?? '';
const invoke = (id: string, event: unknown) =>
  stack.host.functions.invoke(nameOf(id), Buffer.from(JSON.stringify(event)));

async function callProxy<O extends Operation>(operation: O, input: Input<O>): Promise<Result<O>> {
  const { payload } = await invoke('DbProxyFunction', { operation, input });
  const { result }: { result: Result<O> } = JSON.parse(payload.toString());
  return result;
}

const put = (rules: object[]) =>
  send('PUT', '/forms/crops', {
    title: 'Crops',
    questions: [{ name: 'bags', type: 'integer' }],
    rules,
  });

test('a new rule reaches stored responses and their followers, although the worker is killed', async () => {
  await put([]);
  const responses = Array.from({ length: STORED }, (_, index) => {
    const about = { ...metadata(), bags: index < FLAGGED ? 9 : 1 };
    return incoming({ form_id: 'crops', response_id: about.response_id, response: about });
  });
  for (let start = 0; start < STORED; start += 500) {
    await callProxy('saveResponses', { responses: responses.slice(start, start + 500) });
  }
  const conditions = { fact: 'bags', operator: 'lessThanInclusive', value: 5 };
  await put([{ name: 'Few', message: '{bags} bags.', conditions }]);

  const { status_url: address, rejudge_id: id } = await send<{ status_url: string; rejudge_id: string }>(
    'POST',
    '/forms/crops/rejudge',
    {},
  );
  await eventually(async () => (await send<Rejudge>('GET', address)).checked > 0);
  await stack.host.functions.kill(nameOf('RejudgeFunction'));
  const killed = await send<Rejudge>('GET', address);
  // In AWS the sweep sends the message again after three minutes.
  const { isFunctionError } = await invoke('RejudgeFunction', {
    Records: [{ messageId: 'message-1', body: JSON.stringify({ rejudge_id: id }) }],
  });
  const ended = await send<Rejudge>('GET', address);

  expect(killed).toMatchObject({ status: 'running', responses_total: STORED });
  expect(isFunctionError).toBe(false);
  expect(ended).toMatchObject({ status: 'succeeded', checked: STORED, changed: FLAGGED, rules_version: 2 });
  const { items } = await send<{ items: unknown[] }>('GET', '/responses?form_id=crops&status=flagged');
  expect(items).toMatchObject(
    responses.slice(0, FLAGGED).map(({ response_id, response }) => ({ response_id, revision: 2, response })),
  );
  await eventually(async () => {
    const ids = responses.slice(0, FLAGGED).map((each) => each.response_id);
    const tasks = await Promise.all(
      ids.map((each) => send<{ status: string }[]>('GET', `/api/v1/tasks/?response_id=${each}`)),
    );
    return tasks.every(([task]) => task?.status === 'IN_REVIEW');
  });
});
