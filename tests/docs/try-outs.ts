/**
 * The operations that a reader tries out in Swagger UI, in this order, with the values to fill in. Operations that are
 * not listed here are tried out after them, with only their examples. One operation with each trait (see `traitsOf`) is
 * tried out on the page; the others are called directly.
 */
import type { OpenapiDocument, OpenapiOperation } from '../../openapi/openapi.ts';
import { resolveResponse } from '../support/openapi.ts';
import { withEveryTrait } from '../support/with-every-trait.ts';
import { builtFile } from './built-file.ts';
import { findOperation, operationsOf, type Documented } from './documented.ts';

export interface TryOut {
  /** The expected status; by default the first documented 2xx. */
  status?: number;
  /** The name of the body's example; by default the first example. */
  example?: string;
  /** Names of examples by parameter, for parameters for which Swagger UI would fill in the default. */
  choices?: Record<string, string>;
  /** Parameters with ids from earlier replies. */
  parameters?: (made: Made) => Record<string, string>;
  /** The reply's member that later operations need, and the name under which it is stored. */
  makes?: { member: string; name: string };
  /** The file to upload. */
  uploads?: 'tasks.csv' | 'form.xml';
}

export interface PlannedTryOut extends TryOut {
  operationId: string;
  status: number;
  /** Whether the operation is tried out on the page: it adds a trait, or Swagger UI has to make its body. */
  onPage: boolean;
}

/** The fields of an operation that a reader fills in. */
export interface Filled {
  parameters?: Record<string, string>;
  /** The names of the chosen examples, by parameter. */
  choices?: Record<string, string>;
  /** The name of the chosen example of the body. */
  example?: string;
  /** The path of the file to upload. */
  file?: string;
}

export interface ExampleRequest {
  method: string;
  /** The path with the query. */
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** Ids from earlier replies, by name. */
export type Made = ReadonlyMap<string, string>;

const JSON_TYPE = 'application/json';
const id = (name: string) => (made: Made) => ({ id: made.get(name) ?? '' });
const webhookId = (name: string) => (made: Made) => ({ webhook_id: made.get(name) ?? '' });
const OWN_ID = 'id';
const RESPONSE = '0f8b7c1e-household-17';

/** Creates the webhook that testWebhook tests; sent before the try-outs. Nothing listens at its address. */
export const TEST_WEBHOOK = {
  makes: { member: 'webhook_id', name: 'unreachable webhook' },
  request: {
    method: 'POST',
    path: '/webhooks',
    headers: { 'content-type': JSON_TYPE },
    body: JSON.stringify({ url: 'http://127.0.0.1:1/hook', events: ['corrected'] }),
  },
};

const TRY_OUTS: Readonly<Record<string, TryOut>> = {
  // These come first, because the examples name person 1, and later operations also create people.
  createPerson: { makes: { member: OWN_ID, name: 'person' } },
  getPerson: { parameters: id('person') },
  changePerson: { parameters: id('person') },
  createCompany: { makes: { member: OWN_ID, name: 'company' } },
  getCompany: { parameters: id('company') },
  createTaskStatus: { makes: { member: OWN_ID, name: 'status' } },
  getTaskStatus: { parameters: id('status') },
  createTask: { makes: { member: OWN_ID, name: 'task' } },
  getTask: { parameters: id('task') },
  changeTask: { parameters: id('task') },
  deleteTask: { parameters: id('task') },
  changeCompany: { parameters: id('company') },
  changeTaskStatus: { parameters: id('status') },
  deletePerson: { parameters: id('person') },
  deleteCompany: { parameters: id('company') },
  deleteTaskStatus: { parameters: id('status') },
  uploadTasks: { uploads: 'tasks.csv' },

  collect: { status: 201, example: 'flagged' },
  collectBatch: {},
  collectForm: { example: 'flagged' },
  collectFormBatch: {},
  getResponse: {},
  listRevisions: {},
  listAttachments: {},
  addAttachment: { status: 201 },
  listSubmissions: {},
  reviewResponse: { status: 201 },
  assignResponse: { status: 201 },
  listReviews: {},
  listWork: {},

  putForm: { status: 201 },
  // Deletes the form that putForm made, which has no responses.
  deleteForm: { parameters: () => ({ form_id: 'wells' }) },

  putXform: { status: 201, uploads: 'form.xml' },
  getXform: {},
  putXformMedia: {},
  listXformMedia: {},
  deleteXformMedia: {},

  putLiveSheet: { status: 201 },
  getLiveSheet: {},
  deleteLiveSheet: {},

  startRejudge: { makes: { member: 'rejudge_id', name: 'rejudge' } },
  getRejudge: { parameters: (made) => ({ rejudge_id: made.get('rejudge') ?? '' }) },

  requestExport: { makes: { member: 'export_id', name: 'export' } },
  getExport: { parameters: (made) => ({ export_id: made.get('export') ?? '' }) },
  // Comes after every operation whose examples name this response.
  eraseResponse: { parameters: () => ({ response_id: RESPONSE }) },

  // These come after every event of a response, so that nothing is sent to the address in the example.
  createWebhook: { makes: { member: 'webhook_id', name: 'webhook' } },
  getAsset: { parameters: () => ({ file: builtFile('.js') }) },
  getWebhook: { parameters: webhookId('webhook') },
  changeWebhook: { parameters: webhookId('webhook') },
  testWebhook: { parameters: webhookId(TEST_WEBHOOK.makes.name) },
  listDeliveries: { parameters: webhookId('webhook') },
  redeliver: { parameters: webhookId('webhook') },
  deleteWebhook: { parameters: webhookId('webhook') },

  calculate: { choices: { system: 'calculate' } },

  createToken: { makes: { member: 'token_id', name: 'token' } },
  // Revokes the new token, not the one in use.
  revokeToken: { parameters: (made) => ({ token_id: made.get('token') ?? '' }) },
};

/** Every operation, in the order in which they are tried out. */
export function tryOutsOf(document: OpenapiDocument): PlannedTryOut[] {
  const operations = operationsOf(document).map(({ operation }) => operation);
  const first = Object.keys(TRY_OUTS);
  const others = operations.map(({ operationId }) => operationId).filter((each) => !first.includes(each));
  const planned = [...first, ...others].map((operationId) => {
    const documented = findOperation(document, operationId);
    const status = successOf(documented.operation);
    return { operationId, status, traits: traitsOf(document, documented, status) };
  });
  const shown = withEveryTrait(planned);
  return planned.map((each) => {
    const { operationId, status } = each;
    const onPage = shown.has(each) || requestOf(document, operationId, {}) === undefined;
    return { operationId, status, onPage, ...TRY_OUTS[operationId] };
  });
}

/** The first documented 2xx. */
function successOf({ responses }: OpenapiOperation): number {
  return (
    Object.keys(responses)
      .map(Number)
      .find((each) => each < 300) ?? 0
  );
}

/** The traits that decide how Swagger UI draws an operation, sends its request and shows its reply. */
function traitsOf(document: OpenapiDocument, { method, operation }: Documented, status: number): string[] {
  const { parameters = [], requestBody, responses } = operation;
  const { content } = resolveResponse(document, responses[status] ?? {});
  return [
    [method, ...Object.keys(requestBody?.content ?? {}), 'replies', ...Object.keys(content ?? {})].join(' '),
    ...parameters.map(({ in: place, schema, examples }) =>
      [place, schema['type'], 'enum' in schema && 'of a list', examples && 'with examples'].join(' '),
    ),
  ];
}

/**
 * The request that Swagger UI sends when these fields are filled in and all others keep the document's examples.
 *
 * @returns undefined if the body is not a JSON example: Swagger UI then takes it from a file or generates it
 */
export function requestOf(document: OpenapiDocument, operationId: string, filled: Filled): ExampleRequest | undefined {
  const { path, method, operation } = findOperation(document, operationId);
  const { parameters = {}, choices = {}, example = '' } = filled;
  const request: ExampleRequest = { method, path, headers: {} };
  const query = new URLSearchParams();
  for (const { in: place, name, schema, examples = {} } of operation.parameters ?? []) {
    const chosen = choices[name] === undefined ? undefined : examples[choices[name]];
    const prefilled = chosen?.value ?? schema['default'] ?? Object.values(examples)[0]?.value;
    const value = parameters[name] ?? textOf(prefilled);
    if (value === '') continue;
    if (place === 'query') query.append(name, value);
    else if (place === 'header') request.headers[name] = value;
    else request.path = request.path.replace(`{${name}}`, encodeURIComponent(value));
  }
  if (query.size > 0) request.path += `?${query.toString()}`;
  if (operation.requestBody === undefined) return request;
  const { examples = {} } = operation.requestBody.content[JSON_TYPE] ?? {};
  const chosen = examples[example] ?? Object.values(examples)[0];
  if (chosen === undefined) return undefined;
  const { value } = document.components.examples[chosen.$ref?.slice('#/components/examples/'.length) ?? ''] ?? chosen;
  request.headers['content-type'] = JSON_TYPE;
  return { ...request, body: JSON.stringify(value) };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
