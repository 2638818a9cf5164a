/** Media of an uploaded XForm: pictures and sounds of labels, and lists in CSV, GeoJSON and XML. */
import { hash } from 'node:crypto';
import { isFormId } from '../../db-proxy-lambda/contract.ts';
import { readStoredForm } from '../../forms/definition/read-form.ts';
import { jsonResponse, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { listAll } from '../shared/object-store.ts';
import { Problem } from '../shared/problem.ts';
import type { Request } from '../shared/route.ts';
import { mediaKey, mediaName, mediaPrefix, xformKey } from '../shared/xform-files.ts';
import type { Dependencies } from './dependencies.ts';
import { mediaNamesIn } from './read-xform.ts';
import { decodeText, readUpload } from './upload-body.ts';

/** Content types by a name's extension. Phones use the name; browsers must not interpret a file as a page. */
const TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  geojson: 'application/geo+json',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  m4a: 'audio/mp4',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  png: 'image/png',
  wav: 'audio/wav',
  xml: 'text/xml',
};
const ANY_TYPE = 'application/octet-stream';

/** Keys in S3 have at most 1,024 bytes. */
const MAX_KEY_LENGTH = 1_000;

/** The stored files, and the missing ones. */
interface Media {
  files: { name: string; md5: string }[];
  /** Files that the XForm names and that are not stored. */
  missing: string[];
}

/**
 * The media of a form's XForm.
 *
 * @param version of the XForm
 * @param named the files that the XForm names
 */
export async function mediaReport(
  { files }: Pick<Dependencies, 'files'>,
  formId: string,
  version: string,
  named: readonly string[],
): Promise<Media> {
  const listed = await listAll(files, mediaPrefix(formId, version));
  const stored = listed.map(({ key, etag }) => ({ name: mediaName(key) ?? key, md5: etag }));
  const names = new Set(stored.map(({ name }) => name));
  return { files: stored, missing: named.filter((name) => !names.has(name)) };
}

export async function listMedia(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { formId, version, named } = await findXform(dependencies, event);
  return jsonResponse(200, await mediaReport(dependencies, formId, version, named));
}

export async function putMedia(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { formId, version, named } = await findXform(dependencies, event);
  const name = readFileName(event, formId, version);
  const { bytes } = readUpload(event);
  const [, ending = ''] = /\.([^.]+)$/.exec(name.toLowerCase()) ?? [];
  await dependencies.files.putBytes(mediaKey(formId, version, name), { bytes, type: TYPES[ending] ?? ANY_TYPE });
  const { missing } = await mediaReport(dependencies, formId, version, named);
  const warning = named.includes(name)
    ? undefined
    : 'The XForm does not name this file. It is still sent to phones, because lists may name it; check its spelling.';
  const stored = { name, bytes: bytes.length, md5: hash('md5', bytes) };
  return jsonResponse(200, { ...stored, missing, ...(warning !== undefined && { warning }) });
}

export async function deleteMedia(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { formId, version } = await findXform(dependencies, event);
  const key = mediaKey(formId, version, readFileName(event, formId, version));
  const listed = await dependencies.files.list(key, { limit: 1 });
  if (listed[0]?.key !== key) {
    throw new Problem('not-found', { detail: 'There is no such file; GET /forms/{form_id}/xform/media lists them.' });
  }
  await dependencies.files.remove(key);
  return { statusCode: 204 };
}

/** The form's uploaded XForm. @throws {Problem} 404 if the form has none */
async function findXform({ dbProxy, files }: Dependencies, event: HttpEvent) {
  const formId = pathParameter(event, 'form_id');
  const { form } = isFormId(formId) ? await dbProxy.call('getForm', { form_id: formId }) : { form: null };
  const xform = form === null ? undefined : readStoredForm(form).xform;
  if (xform === undefined) {
    throw new Problem('not-found', {
      detail: 'No XForm was uploaded for a form with this id. Upload it first: PUT /forms/{form_id}/xform.',
    });
  }
  const stored = await files.getBytes(xformKey(formId, xform.version));
  if (stored === undefined) throw new Error(`The XForm of ${formId} is not in the bucket.`);
  return { formId, version: xform.version, named: mediaNamesIn(decodeText(stored.bytes)) };
}

/** @throws {Problem} 422 for a text that phones cannot use as the name of a file */
function readFileName(event: HttpEvent, formId: string, version: string): string {
  const name = pathParameter(event, 'file');
  const isPath = /[/\\]/.test(name) || /^\.*$/.test(name) || /\p{Cc}/u.test(name);
  if (!isPath && mediaKey(formId, version, name).length <= MAX_KEY_LENGTH) return name;
  const detail = isPath
    ? 'Send the name of a file, without folders.'
    : 'Choose a shorter name, and write it into the form too.';
  throw new Problem('invalid-parameter', { errors: [{ pointer: '/file', detail }] });
}
