/** Forms and their rules: reads them, stores new versions, tries rules on stored responses, and judges these again. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import { compileForm } from '../../forms/compiled/compiled-form.ts';
import { isFormId, type StoredForm } from '../../db-proxy-lambda/contract.ts';
import { REJUDGE, startJob } from '../shared/background-job.ts';
import { readObject } from '../shared/body.ts';
import { formResponse, noSuchForm, outdated } from '../shared/form-reply.ts';
import { askedBy, jsonResponse, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { removePrefix } from '../shared/file-store.ts';
import { traceOf } from '../shared/logger.ts';
import { Problem, unavailable } from '../shared/problem.ts';
import type { BodyRequest, Request } from '../shared/route.ts';
import { formObject } from '../shared/snapshot.ts';
import { time } from '../shared/time.ts';
import { findFormOfXform, formFilesPrefix } from '../shared/xform-files.ts';
import { readVersion, type formQuery } from '../shared/base-version.ts';
import type { Dependencies } from './dependencies.ts';
import { dryRun, readDryRun, readProposed, trySample } from './dry-run.ts';
import { readDefinition } from '../shared/read-definition.ts';

const WAS_OPEN =
  'Send open or closed; a form that was open cannot become a draft again. Test a change under another form_id.';

const MAX_FORM_BYTES = 1_000_000;

/** The counts cover the responses of all collectors, so a collector's token does not get them. */
export async function listForms({ dbProxy }: Dependencies, { caller: { onlyOf } }: Request): Promise<HttpResponse> {
  const { forms } = await dbProxy.call('listForms', { counts: onlyOf === undefined });
  return jsonResponse(200, { items: forms });
}

export async function getForm(
  dependencies: Dependencies,
  { event, query: { version } }: Request<typeof formQuery>,
): Promise<HttpResponse> {
  return formResponse(200, await findForm(dependencies, event, version));
}

export async function listVersions({ dbProxy }: Dependencies, { event }: Request): Promise<HttpResponse> {
  const formId = pathParameter(event, 'form_id');
  const { versions } = isFormId(formId)
    ? await dbProxy.call('listFormVersions', { form_id: formId })
    : { versions: [] };
  if (versions.length === 0) throw noSuchForm();
  return jsonResponse(200, { items: versions });
}

export async function getVersion(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const version = readVersion(pathParameter(event, 'version'));
  if (version === undefined) throw noSuchVersion();
  return formResponse(200, await findForm(dependencies, event, version));
}

const OTHER_XFORM =
  'Leave it out to serve a generated XForm from now on, or send it as the newest version has it. PUT /forms/{form_id}/xform uploads an XForm.';

export async function putForm(dependencies: Dependencies, { event, caller }: Request): Promise<HttpResponse> {
  const { dbProxy, recordChange } = dependencies;
  const formId = pathParameter(event, 'form_id');
  const sent = readObject(event, MAX_FORM_BYTES, 'invalid-form');
  const read = readDefinition(formId, sent, event.headers['if-match']);
  if (!read.ok) throw new Problem('invalid-form', { errors: read.errors });
  const { form: definition } = read;
  const lastVersion = await versionOfXform(dependencies, definition);
  if (definition.xform === undefined) await refuseTakenId(dependencies, formId);
  const baseVersion = read.baseVersion ?? lastVersion;
  const { result } = await recordChange(
    () =>
      dbProxy.call('putForm', {
        form_id: formId,
        definition,
        expected_version: baseVersion,
        by: askedBy(event, caller),
      }),
    (stored) => (stored.outcome === 'outdated' || stored.outcome === 'was_open' ? undefined : formObject(stored.form)),
  );
  if (result.outcome === 'outdated') throw outdated(result);
  if (result.outcome === 'was_open')
    throw new Problem('invalid-form', { errors: [{ pointer: '/state', detail: WAS_OPEN }] });
  return formResponse(result.outcome === 'created' ? 201 : 200, result.form);
}

/**
 * The newest version of a form whose definition names an uploaded XForm, which JSON cannot change; undefined for others.
 *
 * @throws {Problem} 422 if the definition has another XForm than the newest version
 */
async function versionOfXform(
  { dbProxy }: Dependencies,
  { form_id: formId, xform }: FormDefinition,
): Promise<number | undefined> {
  if (xform === undefined) return undefined;
  const { form: last } = await dbProxy.call('getForm', { form_id: formId });
  if (last !== null && isDeepStrictEqual(last.definition['xform'], xform)) return last.version;
  throw new Problem('invalid-form', { errors: [{ pointer: '/xform', detail: OTHER_XFORM }] });
}

/**
 * Phones get a form without an uploaded XForm under its own id, which must not be the id of another form's XForm.
 *
 * @throws {Problem} 409 if another form has the id, unless phones already get this form under it; 503 if S3 fails
 */
async function refuseTakenId({ dbProxy, files, logger }: Dependencies, formId: string): Promise<void> {
  const owner = await findFormOfXform(files, formId).catch((error: unknown) => {
    logger.error('id of a form not checked', { form_id: formId, ...traceOf(error) });
    throw unavailable('The form is not stored; send the request again.');
  });
  if (owner === undefined || owner === formId) return;
  const { form: own } = await dbProxy.call('getForm', { form_id: formId });
  if (own !== null && own.definition['xform'] === undefined) return;
  // The form that has the id may have been deleted, or its upload may have failed.
  if ((await dbProxy.call('getForm', { form_id: owner })).form === null) return;
  const detail = `The form ${owner} has the XForm id ${formId}. Choose another form_id, or keep the uploaded XForm of this form.`;
  throw new Problem('xform-id-taken', { errors: [{ pointer: '/form_id', detail }] });
}

export async function deleteForm(
  { dbProxy, recordChange, files, logger }: Dependencies,
  { event, caller }: Request,
): Promise<HttpResponse> {
  const formId = pathParameter(event, 'form_id');
  if (!isFormId(formId)) throw noSuchForm();
  const { result } = await recordChange(
    () => dbProxy.call('deleteForm', { form_id: formId, by: askedBy(event, caller) }),
    ({ outcome }) => (outcome === 'deleted' ? 'repair' : undefined),
  );
  if (result.outcome === 'in_use') {
    throw new Problem('form-in-use', {
      detail: 'Responses to this form are stored. Close the form instead: "state": "closed".',
    });
  }
  // Files are removed even if the form was deleted before, because an earlier request may have failed here.
  try {
    await removePrefix(files, formFilesPrefix(formId));
  } catch (error) {
    logger.error('files of a form not removed', { form_id: formId, ...traceOf(error) });
    throw unavailable('The form is deleted, but not its files. Send the request again until the reply is 404.');
  }
  if (result.outcome === 'unknown') throw noSuchForm();
  return { statusCode: 204 };
}

export async function tryRules(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const asked = readDryRun(readObject(event, MAX_FORM_BYTES, 'invalid-form'));
  const { since, sample } = asked;
  const proposed = readProposed(await findForm(dependencies, event), asked);
  const compiled = compileForm(proposed, 1);
  const tried = sample === undefined ? {} : { sample: await trySample(dependencies, compiled, sample) };
  return jsonResponse(200, { ...(await dryRun(dependencies, proposed, compiled.rules, since)), ...tried });
}

/** The body of POST /forms/{form_id}/rejudge. */
export const rejudgeBody = z.strictObject({ since: time.optional() });

export async function startRejudge(
  dependencies: Dependencies,
  { event, caller, readBody }: BodyRequest<typeof rejudgeBody>,
): Promise<HttpResponse> {
  const { since } = readBody();
  const { form_id: formId } = await findForm(dependencies, event);
  const by = askedBy(event, caller);
  const rejudgeId = randomUUID();
  const store = async () => {
    const input = { rejudge_id: rejudgeId, form_id: formId, since, by };
    const { rejudge } = await dependencies.dbProxy.call('requestRejudge', input);
    if (rejudge === null) throw noSuchForm();
    return { id: rejudge.rejudge_id, status: rejudge.status };
  };
  return startJob(dependencies, REJUDGE, rejudgeId, store, (id) => `/forms/${formId}/rejudge/${id}`);
}

export async function getRejudge({ dbProxy }: Dependencies, { event }: Request): Promise<HttpResponse> {
  const id = z.uuid().safeParse(pathParameter(event, 'rejudge_id'));
  const { rejudge } = id.success ? await dbProxy.call('getRejudge', { rejudge_id: id.data }) : { rejudge: null };
  if (rejudge?.form_id === pathParameter(event, 'form_id')) return jsonResponse(200, rejudge);
  throw new Problem('not-found', { detail: 'There is no re-judge of this form with this id.' });
}

async function findForm({ dbProxy }: Dependencies, event: HttpEvent, version?: number): Promise<StoredForm> {
  const formId = pathParameter(event, 'form_id');
  const { form } = isFormId(formId) ? await dbProxy.call('getForm', { form_id: formId, version }) : { form: null };
  if (form !== null) return form;
  throw version === undefined ? noSuchForm() : noSuchVersion();
}

function noSuchVersion(): Problem {
  const detail =
    'There is no form with this id and version; GET /forms/{form_id}/versions lists the versions of a form.';
  return new Problem('not-found', { detail });
}
