/** No posted value is in a log or a trace, whether the request is accepted, refused or fails. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { runExport } from '../../ops/run-export.ts';
import type { FaultKind } from '../../local/faults.ts';
import { eventually } from '../support/fixture.ts';
import {
  BREAKS_RULE1,
  CABLE,
  EXPENDITURE,
  FOOD,
  FUEL,
  HEALTHCARE,
  household,
  INCOME,
  SAVINGS,
} from '../support/responses.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';
import { startTraceDaemon, type TraceDaemon } from '../support/trace-daemon.ts';
import { localClientOptions } from '../../local/local-aws.ts';

const PROXY = 'collect-DbProxy-DbProxyFunction';

/** Every posted value that must not be in a log or a trace. */
const posted = new Set<string>();

let stack: TestStack;
let daemon: TraceDaemon;
let sqs: SQSClient;

beforeAll(async () => {
  daemon = await startTraceDaemon();
  stack = await startTestStack({ functionEnvironment: daemon.environment });
  sqs = new SQSClient(localClientOptions(stack.host.servicesUrl ?? ''));
});
afterAll(async () => {
  await daemon?.stop();
  sqs?.destroy();
  await stack?.stop();
});

/** Members whose values may be logged: ids, times and the names of Collect's own objects. */
const MAY_BE_LOGGED =
  /^(response_id|response_family_id|user_id|form_id|table_name|role|type|.*_time|task_date|operator|column|fact)$/;

/** Records the posted texts, and the numbers of at least four digits: shorter numbers are in logs by chance. */
function note(value: unknown, key = ''): void {
  if (typeof value === 'object' && value !== null) {
    for (const [member, content] of Object.entries(value)) note(content, Array.isArray(value) ? key : member);
  } else if (!MAY_BE_LOGGED.test(key)) {
    const text = String(value);
    const isRecorded = typeof value === 'string' ? text.length > 3 : text.replaceAll(/\D/g, '').length >= 4;
    if (isRecorded) posted.add(text);
  }
}

async function send(
  method: string,
  route: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown }> {
  if (typeof body !== 'string' && !(body instanceof FormData)) note(body);
  const reply = await fetch(`${stack.url}${route}`, {
    method,
    headers: {
      authorization: `Bearer ${stack.tokens.manager}`,
      ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && {
      body: typeof body === 'string' || body instanceof FormData ? body : JSON.stringify(body),
    }),
  });
  const text = await reply.text();
  return { status: reply.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

let households = 0;
/** A household with unique values, which are nowhere else in a log. */
function uniqueHousehold(changes: Record<string, unknown> = {}): Record<string, unknown> {
  households += 1;
  const amount = (base: number) => base + households * 7.25;
  return household({
    username: `Enumerator-${households} Wanjiru`,
    location: `Kibera, plot ${households} behind the mill`,
    name: `Noor-${households} O'Neil`,
    email: `noor${households}.oneil@example.org`,
    mobile_number: `+2547110${10_000 + households}`,
    gender: 'female-logged',
    [INCOME]: amount(984_151),
    [SAVINGS]: amount(10_373),
    [EXPENDITURE]: amount(806_417),
    [FOOD]: amount(31_973),
    [CABLE]: amount(20_731),
    [HEALTHCARE]: String(amount(51_437)),
    [FUEL]: amount(30_971),
    ...changes,
  });
}
const flagged = { [FOOD]: 917_263.5 };

/** Does the work while every call of the proxy has this fault. */
async function during<T>(kind: FaultKind, work: () => Promise<T>): Promise<T> {
  stack.host.faults.inject(PROXY, { kind, times: Infinity });
  try {
    return await work();
  } finally {
    stack.host.faults.clear();
  }
}

function queueUrl(id: string): string {
  const name = stack.host.model.queues.find((queue) => queue.name.includes(id))?.name ?? '';
  return `${stack.host.servicesUrl}/000000000000/${name}`;
}

async function isDrained(id: string): Promise<boolean> {
  const { Attributes: attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl(id), AttributeNames: ['All'] }),
  );
  const counts = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  return counts.every((count) => attributes[count] === '0');
}

async function collectResponses(): Promise<void> {
  const [good, bad] = [uniqueHousehold(), uniqueHousehold(flagged)];
  expect(await send('POST', '/collect', good)).toMatchObject({ status: 201, body: { status: 'accepted' } });
  expect(await send('POST', '/collect', bad)).toMatchObject({ status: 201, body: { status: 'flagged' } });
  const correction = {
    ...uniqueHousehold(),
    response_id: bad['response_id'],
    last_modified_time: '2026-09-02T06:00:00Z',
  };
  expect(await send('POST', '/collect', correction)).toMatchObject({ status: 200, body: { revision: 2 } });
  expect(await send('POST', '/collect', { ...good, name: 'Contradicta Conflicta' })).toMatchObject({ status: 409 });
  const older = { ...uniqueHousehold(), response_id: good['response_id'], last_modified_time: '2020-01-01T06:00:00Z' };
  expect(await send('POST', '/collect', older)).toMatchObject({ status: 409 });
  const faulty = uniqueHousehold({
    age: 'eighty-seven',
    [INCOME]: '12,345,678',
    name: '=cmd()',
    surname: 'Unknownkey Value',
  });
  expect(await send('POST', '/collect', faulty)).toMatchObject({ status: 422 });
  note('Halfway Brokenjson');
  expect(await send('POST', '/collect', '{"name": "Halfway Brokenjson", "email"')).toMatchObject({ status: 400 });
  expect(await send('POST', '/collect', uniqueHousehold(), { 'content-type': 'text/plain' })).toMatchObject({
    status: 415,
  });
  expect(await send('POST', '/collect', uniqueHousehold({ location: 'Toolarge '.repeat(40_000) }))).toMatchObject({
    status: 413,
  });
  const batch = [
    uniqueHousehold(),
    uniqueHousehold(flagged),
    uniqueHousehold({ email: 4_815_162 }),
    good,
    uniqueHousehold({ name: '=cmd()' }),
  ];
  expect(await send('POST', '/collect/batch', batch)).toMatchObject({
    status: 200,
    body: { summary: { rejected: 1 } },
  });
  const lines = [uniqueHousehold(), uniqueHousehold()];
  note(lines);
  const ndjson = `${lines.map((each) => JSON.stringify(each)).join('\n')}\n{"name":`;
  expect(await send('POST', '/collect/batch', ndjson, { 'content-type': 'application/x-ndjson' })).toMatchObject({
    status: 200,
  });
  const own = { authorization: `Bearer ${stack.tokens.collector}` };
  expect(await send('POST', '/collect', uniqueHousehold({ user_id: 'collector-2' }), own)).toMatchObject({
    status: 403,
  });
  expect(await send('DELETE', `/responses/${String(correction['response_id'])}`)).toMatchObject({ status: 204 });
  expect(await send('POST', '/collect', correction)).toMatchObject({ status: 410 });
}

async function handleTasks(): Promise<void> {
  const person = { name: 'Taskowner Okonkwo', email: 'task.owner@example.org' };
  expect(await send('POST', '/api/v1/people', person)).toMatchObject({ status: 201 });
  expect(await send('POST', '/api/v1/people', person)).toMatchObject({ status: 409 });
  expect(await send('POST', '/api/v1/companies', { name: 'Quillfeather & Sons' })).toMatchObject({ status: 201 });
  note(['Visit the widow at plot 9', 'uploaded.owner@example.org', 'Uploadia Ownerson', 'Marrowstone Ltd']);
  const header = 'task_owner,email,company_name,task_date,task_description,task_status';
  const row = 'Uploadia Ownerson,uploaded.owner@example.org,Marrowstone Ltd,2026-09-01,Visit the widow at plot 9,NEW';
  const upload = async (text: string) => {
    const form = new FormData();
    form.append('file', new Blob([text], { type: 'text/csv' }), 'Secretfile of Amina.csv');
    return send('POST', '/api/v1/tasks/upload', form);
  };
  note('Secretfile of Amina.csv');
  expect(await upload(`${header}\n${row}\n`)).toMatchObject({ status: 200, body: { created: 1 } });
  expect(await upload(`${header}\n${row},too many\n`)).toMatchObject({ status: 422 });
  expect(await upload(`${header}\n"Unclosed Quoteson`)).toMatchObject({ status: 400 });
  note('Unclosed Quoteson');
  expect(
    await send('POST', '/api/v1/tasks', {
      owner_id: 1,
      status_id: 1,
      task_date: '2026-09-01',
      description: 'Ask Noor about the 48213 again',
    }),
  ).toMatchObject({ status: 201 });
}

async function greet(): Promise<void> {
  note(['Birthdaychild', '1987-06-05', 'Refused123']);
  const birthday = { dateOfBirth: '1987-06-05' };
  expect(await send('PUT', '/hello/Birthdaychild', birthday)).toMatchObject({ status: 204 });
  expect(await send('GET', '/hello/Birthdaychild')).toMatchObject({ status: 200 });
  expect(await send('PUT', '/hello/Refused123', birthday)).toMatchObject({ status: 422 });
}

async function handleTokens(): Promise<void> {
  note([stack.tokens.manager, stack.tokens.collector, 'clt_nobodys-token-that-was-made-up']);
  const label = { role: 'collector', user_id: 'collector-3', label: "O'Neil's telephone" };
  const made = await send('POST', '/tokens', label);
  expect(made).toMatchObject({ status: 201 });
  const { token, token_id: id } = made.body as { token: string; token_id: string };
  note(token);
  const shown = (secret: string) => send('GET', '/responses', undefined, { authorization: `Bearer ${secret}` });
  expect(await shown(token)).toMatchObject({ status: 200 });
  expect(await shown('clt_nobodys-token-that-was-made-up')).toMatchObject({ status: 401 });
  expect(await send('DELETE', `/tokens/${id}`)).toMatchObject({ status: 204 });
  expect(await send('POST', '/tokens', { ...label, role: 'Rolethatisnone' })).toMatchObject({ status: 422 });
}

async function exportTables(): Promise<void> {
  for (const table of ['household_finances', 'flags', 'revisions', 'tasks']) {
    expect(await runExport(stack.url, stack.tokens.manager, { table_name: table })).toMatchObject({
      status: 'succeeded',
    });
  }
  const nowhere = { table_name: 'household_finances', spreadsheet_id: 'no-such-spreadsheet-anywhere' };
  expect(await runExport(stack.url, stack.tokens.manager, nowhere)).toMatchObject({ status: 'failed' });
}

/** Failures after validation: of the proxy, of the database with posted text in its error, and of queued messages. */
async function meetFailures(): Promise<void> {
  const single = await during('unavailable', () => send('POST', '/collect', uniqueHousehold(flagged)));
  expect(single).toMatchObject({ status: 202 });
  const batch = await during('drop-reply', () =>
    send('POST', '/collect/batch', [uniqueHousehold(), uniqueHousehold(BREAKS_RULE1)]),
  );
  expect(batch).toMatchObject({ status: 202 });
  await eventually(() => isDrained('WriteQueue'));
  const person = await during('throttle', () => send('POST', '/api/v1/people', { name: 'Unavailable Person' }));
  expect(person).toMatchObject({ status: 503 });
  const other = { authorization: 'Bearer clt_a-token-that-cannot-be-checked' };
  note('clt_a-token-that-cannot-be-checked');
  const unchecked = await during('unavailable', () => send('GET', '/tables', undefined, other));
  expect(unchecked).toMatchObject({ status: 503 });

  // A successful ping ends the outage mode of the collect Lambda.
  await eventually(async () => (await send('GET', '/health')).status === 200);

  // The stack may be writing at this moment.
  const timeout = 10_000;
  const database = new DatabaseSync(path.join(path.dirname(stack.host.logFolder), 'collect.sqlite'), { timeout });
  note(["Duplicate entry 'Noor O''Neil' for key"]);
  for (const table of ['responses', 'birthdays']) {
    const words = "Duplicate entry ''Noor O''''Neil'' for key";
    database.exec(`create trigger fail_${table} before insert on ${table} begin select raise(abort, '${words}'); end`);
  }
  const refused = [
    await send('POST', '/collect', uniqueHousehold()),
    await send('PUT', '/hello/Failingchild', { dateOfBirth: '1987-06-05' }),
  ];
  note('Failingchild');
  for (const table of ['responses', 'birthdays']) database.exec(`drop trigger fail_${table}`);
  database.close();
  expect(refused).toMatchObject([{ status: 500 }, { status: 500 }]);

  for (const queue of ['WriteQueue', 'TaskEventsQueue', 'ExportQueue', 'RejudgeQueue']) {
    for (const body of [JSON.stringify({ responses: [uniqueHousehold()] }), '{"name": "Queued Brokenjson"']) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(queue), MessageBody: body }));
    }
  }
  note('Queued Brokenjson');
  await eventually(() => isDrained('WriteQueue'));
  // Each queue has two invalid messages, which stay in the queue and are retried.
  for (const logged of ['event not followed up', 'export interrupted', 're-judge interrupted']) {
    await eventually(() => readLogs().split(logged).length > 2);
  }
}

/** The logs' text, and the decoded text of everything in base64, because bodies may be in base64. */
function readLogs(): string {
  const files = readdirSync(stack.host.logFolder).map((file) =>
    readFileSync(path.join(stack.host.logFolder, file), 'utf8'),
  );
  const text = files.join('\n');
  const decoded = [...text.matchAll(/[\w+/-]{24,}={0,2}/g)].map(([run]) => Buffer.from(run, 'base64').toString());
  return [text, ...decoded].join('\n');
}

/** Ids, and times in milliseconds since 1970. */
const BY_CHANCE = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{16,}|\b1\d{12}\b/g;

/** The posted values in the text: unchanged, in JSON, in JSON within JSON, or URL-encoded. */
function foundIn(text: string): string[] {
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1);
  // Ids and times may contain a posted number by chance.
  const said = text.replaceAll(BY_CHANCE, '');
  return [...posted].filter((value) =>
    [value, inJson(value), inJson(inJson(value)), encodeURIComponent(value)].some((form) => said.includes(form)),
  );
}

test('a full run leaves no posted value in any log', async () => {
  await collectResponses();
  await handleTasks();
  await greet();
  await handleTokens();
  await exportTables();
  await meetFailures();
  const logs = readLogs();

  expect(foundIn(logs)).toEqual([]);
  expect(posted.size).toBeGreaterThan(200);
  for (const value of ["Noor-1 O'Neil", '=cmd()', 'noor2.oneil@example.org', '917263.5', 'Birthdaychild']) {
    expect([...posted]).toContain(value);
  }
  // Checks that these are the logs of that run, with its failures.
  for (const logged of [
    'responses queued',
    'request failed',
    'message dead-lettered',
    'token not checked',
    'INTERNAL',
  ]) {
    expect(logs).toContain(logged);
  }
});

test('a full run leaves no posted value in any trace', () => {
  const traces = daemon.texts.join('\n');

  expect(foundIn(traces)).toEqual([]);
  for (const logged of ['saveResponses', 'POST /collect', 'sqs', 'sendMessage', '"fault":true']) {
    expect(traces.toLowerCase()).toContain(logged.toLowerCase());
  }
});

test('the search finds a posted value in a log, however it is encoded', () => {
  const value = 'Leaky O\'Neil of "Kibera", plot 5';
  note(value);
  const log = path.join(stack.host.logFolder, 'leak.log');

  for (const line of [
    value,
    JSON.stringify({ message: value }),
    JSON.stringify({ event: JSON.stringify({ name: value }) }),
    JSON.stringify({ body: Buffer.from(JSON.stringify({ name: value, age: 40 })).toString('base64') }),
    `GET /hello/${encodeURIComponent(value)}`,
  ]) {
    writeFileSync(log, '');
    expect(foundIn(readLogs())).not.toContain(value);
    writeFileSync(log, line);
    expect(foundIn(readLogs())).toContain(value);
  }
});
