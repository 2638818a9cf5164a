/** The forms that field apps download: their list, the XForms, and the files beside them. */
import { isFormId, type StoredRevision } from '../../db-proxy-lambda/contract.ts';
import type { CompiledForm } from '../../forms/compiled/compiled-form.ts';
import { FLAGGED_CSV } from '../../forms/xforms/generate/corrections-csv.ts';
import { isTransient } from '../shared/db-proxy-client.ts';
import { addressOf, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { traceOf } from '../shared/logger.ts';
import { Problem } from '../shared/problem.ts';
import type { Request } from '../shared/route.ts';
import { ObjectStoreError } from '../shared/s3-requests.ts';
import { mapOf } from '../shared/submissions/find-form.ts';
import { CORRECTIONS, correctionsFormOf, flaggedOf, type CorrectionsForm } from './corrections-forms.ts';
import type { Dependencies } from './dependencies.ts';
import { checkToken, guarded } from './guards.ts';
import { cacheable, document, element } from './openrosa.ts';

const FORM_LIST = 'http://openrosa.org/xforms/xformsList';
const MANIFEST = 'http://openrosa.org/xforms/xformsManifest';

/** An entry of the list. */
interface Listed {
  id: string;
  name: string;
  version: string;
  md5: string;
  address: string;
  hasMedia: boolean;
}

/**
 * The forms that take responses, and the corrections forms of the collector. `formID` limits the list to one; Enketo
 * asks so.
 */
export async function formList(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { userId } = await checkToken(dependencies, event);
  const { formID: wanted } = event.queryStringParameters ?? {};
  const { dbProxy } = dependencies;
  const [{ forms }, flagged] = await Promise.all([dbProxy.call('listForms', {}), flaggedOf(dbProxy, userId)]);
  const listed = await guarded(() =>
    Promise.all(
      forms.map(async ({ form_id: formId, state }) => {
        const own = flagged.get(formId);
        return [
          ...(state === 'open'
            ? await servable(dependencies, formId, (form) => formEntry(dependencies, event, form))
            : []),
          ...(state !== 'draft' && own !== undefined
            ? await servable(dependencies, formId, (form) => correctionsEntry(event, form, own))
            : []),
        ];
      }),
    ),
  );
  const entries = listed.flat().filter(({ id }) => wanted === undefined || wanted === id);
  return cacheable(event, document('xforms', FORM_LIST, entries.map(toXml)));
}

/** @returns nothing for a form that cannot be served: apps refuse a list with an incomplete entry */
async function servable(
  { formFiles, logger }: Dependencies,
  formId: string,
  entryOf: (form: CompiledForm) => Promise<Listed | undefined> | Listed,
): Promise<Listed[]> {
  try {
    const form = await formFiles.newest(formId);
    const entry = form && (await entryOf(form));
    if (entry === undefined) logger.error('form not listed', { form_id: formId });
    return entry === undefined ? [] : [entry];
  } catch (error) {
    // Apps delete forms that are not in the list, so an outage must not shorten it.
    if (isTransient(error) || error instanceof ObjectStoreError) throw error;
    logger.error('form not listed', { form_id: formId, ...traceOf(error) });
    return [];
  }
}

async function formEntry(
  { formFiles }: Dependencies,
  event: HttpEvent,
  form: CompiledForm,
): Promise<Listed | undefined> {
  const [xform, media] = await Promise.all([formFiles.xformOf(form), formFiles.mediaOf(form)]);
  if (xform === undefined) return undefined;
  return {
    ...mapOf(form),
    name: form.definition.title,
    md5: xform.md5,
    address: addressIn(event, form.form_id, String(form.version)),
    hasMedia: media.length > 0,
  };
}

function correctionsEntry(event: HttpEvent, form: CompiledForm, flagged: readonly StoredRevision[]): Listed {
  const { id, title, version, xform } = correctionsFormOf(form, flagged);
  const address = addressIn(event, form.form_id, CORRECTIONS);
  return { id, name: title, version, md5: xform.md5, address, hasMedia: true };
}

function toXml({ id, name, version, md5, address, hasMedia }: Listed): string {
  return element('xform', {
    formID: id,
    name,
    version,
    hash: `md5:${md5}`,
    downloadUrl: `${address}.xml`,
    manifestUrl: hasMedia ? `${address}/manifest` : undefined,
  });
}

function addressIn(event: HttpEvent, formId: string, version: string): string {
  const token = encodeURIComponent(pathParameter(event, 'token'));
  return `${addressOf(event)}/odk/${token}/forms/${formId}/${version}`;
}

/** An XForm, byte for byte as it was uploaded, or as it is generated. */
export async function xform(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { userId } = await checkToken(dependencies, event);
  const [, version = ''] = /^(.+)\.xml$/.exec(pathParameter(event, 'file')) ?? [];
  if (version === CORRECTIONS)
    return cacheable(event, (await findCorrections(dependencies, event, userId)).xform.bytes);
  const form = await findVersion(dependencies, event, version);
  const file = await guarded(() => dependencies.formFiles.xformOf(form));
  if (file === undefined) throw noSuchForm();
  return cacheable(event, file.bytes);
}

export async function manifest(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { userId } = await checkToken(dependencies, event);
  const version = pathParameter(event, 'version');
  const media =
    version === CORRECTIONS
      ? (await findCorrections(dependencies, event, userId)).media
      : await mediaOf(dependencies, await findVersion(dependencies, event, version));
  const address = `${addressIn(event, pathParameter(event, 'form_id'), version)}/media`;
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
  const { userId } = await checkToken(dependencies, event);
  const [version, name] = [pathParameter(event, 'version'), pathParameter(event, 'file')];
  if (version === CORRECTIONS && name === FLAGGED_CSV) {
    const { csv } = await findCorrections(dependencies, event, userId);
    return cacheable(event, csv, 'text/csv; charset=utf-8');
  }
  const form = await findVersion(dependencies, event, version);
  const file = await guarded(() => dependencies.formFiles.readMedia(form, name));
  if (file === undefined) {
    throw new Problem('not-found', { detail: 'The form has no such file. Refresh the list of forms.' });
  }
  return cacheable(event, file.bytes, file.type);
}

function mediaOf({ formFiles }: Dependencies, form: CompiledForm) {
  return guarded(() => formFiles.mediaOf(form));
}

async function findVersion({ formFiles }: Dependencies, event: HttpEvent, version: string): Promise<CompiledForm> {
  const formId = pathParameter(event, 'form_id');
  const isValid = isFormId(formId) && /^[1-9]\d{0,8}$/.test(version);
  const form = isValid ? await formFiles.version(formId, Number(version)) : undefined;
  if (form === undefined) throw noSuchForm();
  return form;
}

async function findCorrections(
  { dbProxy, formFiles }: Dependencies,
  event: HttpEvent,
  userId: string,
): Promise<CorrectionsForm> {
  const formId = pathParameter(event, 'form_id');
  const form = await formFiles.newest(formId);
  if (form === undefined) throw noSuchForm();
  return correctionsFormOf(form, (await flaggedOf(dbProxy, userId)).get(formId) ?? []);
}

function noSuchForm(): Problem {
  return new Problem('not-found', {
    detail: 'There is no such form, or no such version of it. Refresh the list of forms.',
  });
}
