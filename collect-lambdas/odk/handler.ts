/** The OpenRosa API, which field apps of the ODK family speak: forms to download, and submissions. */
import { isStoredFormId } from '../../db-proxy-lambda/contract.ts';
import type { CompiledForm } from '../../forms/compiled/compiled-form.ts';
import { mapOf } from '../shared/submissions/find-form.ts';
import { isTransient, REQUEST_MS } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { ObjectStoreError } from '../shared/s3-requests.ts';
import { Problem, unavailable } from '../shared/problem.ts';
import type { Request } from '../shared/route.ts';
import type { Dependencies } from './dependencies.ts';
import { addressOf, cacheable, document, element } from './openrosa.ts';
import { receive } from './receive.ts';
import { replyTo } from './reply.ts';
import { ACCEPTED_BYTES, readUpload } from './upload.ts';

const FORM_LIST = 'http://openrosa.org/xforms/xformsList';
const MANIFEST = 'http://openrosa.org/xforms/xformsManifest';

/** The forms that take responses. `formID` limits the list to one; Enketo asks so. */
export async function formList(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  await checkToken(dependencies, event);
  const { formID: wanted } = event.queryStringParameters ?? {};
  const { forms } = await dependencies.dbProxy.call('listForms', {});
  const open = forms.filter(({ state }) => state === 'open').map(({ form_id: formId }) => formId);
  const entries = await guarded(() => Promise.all(open.map((formId) => entryOf(dependencies, event, formId, wanted))));
  return cacheable(event, document('xforms', FORM_LIST, entries.flat()));
}

/** @returns no entry for a form that cannot be served: apps refuse a list with an incomplete entry */
async function entryOf(
  { formFiles, logger }: Dependencies,
  event: HttpEvent,
  formId: string,
  wanted: string | undefined,
): Promise<string[]> {
  try {
    const form = await formFiles.openForm(formId);
    if (form === undefined) return [];
    const { id, version } = mapOf(form);
    if (wanted !== undefined && wanted !== id) return [];
    const xform = await formFiles.xformOf(form);
    if (xform === undefined) {
      logger.warn('form not listed', { form_id: formId, version: form.version });
      return [];
    }
    const media = await formFiles.mediaOf(form);
    const address = formAddress(event, form);
    return [
      element('xform', {
        formID: id,
        name: form.definition.title,
        version,
        hash: `md5:${xform.md5}`,
        downloadUrl: `${address}.xml`,
        manifestUrl: media.length === 0 ? undefined : `${address}/manifest`,
      }),
    ];
  } catch (error) {
    // Apps delete forms that are not in the list, so an outage must not shorten it.
    if (isTransient(error) || error instanceof ObjectStoreError) throw error;
    logger.error('form not listed', { form_id: formId, ...traceOf(error) });
    return [];
  }
}

function formAddress(event: HttpEvent, { form_id: formId, version }: CompiledForm): string {
  const token = encodeURIComponent(pathParameter(event, 'token'));
  return `${addressOf(event)}/odk/${token}/forms/${formId}/${version}`;
}

/** An XForm, byte for byte as it was uploaded, or as it is generated. */
export async function xform(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  await checkToken(dependencies, event);
  const version = /^(\d+)\.xml$/.exec(pathParameter(event, 'file'))?.[1];
  const file = await guarded(async () =>
    dependencies.formFiles.xformOf(await findVersion(dependencies, event, version)),
  );
  if (file === undefined) throw noSuchForm();
  return cacheable(event, file.bytes);
}

export async function manifest(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  await checkToken(dependencies, event);
  const form = await findVersion(dependencies, event, pathParameter(event, 'version'));
  const media = await guarded(() => dependencies.formFiles.mediaOf(form));
  const address = `${formAddress(event, form)}/media`;
  const entries = media.map(({ name, md5 }) =>
    element('mediaFile', {
      filename: name,
      hash: `md5:${md5}`,
      downloadUrl: `${address}/${encodeURIComponent(name)}`,
    }),
  );
  return cacheable(event, document('manifest', MANIFEST, entries));
}

export async function media(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  await checkToken(dependencies, event);
  const form = await findVersion(dependencies, event, pathParameter(event, 'version'));
  const file = await guarded(() => dependencies.formFiles.readMedia(form, pathParameter(event, 'file')));
  if (file === undefined) {
    throw new Problem('not-found', { detail: 'The form has no such file. Refresh the list of forms.' });
  }
  return cacheable(event, file.bytes, file.type);
}

/** Says that submissions are welcome here, and how large a request may be. */
export async function announce(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  await checkToken(dependencies, event);
  const location = `${addressOf(event)}/odk/${encodeURIComponent(pathParameter(event, 'token'))}/submission`;
  return { statusCode: 204, headers: { 'x-openrosa-accept-content-length': String(ACCEPTED_BYTES), location } };
}

export async function submit(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const device = await checkToken(dependencies, event);
  const upload = await readUpload(event);
  const signal = AbortSignal.timeout(REQUEST_MS);
  const received = await guarded(() => receive(dependencies, device, upload, signal));
  const reply = replyTo(received);
  const location = `${addressOf(event)}${event.rawPath}`;
  return { ...reply, headers: { ...reply.headers, location } };
}

async function checkToken({ checkDevice }: Dependencies, event: HttpEvent) {
  return await checkDevice(pathParameter(event, 'token'));
}

async function findVersion(
  { formFiles }: Dependencies,
  event: HttpEvent,
  version: string | undefined,
): Promise<CompiledForm> {
  const formId = pathParameter(event, 'form_id');
  const isValid = isStoredFormId(formId) && version !== undefined && /^[1-9]\d{0,8}$/.test(version);
  const form = isValid ? await formFiles.version(formId, Number(version)) : undefined;
  if (form === undefined) throw noSuchForm();
  return form;
}

function noSuchForm(): Problem {
  return new Problem('not-found', {
    detail: 'There is no such form, or no such version of it. Refresh the list of forms.',
  });
}

/** @throws {Problem} 503 if the bucket cannot be reached: then nothing was acknowledged */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ObjectStoreError)) throw error;
    throw unavailable('The files cannot be reached now. Keep the form in the app, and send it again later.');
  }
}
