/**
 * Lists for each operation a call that succeeds and, if the operation can refuse requests, a call that it refuses.
 * Operations that are not listed here are called with the requests of events/.
 */
import { readEventExamples, type EventExample } from '../../openapi/examples.ts';
import type { OpenapiDocument } from '../../openapi/openapi.ts';
import { builtFile } from './built-file.ts';
import { STRANGER, type Call } from './call.ts';
import { operationsOf, type Documented } from './documented.ts';
import { exporting, forms, xforms } from './form-calls.ts';
import { collecting, reviews } from './response-calls.ts';

const file = (text: string): FormData => {
  const form = new FormData();
  form.append('file', new Blob([text], { type: 'text/csv' }), 'tasks.csv');
  return form;
};
const HEADER = 'task_owner,email,company_name,task_date,task_description,task_status';
const named = (one: string, many: string): Call[] => [
  { operationId: `create${one}`, status: 201, body: { name: 'Harvest' } },
  { operationId: `create${one}`, status: 409, body: { name: 'Harvest' } },
  { operationId: `list${many}`, status: 200, query: { name: 'Harvest' } },
  { operationId: `list${many}`, status: 422, query: { sort: 'size' } },
];
const item = (one: string, id: string, change: object): Call[] => [
  { operationId: `get${one}`, status: 200, path: { id } },
  { operationId: `get${one}`, status: 404, path: { id: '999' } },
  { operationId: `change${one}`, status: 200, path: { id }, body: change },
  { operationId: `change${one}`, status: 422, path: { id }, body: { size: 1 } },
];
const task = { owner_id: 1, company_id: 1, status_id: 1, task_date: '2026-09-01', description: 'Call back' };

const tasks: Call[] = [
  { operationId: 'createPerson', status: 201, body: { name: 'Ama', email: 'ama@example.org' } },
  { operationId: 'createPerson', status: 409, body: { name: 'Amina', email: 'ama@example.org' } },
  { operationId: 'listPeople', status: 200 },
  { operationId: 'listPeople', status: 422, query: { limit: '101' } },
  ...item('Person', '1', { user_id: 'collector-1' }),
  ...named('Company', 'Companies'),
  ...item('Company', '1', { name: 'Harvest & Co' }),
  ...named('TaskStatus', 'TaskStatuses'),
  ...item('TaskStatus', '4', { name: 'WAITING' }),
  { operationId: 'createTask', status: 201, body: task },
  { operationId: 'createTask', status: 422, body: { ...task, owner_id: 999 } },
  { operationId: 'listTasks', status: 200, query: { sort: '-task_date' } },
  { operationId: 'listTasks', status: 422, query: { date_from: 'today' } },
  ...item('Task', '1', { status_id: 4 }),
  { operationId: 'uploadTasks', status: 200, body: file(`${HEADER}\nMo,mo@example.org,Harvest,2026-09-01,Visit,NEW`) },
  { operationId: 'uploadTasks', status: 400, body: file(`${HEADER}\n"Mo`) },
  { operationId: 'uploadTasks', status: 422, body: file(`${HEADER}\nMo,mo,Harvest,2026-13-01,Visit,NEW`) },
  { operationId: 'deleteCompany', status: 409, path: { id: '1' } },
  { operationId: 'deletePerson', status: 409, path: { id: '1' } },
  { operationId: 'deleteTaskStatus', status: 409, path: { id: '4' } },
  { operationId: 'deleteTask', status: 204, path: { id: '1' } },
  { operationId: 'deleteTask', status: 404, path: { id: '1' } },
  { operationId: 'deleteCompany', status: 204, path: { id: '1' } },
  { operationId: 'deletePerson', status: 204, path: { id: '1' } },
  { operationId: 'deleteTaskStatus', status: 204, path: { id: '4' } },
];

const UNKNOWN_TOKEN_ID = '00000000-0000-4000-8000-000000000000';

const tokens: Call[] = [
  { operationId: 'createToken', status: 201, body: { role: 'device', user_id: 'collector-1' } },
  { operationId: 'createToken', status: 201, body: { role: 'viewer' } },
  { operationId: 'createToken', status: 422, body: { role: 'collector' } },
  { operationId: 'listTokens', status: 200 },
  { operationId: 'listTokens', status: 422, query: { limit: '0' } },
  { operationId: 'revokeToken', status: 404, path: { token_id: UNKNOWN_TOKEN_ID } },
  { operationId: 'listAudit', status: 200, query: { action: 'token_created', limit: '1' } },
  { operationId: 'listAudit', status: 422, query: { since: 'yesterday' } },
  { operationId: 'getMe', status: 200 },
  { operationId: 'getMe', status: 401, headers: STRANGER },
];

const hook = { url: 'http://127.0.0.1:1/hook', events: ['flagged'] };
const unknownHook = { path: { webhook_id: UNKNOWN_TOKEN_ID } };

const webhooks: Call[] = [
  { operationId: 'createWebhook', status: 201, body: hook },
  { operationId: 'createWebhook', status: 422, body: { ...hook, url: 'http://10.0.0.1/' } },
  { operationId: 'listWebhooks', status: 200 },
  { operationId: 'listWebhooks', status: 422, query: { limit: '0' } },
  { operationId: 'getWebhook', status: 404, ...unknownHook },
  { operationId: 'changeWebhook', status: 404, ...unknownHook, body: { active: false } },
  { operationId: 'deleteWebhook', status: 404, ...unknownHook },
  { operationId: 'testWebhook', status: 404, ...unknownHook },
  { operationId: 'listDeliveries', status: 404, ...unknownHook },
  { operationId: 'redeliver', status: 404, ...unknownHook },
];

const COUPLED = { x0: '1', y0: '2', z0: '3', sigma: '4', rho: '5', beta: '1', delta_t: '2', system: 'coupled' };
const ANY_ETAG = { 'if-none-match': '*' };

const others: Call[] = [
  { operationId: 'getMetrics', status: 200 },
  { operationId: 'getMetrics', status: 304, headers: ANY_ETAG },
  { operationId: 'getMetrics', status: 422, query: { country: 'Colombia' } },
  { operationId: 'getMetricsChart', status: 200, query: { country: 'COL' } },
  { operationId: 'getMetricsChart', status: 304, query: { country: 'COL' }, headers: ANY_ETAG },
  { operationId: 'getMetricsChart', status: 422 },
  { operationId: 'putHello', status: 204, path: { username: 'Zoé' }, body: { dateOfBirth: '1990-05-17' } },
  { operationId: 'putHello', status: 422, path: { username: 'Zoé' }, body: { dateOfBirth: '9990-05-17' } },
  { operationId: 'getHello', status: 200, path: { username: 'Zoé' } },
  { operationId: 'getHello', status: 404, path: { username: 'Nobody' } },
  { operationId: 'getHello', status: 422, path: { username: 'R2D2' } },
  { operationId: 'welcome', status: 200 },
  { operationId: 'calculate', status: 200, query: COUPLED },
  { operationId: 'calculate', status: 422, query: { ...COUPLED, steps: '25' } },
  { operationId: 'plotCalculation', status: 200, query: COUPLED },
  { operationId: 'plotCalculation', status: 422 },
  { operationId: 'getOpenapi', status: 200 },
  { operationId: 'getOpenapi', status: 304, headers: ANY_ETAG },
  { operationId: 'getDocs', status: 200 },
  { operationId: 'getDocs', status: 304, headers: ANY_ETAG },
  { operationId: 'getDocsFile', status: 200, path: { file: 'swagger-ui.css' } },
  { operationId: 'getDocsFile', status: 304, path: { file: 'init.js' }, headers: ANY_ETAG },
  { operationId: 'getDocsFile', status: 404, path: { file: 'nothing' } },
  { operationId: 'getConsole', status: 200 },
  { operationId: 'getFormPage', status: 200 },
  { operationId: 'getFormPageOfForm', status: 200, path: { form_id: 'household_finances' } },
  { operationId: 'getFormPageOfForm', status: 404, path: { form_id: 'nothing.js' } },
  { operationId: 'getAsset', status: 200, path: { file: builtFile('.js') } },
  { operationId: 'getAsset', status: 304, path: { file: builtFile('.css') }, headers: ANY_ETAG },
  { operationId: 'getAsset', status: 404, path: { file: 'nothing' } },
];

const CALLS: readonly Call[] = [
  ...collecting,
  ...reviews,
  ...forms,
  ...xforms,
  ...exporting,
  ...tasks,
  ...tokens,
  ...webhooks,
  ...others,
];

/** Every call, in order: earlier calls create the objects of later calls. */
export function callsOf(document: OpenapiDocument): Call[] {
  const listed = new Set(CALLS.map(({ operationId }) => operationId));
  const events = readEventExamples('events');
  const unlisted = operationsOf(document).filter(({ operation }) => !listed.has(operation.operationId));
  return [
    ...CALLS,
    ...unlisted.flatMap((documented) =>
      events
        .filter(({ event }) => event.routeKey === `${documented.method} ${documented.path}`)
        .map((example) => callOf(documented, example)),
    ),
  ];
}

function callOf({ operation }: Documented, { event, refused }: EventExample): Call {
  const { pathParameters: path, queryStringParameters: query, headers, body } = event;
  const statuses = Object.keys(operation.responses).map(Number);
  const isTaken = (status: number): boolean => status < 300;
  const expected = refused ? [422, 404, 400].find((status) => statuses.includes(status)) : statuses.find(isTaken);
  return {
    operationId: operation.operationId,
    status: expected ?? 0,
    ...(path && { path: defined(path) }),
    ...(query && { query: defined(query) }),
    ...(headers['content-type'] !== undefined && { headers: { 'content-type': headers['content-type'] } }),
    ...(body !== undefined && { body }),
  };
}

function defined(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? '']));
}
