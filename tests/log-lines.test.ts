/** Checks that every function logs its failures with ids and without personal data. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { snapshotMarker } from '../collect-lambdas/shared/owed.ts';
import smokeEvents from '../collect-lambdas/pre-traffic/smoke-events.json' with { type: 'json' };
import { beginTrace } from '../local/functions/invocation.ts';
import { readApplication } from '../local/read-application.ts';
import { filesStore, snapshotStore } from '../local/stack.ts';
import type { FunctionModel } from '../local/template/model.ts';
import { list, text } from '../local/template/values.ts';
import { httpEvent, type HttpRequest } from './support/http-event.ts';
import { household, INCOME } from './support/responses.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';

const RESPONSE = 'household-17';
const EXPORT = '7b0c8f8e-3d1f-4f0e-9f8e-0a4c4b8c2f11';
/** Stands for texts of respondents, collectors and managers. */
const SECRET = 'Amina Odhiambo earns 47110';
const NO_EVENT = {};
const SCHEDULE = { 'detail-type': 'Scheduled Event', detail: { note: SECRET } };

const http = (route: string, request?: HttpRequest) => httpEvent(route, request);
const message = (body: unknown) => ({
  Records: [
    {
      messageId: 'message-1',
      receiptHandle: 'handle-1',
      body: JSON.stringify(body),
      attributes: { SentTimestamp: '0' },
    },
  ],
});
const post = (route: string, changes: Record<string, unknown> = {}) =>
  http(route, { body: household({ response_id: RESPONSE, name: SECRET, [INCOME]: '47110.5', ...changes }) });

const flagged = {
  event_id: '1',
  type: 'flagged',
  response_id: RESPONSE,
  revision: 1,
  form_id: 'household_finances',
  user_id: SECRET,
  flags: [{ rule: 'Rule1', message: SECRET, questions: [] }],
  occurred_at: '2026-09-01T06:00:00.000Z',
};
const area = {
  country: { iso3: 'COL', name: SECRET },
  region: { id: 1, name: SECRET, population: 47110 },
  date: '2022-06-01',
  dataType: 'PREDICTION',
  metrics: { fcs: { people: 4711, prevalence: 0.1 } },
};

const byResponse = { response_id: RESPONSE };
const byExport = { export_id: EXPORT };
const byRequest = { request_id: 'request-1' };

type Failure = [id: string, event: unknown, line: Record<string, string>];

/** Each function's id in the templates, an event at which the function fails, and additional members of its log line. */
const named: Failure[] = [
  ['CollectFunction', post('POST /collect'), { ...byRequest, ...byResponse }],
  ['ResponsesFunction', http('GET /responses/{response_id}', { path: byResponse }), { ...byRequest, ...byResponse }],
  [
    'AttachmentsFunction',
    http('GET /responses/{response_id}/attachments', { path: byResponse }),
    { ...byRequest, ...byResponse },
  ],
  [
    'ReviewsFunction',
    http('GET /responses/{response_id}/reviews', { path: byResponse }),
    { ...byRequest, ...byResponse },
  ],
  ['UploadsFunction', message({ Records: SECRET }), {}],
  ['FormsFunction', http('GET /forms/{form_id}', { path: { form_id: 'crops' } }), byRequest],
  ['TokensFunction', http('POST /tokens', { body: { role: 'viewer', label: SECRET } }), byRequest],
  ['AuthorizerFunction', { headers: { authorization: 'Bearer 47110-47110-47110' } }, {}],
  ['WriteFunction', message({ operation: 'nothing', input: { note: SECRET } }), {}],
  ['ExportsFunction', http('GET /exports/{export_id}', { path: byExport }), { ...byRequest, ...byExport }],
  ['MetricsFunction', http('GET /metrics'), byRequest],
  ['TasksFunction', http('POST /api/v1/people', { body: { name: SECRET } }), byRequest],
  ['SheetsFunction', message(byExport), byExport],
  ['LiveSheetFunction', message({}), {}],
  ['RejudgeFunction', message({ rejudge_id: EXPORT }), { rejudge_id: EXPORT }],
  ['WebhookDeliveryFunction', message({ webhook_id: EXPORT }), { webhook_id: EXPORT }],
  ['TaskFollowUpFunction', message(flagged), byResponse],
  ['MetricsIngestFunction', { rows: [area] }, {}],
  ['SweepFunction', SCHEDULE, {}],
  ['PublishFunction', message({}), {}],
  ['OdkPendingFunction', SCHEDULE, {}],
  ['PreTrafficFunction', { deployment: SECRET }, {}],
  ['MigrateFunction', { deployment: SECRET }, {}],
  ['DbProxyFunction', { operation: 'getResponse', input: byResponse }, byResponse],
  ['DbProxyFunction', { operation: 'getExport', input: byExport }, byExport],
];

/** The Python function's lines are made by Lambda's own runtime, which adds the invocation's id. */
const isNode = ({ runtime }: FunctionModel): boolean => runtime === 'nodejs';

/** All other Lambdas with routes. They fail at their smoke event, or at an empty event if they do not use the proxy. */
const others = readApplication('template.yaml', {})
  .functions.filter(isNode)
  .flatMap(({ id, environment, build }): Failure[] => {
    const lambda = path.basename(path.dirname(text(list(build?.['EntryPoints'])[0])));
    const event = smokeEvents.find((each) => each.lambda === lambda)?.event;
    if (event === undefined || named.some(([other]) => id.endsWith(other))) return [];
    if (!('DB_PROXY_FUNCTION' in environment)) return [[id, NO_EVENT, {}]];
    return [[id, event, { request_id: event.requestContext.requestId }]];
  });
const failures = [...named, ...others];

/** Values of the path and the query, except required ids and short values, which may be in a line by chance. */
function postedValues(event: unknown, line: Record<string, string>): string[] {
  const { pathParameters, queryStringParameters }: Partial<ReturnType<typeof http>> = Object(event);
  const values = Object.values({ ...pathParameters, ...queryStringParameters });
  return values
    .filter((value) => value !== undefined && value.length > 2 && !Object.values(line).includes(value))
    .map(String);
}

let stack: TestStack;
beforeAll(async () => {
  // Nothing listens at this address, so every function fails.
  const databaseUrl = 'mysql://nobody@127.0.0.1:1/nothing';
  const functionEnvironment = { DATABASE_URL: databaseUrl };
  stack = await startTestStack({
    databaseUrl,
    functionEnvironment,
    runsSchedules: false,
    takesTokens: false,
  });
  // The sweep uses the database only if there is a marker.
  const store = snapshotStore(stack.host);
  await store.put(snapshotMarker('change'), '{}');
  // A marker that names no submission cannot be handled.
  await filesStore(stack.host).put('pending/broken', '{}');
});
afterAll(() => stack?.stop());

const nameOf = (id: string): string => stack.host.model.functions.find((fn) => fn.id.endsWith(id))?.name ?? id;
const logOf = (name: string): string => readFileSync(path.join(stack.host.logFolder, `${name}.log`), 'utf8');
const linesOf = (name: string): Record<string, unknown>[] =>
  logOf(name)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    // Drops the lines of metrics, which have no message.
    .filter(({ message }) => message !== undefined);

test('every function of the templates has a case', () => {
  const looked = new Set(failures.map(([id]) => nameOf(id)));

  const own = stack.host.model.functions.filter(isNode).map(({ name }) => name);
  expect(own.filter((name) => !looked.has(name))).toEqual([]);
});

test.each(failures)(
  '%s logs the ids of the failed invocation and of the response or export (%#)',
  async (id, event, line) => {
    const name = nameOf(id);
    const before = linesOf(name).length;

    const trace = beginTrace();
    await stack.host.functions.invoke(name, Buffer.from(JSON.stringify(event)), trace);

    // Invocations that earlier cases caused may still run, and write lines of their own.
    const written = linesOf(name)
      .slice(before)
      .filter((each) => trace.includes(String(each['xray_trace_id'])));
    expect(written.map(({ level }) => level)).toContain('ERROR');
    for (const each of written) {
      expect(each).toMatchObject({
        ...line,
        service: expect.any(String),
        function_name: name,
        function_request_id: expect.stringMatching(/^[\da-f-]{36}$/),
      });
    }
    for (const value of postedValues(event, line)) expect(JSON.stringify(written)).not.toContain(value);
    expect(logOf(name)).not.toMatch(/Amina|Odhiambo|47110|Ama Khan|Nairobi/);
  },
);

test('a line carries no id of the previous invocation', async () => {
  const name = nameOf('CollectFunction');
  await stack.host.functions.invoke(name, Buffer.from(JSON.stringify(post('POST /collect'))));
  const before = linesOf(name).length;

  await stack.host.functions.invoke(name, Buffer.from(JSON.stringify(http('GET /health'))));

  const [line] = linesOf(name).slice(before);
  expect(line).toMatchObject({ route: 'GET /health', code: 'DATABASE_UNAVAILABLE' });
  expect(line).not.toHaveProperty('response_id');
});
