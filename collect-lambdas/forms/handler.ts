/** Forms and their rules as data: read them, store a new version, try rules on what is stored. */
import type { FormDefinition } from '../../forms/form-definition.ts';
import { parseJson } from '../../forms/json.ts';
import { parseFormDefinition, withRules } from '../../forms/read-form.ts';
import { isFormId, SYSTEM_TABLES, type Result, type StoredForm } from '../../db-proxy-lambda/contract.ts';
import type { Fault } from '../../forms/fault.ts';
import type { Caller } from '../shared/access.ts';
import {
  askedBy,
  isObject,
  jsonResponse,
  pathParameter,
  readText,
  routeRequests,
  type HttpEvent,
  type HttpResponse,
} from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { formObject } from '../shared/snapshot.ts';
import { readQuery } from '../shared/query.ts';
import { etagOf, formQuery, readBaseVersion } from './base-version.ts';
import type { Dependencies } from './dependencies.ts';
import { dryRun, readDryRun } from './dry-run.ts';

const MAX_FORM_BYTES = 1_000_000;

export function createHandler(dependencies: Dependencies) {
  return routeRequests(
    {
      'GET /forms': () => listForms(dependencies),
      'GET /forms/{form_id}': (event) => getForm(dependencies, event),
      'PUT /forms/{form_id}': (event, caller) => putForm(dependencies, event, caller),
      'POST /forms/{form_id}/dry-run': (event) => tryRules(dependencies, event),
    },
    dependencies.logger,
  );
}

async function listForms({ dbProxy }: Dependencies): Promise<HttpResponse> {
  const { forms } = await dbProxy.call('listForms', {});
  return jsonResponse(200, { items: forms });
}

async function getForm(dependencies: Dependencies, event: HttpEvent): Promise<HttpResponse> {
  const { version } = readQuery(event, formQuery);
  return formResponse(200, await findForm(dependencies, event, version));
}

async function putForm(
  { dbProxy, recordChange }: Dependencies,
  event: HttpEvent,
  caller: Caller,
): Promise<HttpResponse> {
  const formId = pathParameter(event, 'form_id');
  // What GET adds to a definition may come back with it: a form is read, changed and put.
  const { version, created_at: _createdAt, ...sent } = readObject(event);
  const errors: Fault[] = [];
  const baseVersion = readBaseVersion(event.headers['if-match'], version, errors);
  const parsed = parseFormDefinition({ form_id: formId, ...sent });
  if (!parsed.ok) errors.push(...parsed.errors);
  if (Object.hasOwn(sent, 'form_id') && sent['form_id'] !== formId) {
    errors.push({ pointer: '/form_id', detail: `Send the id of the address, ${formId}, or leave it out.` });
  }
  if (SYSTEM_TABLES.some((name) => name === formId)) {
    errors.push({ pointer: '/form_id', detail: 'Choose another id; a table of this name is there already.' });
  }
  if (!parsed.ok || errors.length > 0) throw new Problem('invalid-form', { errors });
  const { form: definition } = parsed;
  const { result } = await recordChange(
    () =>
      dbProxy.call('putForm', {
        form_id: formId,
        definition,
        expected_version: baseVersion,
        by: askedBy(event, caller),
      }),
    (stored) => (stored.outcome === 'outdated' ? undefined : formObject(stored.form)),
  );
  if (result.outcome === 'outdated') throw outdated(result);
  return formResponse(result.outcome === 'created' ? 201 : 200, result.form);
}

type Outdated = Extract<Result<'putForm'>, { outcome: 'outdated' }>;

/** With both versions: what has changed since can be told from them, and carried over. */
function outdated({ form, expected }: Outdated): Problem {
  const detail =
    form === null
      ? 'There is no form with this id yet. Leave out If-Match and version to make it.'
      : `Version ${form.version} is stored by now. Carry your change over to it, and send it with "version": ${form.version}.`;
  return new Problem('form-changed', {
    detail,
    members: { current: form && toBody(form), based_on: expected && toBody(expected) },
  });
}

async function tryRules(dependencies: Dependencies, event: HttpEvent): Promise<HttpResponse> {
  const { rules, since } = readDryRun(readObject(event));
  const { definition } = await findForm(dependencies, event);
  const proposed = withRules(definition, rules);
  if (!proposed.ok) throw new Problem('invalid-form', { errors: [...proposed.errors] });
  return jsonResponse(200, await dryRun(dependencies, proposed.form, since));
}

function readObject(event: HttpEvent): Record<string, unknown> {
  const { text } = readText(event, ['application/json'], MAX_FORM_BYTES);
  const body = parseJson(text);
  if (!body.ok) throw new Problem('not-json', { errors: [body.fault] });
  if (!isObject(body.value)) {
    throw new Problem('invalid-form', { errors: [{ pointer: '', detail: 'Send an object.' }] });
  }
  return body.value;
}

async function findForm({ dbProxy }: Dependencies, event: HttpEvent, version?: number): Promise<StoredForm> {
  const formId = pathParameter(event, 'form_id');
  const { form } = isFormId(formId) ? await dbProxy.call('getForm', { form_id: formId, version }) : { form: null };
  if (form !== null) return form;
  const detail =
    version === undefined
      ? 'There is no form with this id; GET /forms lists them.'
      : 'There is no form with this id and version; GET /forms lists the last versions.';
  throw new Problem('not-found', { detail });
}

function formResponse(statusCode: number, form: StoredForm): HttpResponse {
  return jsonResponse(statusCode, toBody(form), { etag: etagOf(form.version) });
}

function toBody({
  version,
  created_at,
  definition,
}: StoredForm): { version: number; created_at: string } & Partial<FormDefinition> {
  return { ...definition, version, created_at };
}
