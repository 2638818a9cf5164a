/**
 * Lists for each operation a call that succeeds and, if the operation can refuse requests, a call that it refuses.
 * Operations that are not listed here are called with the requests of events/.
 */
import { readEventExamples, type EventExample } from '../../openapi/examples.ts';
import type { OpenapiDocument } from '../../openapi/openapi.ts';
import { household, INCOME } from '../support/responses.ts';
import { sampleXform } from '../support/sample-xform.ts';
import { builtFile } from './built-file.ts';
import { operationsOf, type Documented } from './documented.ts';

export interface Call {
  operationId: string;
  /** The expected status. */
  status: number;
  path?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Sent as JSON, unless it is text or a form. */
  body?: unknown;
}

/** An unknown token. */
const STRANGER = { authorization: 'Bearer nobody' };

const response = household({ response_id: 'household-1' });
const flagged = household({ response_id: 'household-2', [INCOME]: 1 });
const wells = {
  title: 'Wells',
  questions: [{ key: 'depth', column: 'depth', type: 'decimal' }],
  facts: [{ name: 'level', add: ['depth'] }],
  rules: [{ name: 'Deep', message: '{depth}', conditions: { fact: 'level', operator: 'greaterThan', value: 2 } }],
};
const well = Object.fromEntries(Object.entries(household({ response_id: 'well-1' })).slice(0, 8));
const rules = [{ name: 'Rich', message: 'x', conditions: { fact: INCOME, operator: 'greaterThan', value: 1e6 } }];

const PHOTO = { name: 'front.jpg', bytes: 5, sha256: 'a'.repeat(64), type: 'image/jpeg' };

const collecting: Call[] = [
  { operationId: 'health', status: 200 },
  { operationId: 'collect', status: 201, body: response },
  { operationId: 'collect', status: 200, body: response },
  { operationId: 'collect', status: 201, body: flagged },
  { operationId: 'collect', status: 400, body: '{' },
  { operationId: 'collect', status: 409, body: { ...response, age: 41 } },
  { operationId: 'collect', status: 409, body: { ...response, last_modified_time: '2020-01-01T00:00:00Z' } },
  { operationId: 'collect', status: 413, body: household({ name: 'x'.repeat(300_000) }) },
  { operationId: 'collect', status: 415, body: 'a=1', headers: { 'content-type': 'text/plain' } },
  { operationId: 'collect', status: 422, body: { ...response, age: 'old' } },
  {
    operationId: 'collectBatch',
    status: 200,
    body: [response, flagged, household({ age: -1 }), { ...response, age: 1 }],
  },
  {
    operationId: 'collectBatch',
    status: 200,
    body: `${JSON.stringify(household())}\n{`,
    headers: { 'content-type': 'application/x-ndjson' },
  },
  { operationId: 'collectBatch', status: 422, body: {} },
  { operationId: 'listResponses', status: 200, query: { limit: '1' } },
  { operationId: 'listResponses', status: 200, query: { status: 'flagged', updated_since: '2020-01-01T00:00:00Z' } },
  { operationId: 'listResponses', status: 422, query: { limit: '0' } },
  { operationId: 'getResponse', status: 200, path: { response_id: 'household-2' } },
  { operationId: 'getResponse', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'listRevisions', status: 200, path: { response_id: 'household-1' } },
  { operationId: 'listRevisions', status: 422, path: { response_id: 'household-1' }, query: { cursor: 'x' } },
  { operationId: 'listRevisions', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'listSubmissions', status: 200, path: { response_id: 'household-1' } },
  { operationId: 'listSubmissions', status: 422, path: { response_id: 'household-1' }, query: { cursor: 'x' } },
  { operationId: 'listSubmissions', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'listAttachments', status: 200, path: { response_id: 'household-1' } },
  { operationId: 'listAttachments', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'addAttachment', status: 201, path: { response_id: 'household-1' }, body: PHOTO },
  { operationId: 'addAttachment', status: 422, path: { response_id: 'household-1' }, body: { ...PHOTO, bytes: 0 } },
  { operationId: 'eraseResponse', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'eraseResponse', status: 204, path: { response_id: 'household-2' } },
  { operationId: 'getResponse', status: 410, path: { response_id: 'household-2' } },
  { operationId: 'listRevisions', status: 410, path: { response_id: 'household-2' } },
  { operationId: 'listAttachments', status: 410, path: { response_id: 'household-2' } },
  { operationId: 'addAttachment', status: 410, path: { response_id: 'household-2' }, body: PHOTO },
  { operationId: 'listResponses', status: 200, query: { status: 'erased' } },
  { operationId: 'collect', status: 410, body: flagged },
  { operationId: 'collectBatch', status: 200, body: [flagged] },
];

const reviewed = { response_id: 'household-1' };
const approval = { action: 'approve', revision: 1 };
const key = { 'idempotency-key': 'approve-household-1' };

const reviews: Call[] = [
  { operationId: 'reviewResponse', status: 201, path: reviewed, body: approval, headers: key },
  { operationId: 'reviewResponse', status: 409, path: reviewed, body: { ...approval, text: 'Good.' }, headers: key },
  { operationId: 'reviewResponse', status: 409, path: reviewed, body: { ...approval, revision: 9 } },
  { operationId: 'reviewResponse', status: 422, path: reviewed, body: { action: 'approve' } },
  { operationId: 'reviewResponse', status: 404, path: { response_id: 'unknown' }, body: approval },
  { operationId: 'reviewResponse', status: 410, path: { response_id: 'household-2' }, body: approval },
  { operationId: 'reviewResponse', status: 200, path: reviewed, body: approval, headers: key },
  { operationId: 'assignResponse', status: 201, path: reviewed, body: { user_id: 'collector-1' } },
  { operationId: 'assignResponse', status: 422, path: reviewed, body: {} },
  { operationId: 'listReviews', status: 200, path: reviewed },
  { operationId: 'listReviews', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'listReviews', status: 422, path: reviewed, query: { limit: '0' } },
  { operationId: 'listWork', status: 200 },
  { operationId: 'listWork', status: 422, query: { limit: '0' } },
];
const liveSheet = { spreadsheet_id: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms', tab: 'Wells' };

const forms: Call[] = [
  { operationId: 'putForm', status: 201, path: { form_id: 'wells' }, body: wells },
  { operationId: 'putForm', status: 200, path: { form_id: 'wells' }, body: { ...wells, title: 'All wells' } },
  { operationId: 'putForm', status: 412, path: { form_id: 'wells' }, body: { ...wells, version: 1 } },
  { operationId: 'putForm', status: 422, path: { form_id: 'wells' }, body: {} },
  { operationId: 'putForm', status: 422, path: { form_id: 'wells' }, body: wells, headers: { 'if-match': '1' } },
  { operationId: 'listForms', status: 200 },
  { operationId: 'listForms', status: 401, headers: STRANGER },
  { operationId: 'getForm', status: 200, path: { form_id: 'wells' } },
  { operationId: 'getForm', status: 200, path: { form_id: 'household_finances' } },
  { operationId: 'getForm', status: 200, path: { form_id: 'wells' }, query: { version: '1' } },
  { operationId: 'getForm', status: 422, path: { form_id: 'wells' }, query: { version: '0' } },
  { operationId: 'getForm', status: 404, path: { form_id: 'nothing' } },
  { operationId: 'dryRun', status: 200, path: { form_id: 'household_finances' }, body: { rules } },
  { operationId: 'dryRun', status: 422, path: { form_id: 'household_finances' }, body: { rules: [{}] } },
  { operationId: 'startRejudge', status: 202, path: { form_id: 'household_finances' }, body: {} },
  { operationId: 'startRejudge', status: 404, path: { form_id: 'nothing' }, body: {} },
  { operationId: 'startRejudge', status: 422, path: { form_id: 'household_finances' }, body: { since: 'now' } },
  { operationId: 'getRejudge', status: 404, path: { form_id: 'household_finances', rejudge_id: 'nothing' } },
  { operationId: 'collectForm', status: 201, path: { form_id: 'wells' }, body: { ...well, depth: '2.5' } },
  { operationId: 'collectForm', status: 404, path: { form_id: 'nothing' }, body: well },
  {
    operationId: 'collectForm',
    status: 409,
    path: { form_id: 'wells' },
    body: { ...well, response_id: 'household-1', depth: 1 },
  },
  { operationId: 'collectFormBatch', status: 200, path: { form_id: 'wells' }, body: [{ ...well, depth: 2.5 }] },
  { operationId: 'collectFormBatch', status: 404, path: { form_id: 'nothing' }, body: [] },
  { operationId: 'listVersions', status: 200, path: { form_id: 'wells' } },
  { operationId: 'listVersions', status: 404, path: { form_id: 'nothing' } },
  { operationId: 'getVersion', status: 200, path: { form_id: 'wells', version: '1' } },
  { operationId: 'getVersion', status: 404, path: { form_id: 'wells', version: '9' } },
  { operationId: 'deleteForm', status: 409, path: { form_id: 'wells' } },
  { operationId: 'putForm', status: 201, path: { form_id: 'pumps' }, body: { ...wells, state: 'draft' } },
  { operationId: 'putForm', status: 200, path: { form_id: 'pumps' }, body: { ...wells, state: 'closed' } },
  { operationId: 'putForm', status: 422, path: { form_id: 'pumps' }, body: { ...wells, state: 'draft' } },
  {
    operationId: 'collectForm',
    status: 409,
    path: { form_id: 'pumps' },
    body: { ...well, response_id: 'p', depth: 1 },
  },
  { operationId: 'deleteForm', status: 204, path: { form_id: 'pumps' } },
  { operationId: 'deleteForm', status: 404, path: { form_id: 'pumps' } },
];

const water = { form_id: 'water_points' };
const districts = { ...water, file: 'districts.csv' };
const xml = { 'content-type': 'text/xml' };
const csv = { 'content-type': 'text/csv' };

const xforms: Call[] = [
  { operationId: 'putXform', status: 200, path: water, body: sampleXform(), headers: xml, query: { dry_run: 'true' } },
  { operationId: 'putXform', status: 201, path: water, body: sampleXform(), headers: xml },
  { operationId: 'putXform', status: 200, path: water, body: sampleXform(), headers: xml },
  { operationId: 'putXform', status: 409, path: water, body: sampleXform({ constraint: '. &gt; 1' }), headers: xml },
  { operationId: 'putXform', status: 409, path: { form_id: 'springs' }, body: sampleXform(), headers: xml },
  {
    operationId: 'putXform',
    status: 412,
    path: water,
    body: sampleXform({ version: '2' }),
    headers: { ...xml, 'if-match': '"9"' },
  },
  { operationId: 'putXform', status: 415, path: water, body: sampleXform() },
  { operationId: 'putXform', status: 422, path: water, body: '<a/>', headers: xml },
  { operationId: 'getXform', status: 200, path: water },
  { operationId: 'getXform', status: 304, path: water, headers: { 'if-none-match': '*' } },
  { operationId: 'getXform', status: 404, path: { form_id: 'nothing' } },
  { operationId: 'putXformMedia', status: 200, path: districts, body: 'name\n', headers: csv },
  { operationId: 'putXformMedia', status: 422, path: { ...water, file: 'a\\b' }, body: 'name\n', headers: csv },
  { operationId: 'listXformMedia', status: 200, path: water },
  { operationId: 'listXformMedia', status: 404, path: { form_id: 'nothing' } },
  { operationId: 'deleteXformMedia', status: 204, path: districts },
  { operationId: 'deleteXformMedia', status: 404, path: districts },
];

const exporting: Call[] = [
  { operationId: 'listTables', status: 200 },
  { operationId: 'listTables', status: 401, headers: STRANGER },
  { operationId: 'requestExport', status: 202, body: { table_name: 'household_finances' } },
  { operationId: 'requestExport', status: 422, body: { table_name: 'nothing' } },
  { operationId: 'getLiveSheet', status: 404, path: { form_id: 'wells' } },
  { operationId: 'putLiveSheet', status: 201, path: { form_id: 'wells' }, body: liveSheet },
  { operationId: 'putLiveSheet', status: 200, path: { form_id: 'wells' }, body: liveSheet },
  { operationId: 'putLiveSheet', status: 409, path: { form_id: 'household_finances' }, body: liveSheet },
  { operationId: 'putLiveSheet', status: 422, path: { form_id: 'wells' }, body: {} },
  { operationId: 'listLiveSheets', status: 200 },
  { operationId: 'listLiveSheets', status: 401, headers: STRANGER },
  { operationId: 'getLiveSheet', status: 200, path: { form_id: 'wells' } },
  { operationId: 'deleteLiveSheet', status: 204, path: { form_id: 'wells' } },
  { operationId: 'deleteLiveSheet', status: 404, path: { form_id: 'wells' } },
  { operationId: 'getExport', status: 404, path: { export_id: 'nothing' } },
  { operationId: 'listExports', status: 200 },
  { operationId: 'listExports', status: 422, query: { cursor: 'nothing' } },
];

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
