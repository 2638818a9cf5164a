/**
 * Stores an uploaded XForm: its id, its bytes, its media, the form, and the form's version. A retry after a failure at any
 * step does the rest, and changes nothing when nothing is left to do.
 */
import { isFormId, type By, type Result } from '../../db-proxy-lambda/contract.ts';
import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import type { UploadedXform } from '../../forms/definition/uploaded-xform.ts';
import { listAll } from '../shared/object-store.ts';
import { Problem } from '../shared/problem.ts';
import { formObject } from '../shared/snapshot.ts';
import {
  findFormOfXform,
  findFormVersion,
  formOfXformKey,
  mediaKey,
  mediaName,
  mediaPrefix,
  xformKey,
  xformVersionKey,
  type FormOfXform,
  type XformVersion,
} from '../shared/xform-files.ts';
import type { Dependencies } from './dependencies.ts';

export const XFORM_TYPE = 'text/xml; charset=utf-8';

/** What an upload stores. */
export type NewXform = {
  readonly definition: FormDefinition;
  readonly xform: UploadedXform;
  readonly bytes: Buffer<ArrayBuffer>;
  /** The content of itemsets.csv, if the workbook has external choices. */
  readonly itemsets: string | null;
  /** The form's newest version and its XForm, if it has them. */
  readonly last: { readonly version: number; readonly xform: UploadedXform | undefined } | undefined;
  readonly by: By;
};

/** Longer than an upload can take. */
const UPLOAD_MS = 60_000;

/**
 * Stores an XForm as the form's next version. Phones see it only after the form itself is stored.
 *
 * @returns the result of `putForm`; if it is `outdated`, read the newest version and translate again
 * @throws {Problem} 409 if the XForm's id is another form's, or if other bytes have its version
 */
export async function storeXform(dependencies: Dependencies, upload: NewXform): Promise<Result<'putForm'>> {
  const { files, dbProxy, recordChange } = dependencies;
  const { definition, xform, last, by } = upload;
  const { form_id: formId } = definition;
  // An earlier upload may have died before this step, which is its last one too.
  if (last?.xform !== undefined) await keepVersion(dependencies, formId, last.xform, last.version, 'absent');
  await claimId(dependencies, formId, xform.id);
  await keepBytes(dependencies, formId, xform.version, upload.bytes);
  await keepMedia(dependencies, formId, upload);
  const { result } = await recordChange(
    () => dbProxy.call('putForm', { form_id: formId, definition, expected_version: last?.version, by }),
    (stored) => (stored.outcome === 'outdated' || stored.outcome === 'was_open' ? undefined : formObject(stored.form)),
  );
  const isStored = result.outcome !== 'outdated' && result.outcome !== 'was_open';
  if (isStored) await keepVersion({ files }, formId, xform, result.form.version);
  return result;
}

/** Writes which version of the form an XForm became. */
async function keepVersion(
  { files }: Pick<Dependencies, 'files'>,
  formId: string,
  { version }: UploadedXform,
  formVersion: number,
  only?: 'absent',
): Promise<void> {
  const content: XformVersion = { form_version: formVersion };
  await files.put(xformVersionKey(formId, version), JSON.stringify(content), only);
}

/** An XForm's id belongs to one form, because submissions name the id alone. */
async function claimId({ files, dbProxy }: Dependencies, formId: string, xformId: string): Promise<void> {
  const exists = async (id: string): Promise<boolean> =>
    isFormId(id) && (await dbProxy.call('getForm', { form_id: id })).form !== null;
  // A form without an uploaded XForm is served under its own id.
  if (xformId !== formId && (await exists(xformId))) throw takenId(xformId, xformId);
  const claim: FormOfXform = { form_id: formId };
  const key = formOfXformKey(xformId);
  if (await files.put(key, JSON.stringify(claim), 'absent')) return;
  const owner = await findFormOfXform(files, xformId);
  if (owner === formId) return;
  if (owner !== undefined && (await exists(owner))) throw takenId(xformId, owner);
  // The upload that claimed the id failed, or its form was deleted.
  await files.put(key, JSON.stringify(claim));
}

function takenId(xformId: string, owner: string): Problem {
  const detail = `The form ${owner} has the XForm id ${xformId}. Upload the XForm there, or give it another form_id (in an XLSForm, on the sheet settings).`;
  return new Problem('xform-id-taken', { errors: [{ pointer: '/xform/id', detail }] });
}

/** Phones that have a version never fetch it again, so its bytes stay the same. */
async function keepBytes(
  { files, now }: Dependencies,
  formId: string,
  version: string,
  bytes: Buffer<ArrayBuffer>,
): Promise<void> {
  const key = xformKey(formId, version);
  const content = { bytes, type: XFORM_TYPE };
  if (await files.putBytes(key, content, 'absent')) return;
  const stored = await files.getBytes(key);
  if (stored !== undefined && bytes.equals(stored.bytes)) return;
  if ((await findFormVersion(files, formId, version)) !== undefined) throw takenVersion(version);
  // An upload wrote these bytes and stored no form. Unless it still runs, they may be replaced.
  const [written] = await files.list(key, { limit: 1 });
  const isLeftOver = written !== undefined && now() - written.modified > UPLOAD_MS;
  if (!isLeftOver || !(await files.putBytes(key, content, { etag: written.etag }))) {
    throw new Problem('xform-version-taken', { detail: 'Another upload of this version has begun. Wait a minute.' });
  }
}

function takenVersion(version: string): Problem {
  const detail = `Version ${JSON.stringify(version)} of this XForm is stored with other content, and phones may have it. Give the XForm another version (in an XLSForm, on the sheet settings), and upload it again.`;
  return new Problem('xform-version-taken', { errors: [{ pointer: '/xform/version', detail }] });
}

/** Copies the media of the previous XForm, unless the new one has its own. */
async function keepMedia({ files }: Dependencies, formId: string, { xform, itemsets, last }: NewXform): Promise<void> {
  const { version } = xform;
  if (itemsets !== null) {
    const bytes = Buffer.from(itemsets);
    await files.putBytes(mediaKey(formId, version, 'itemsets.csv'), { bytes, type: 'text/csv' });
  }
  if (last?.xform === undefined || last.xform.version === version) return;
  const own = await listMediaNames({ files }, formId, version);
  for (const name of await listMediaNames({ files }, formId, last.xform.version)) {
    if (own.includes(name)) continue;
    await files.copy(mediaKey(formId, last.xform.version, name), mediaKey(formId, version, name));
  }
}

/** The names of a version's media. @param version of the XForm */
export async function listMediaNames(
  { files }: Pick<Dependencies, 'files'>,
  formId: string,
  version: string,
): Promise<string[]> {
  const listed = await listAll(files, mediaPrefix(formId, version));
  return listed.flatMap(({ key }) => mediaName(key) ?? []);
}
