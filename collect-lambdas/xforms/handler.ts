/** Uploads of XForms and XLSForm workbooks, and the XForm of a form. */
import { hash } from 'node:crypto';
import * as z from 'zod';
import { isFormId, type StoredForm } from '../../db-proxy-lambda/contract.ts';
import type { UploadedXform } from '../../forms/definition/uploaded-xform.ts';
import { readStoredForm } from '../../forms/definition/read-form.ts';
import { generateXform } from '../../forms/xforms/generate/generate-xform.ts';
import { etagOf, readBaseVersion } from '../shared/base-version.ts';
import { isCached } from '../shared/etag.ts';
import { noSuchForm, outdated } from '../shared/form-reply.ts';
import { askedBy, jsonResponse, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { faultsOfId } from '../shared/read-definition.ts';
import type { Request } from '../shared/route.ts';
import { xformKey } from '../shared/xform-files.ts';
import type { Dependencies } from './dependencies.ts';
import { mediaReport } from './media.ts';
import { readUploadedForm, translate, UPLOADED_TYPES } from './read-xform.ts';
import { storeXform, XFORM_TYPE } from './store-xform.ts';
import { readUpload } from './upload-body.ts';

/** The query of PUT /forms/{form_id}/xform. */
export const uploadQuery = {
  dry_run: z
    .enum(['true', 'false'], 'Send true to see the report only, or leave it out.')
    .transform((text) => text === 'true')
    .default(false),
};

const againWith = (version: number): string => `upload it again with the header If-Match: "${version}"`;

/** Max tries of an upload. If another version was stored meanwhile, the upload is tried again, based on that version. */
const TRIES = 3;

export async function putXform(
  dependencies: Dependencies,
  { event, caller, query: { dry_run: isDryRun } }: Request<typeof uploadQuery>,
): Promise<HttpResponse> {
  const formId = readFormId(event);
  const based = readBaseVersion(event.headers['if-match'], undefined, []);
  const uploaded = await readUploadedForm(dependencies.convert, formId, readUpload(event, UPLOADED_TYPES));
  for (let tried = 1; ; tried += 1) {
    const last = await findForm(dependencies, formId);
    const previous = last && readStoredForm(last);
    const { definition, xform, report } = translate(formId, uploaded, previous);
    const isRetry = previous?.xform?.md5 === xform.md5;
    if (based !== undefined && last?.version !== based && !isRetry) {
      throw outdated(
        { form: last ?? null, expected: (await findForm(dependencies, formId, based)) ?? null },
        againWith,
      );
    }
    const { itemsets, bytes, mediaNames } = uploaded;
    const about = { form_id: formId, xform: identityOf(xform), report };
    if (isDryRun) return jsonResponse(200, { ...about, dry_run: true, media: mediaNames });
    const by = askedBy(event, caller);
    const known = last && { version: last.version, xform: previous?.xform };
    const stored = await storeXform(dependencies, { definition, xform, bytes, itemsets, last: known, by });
    if (stored.outcome === 'was_open') throw new Error('The state of a form changed with its XForm.');
    if (stored.outcome !== 'outdated') {
      const { version, created_at } = stored.form;
      const media = await mediaReport(dependencies, formId, xform.version, mediaNames);
      const status = stored.outcome === 'created' ? 201 : 200;
      return jsonResponse(status, { ...about, version, created_at, media }, { etag: etagOf(version) });
    }
    if (tried === TRIES || based !== undefined) throw outdated(stored, againWith);
  }
}

export async function getXform(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const formId = readFormId(event);
  const form = await findForm(dependencies, formId);
  if (form === undefined) throw noSuchForm();
  const bytes = await bytesOf(dependencies, form);
  const headers = {
    'content-type': XFORM_TYPE,
    'cache-control': 'no-cache',
    etag: `"${hash('md5', bytes)}"`,
  };
  if (isCached(event.headers['if-none-match'], headers.etag)) return { statusCode: 304, headers };
  return { statusCode: 200, headers, body: bytes.toString('base64'), isBase64Encoded: true };
}

/** The uploaded bytes, or the generated XForm if none was uploaded. */
async function bytesOf({ files }: Dependencies, form: StoredForm): Promise<Buffer> {
  const definition = readStoredForm(form);
  if (definition.xform === undefined) return Buffer.from(generateXform(definition, form.version));
  const stored = await files.getBytes(xformKey(form.form_id, definition.xform.version));
  if (stored === undefined) throw new Error(`The XForm of ${form.form_id} is not in the bucket.`);
  return Buffer.from(stored.bytes);
}

/** The reply leaves out the places of metadata, which GET /forms/{form_id} has. */
function identityOf({ id, version, md5 }: UploadedXform): Omit<UploadedXform, 'root' | 'metadata'> {
  return { id, version, md5 };
}

async function findForm({ dbProxy }: Dependencies, formId: string, version?: number): Promise<StoredForm | undefined> {
  const { form } = await dbProxy.call('getForm', { form_id: formId, version });
  return form ?? undefined;
}

/** @throws {Problem} 422 for a text that no form can have as its id */
function readFormId(event: HttpEvent): string {
  const formId = pathParameter(event, 'form_id');
  const faults = isFormId(formId)
    ? faultsOfId(formId, {})
    : [
        {
          pointer: '/form_id',
          detail: 'Use a lowercase letter, then up to 62 lowercase letters, digits or underscores.',
        },
      ];
  if (faults.length > 0) throw new Problem('invalid-form', { errors: faults });
  return formId;
}
