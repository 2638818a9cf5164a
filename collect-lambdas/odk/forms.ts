/** The forms that field apps download: their list, the XForms, and the files beside them. */
import { isFormId, type WorkItem } from '../../db-proxy-lambda/contract.ts';
import type { CompiledForm } from '../../forms/compiled/compiled-form.ts';
import { FLAGGED_CSV } from '../../forms/xforms/generate/corrections-csv.ts';
import { isTransient } from '../shared/db-proxy-client.ts';
import { addressOf, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { inGroups } from '../shared/in-groups.ts';
import { traceOf } from '../shared/logger.ts';
import { Problem, unavailable } from '../shared/problem.ts';
import type { Request } from '../shared/route.ts';
import { ObjectStoreError } from '../shared/s3-requests.ts';
import { mapOf } from '../shared/submissions/find-form.ts';
import { CORRECTIONS, correctionsFormOf, flaggedOf, type CorrectionsForm } from './corrections-forms.ts';
import type { Dependencies } from './dependencies.ts';
import { checkToken, guarded } from './guards.ts';
import { cacheable, document, element } from './openrosa.ts';
import { noSuchDownload } from './problems.ts';

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

/** Max forms that are read and generated at the same time. */
const AT_ONCE = 10;

/**
 * The forms that take responses, and the corrections forms of the collector. `formID` limits the list to one, as
 * Enketo asks for it.
 *
 * Apps delete forms that are not in the list. So a form that cannot be listed makes the reply 503.
 */
export async function formList(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { userId } = await checkToken(dependencies, event);
  const { formID: wanted } = event.queryStringParameters ?? {};
  const [{ forms }, flagged] = await Promise.all([
    dependencies.dbProxy.call('listForms', {}),
    flaggedOf(dependencies, userId),
  ]);
  const open = await guarded(() =>
    inGroups(
      AT_ONCE,
      forms.filter(({ state }) => state === 'open'),
      ({ form_id: formId }) => formEntry(dependencies, event, formId),
    ),
  );
  const corrections = await inGroups(
    AT_ONCE,
    forms.filter(({ state }) => state !== 'draft'),
    ({ form_id: formId }) => correctionsEntry(dependencies, event, formId, flagged.get(formId) ?? []),
  );
  const ids = new Set(open.flat().map(({ id }) => id));
  const entries = [
    ...open.flat(),
    // A form may have the id that the corrections form of another one would have. Apps take one form for each id.
    ...corrections.flat().filter(({ id }) => !ids.has(id)),
  ].filter(({ id }) => wanted === undefined || wanted === id);
  return cacheable(event, document('xforms', FORM_LIST, entries.map(toXml)));
}

/** @returns nothing if the form was deleted meanwhile. @throws {Problem} 503 if it cannot be listed */
async function formEntry({ formFiles, logger }: Dependencies, event: HttpEvent, formId: string): Promise<Listed[]> {
  try {
    const form = await formFiles.newest(formId);
    if (form === undefined) return [];
    const [md5, media] = await Promise.all([formFiles.md5Of(form), formFiles.mediaOf(form)]);
    const address = addressIn(event, formId, String(form.version));
    return [{ ...mapOf(form), name: form.definition.title, md5, address, hasMedia: media.length > 0 }];
  } catch (error) {
    if (isTransient(error) || error instanceof ObjectStoreError) throw error;
    logger.error('form not listed', { form_id: formId, ...traceOf(error) });
    throw unavailable(`The form ${formId} cannot be listed. Keep the forms in the app, and ask the manager.`);
  }
}

/** @returns nothing without flagged responses, and for a form that has no corrections form */
async function correctionsEntry(
  { formFiles, logger }: Dependencies,
  event: HttpEvent,
  formId: string,
  flagged: readonly WorkItem[],
): Promise<Listed[]> {
  if (flagged.length === 0) return [];
  try {
    const form = await formFiles.newest(formId);
    if (form === undefined) return [];
    const { id, title, version, xform } = correctionsFormOf(form, flagged);
    return [
      { id, name: title, version, md5: xform.md5, address: addressIn(event, formId, CORRECTIONS), hasMedia: true },
    ];
  } catch (error) {
    if (isTransient(error)) throw error;
    // Everything in it is also on the server, so apps may delete it.
    logger.error('corrections form not listed', { form_id: formId, ...traceOf(error) });
    return [];
  }
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
  return cacheable(event, (await guarded(() => dependencies.formFiles.xformOf(form))).bytes);
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
  if (form === undefined) throw noSuchDownload();
  return form;
}

async function findCorrections(dependencies: Dependencies, event: HttpEvent, userId: string): Promise<CorrectionsForm> {
  const formId = pathParameter(event, 'form_id');
  const form = await dependencies.formFiles.newest(formId);
  if (form === undefined) throw noSuchDownload();
  return correctionsFormOf(form, (await flaggedOf(dependencies, userId)).get(formId) ?? []);
}
