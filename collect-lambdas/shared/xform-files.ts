/**
 * Where the files of uploaded XForms are in the files bucket. Ids, versions and names come from strangers, so keys have
 * their hashes, or their encoded names.
 */
import { hash } from 'node:crypto';
import * as z from 'zod';
import type { ObjectStore } from './object-store.ts';

/** SHA-256 of a text in UTF-8, in hexadecimal digits. */
export const hashOf = (text: string): string => hash('sha256', text);

/** The prefix of everything that was uploaded for a form. */
export const formFilesPrefix = (formId: string): string => `forms/${formId}/`;

/** The folder of a version of an XForm. @param version of the XForm itself; '' if it has none */
const folderOf = (formId: string, version: string): string => `${formFilesPrefix(formId)}${hashOf(version)}/`;

/** The XForm, byte for byte as it was uploaded. */
export const xformKey = (formId: string, version: string): string => `${folderOf(formId, version)}form.xml`;

/** Names the form's version that was stored for the XForm: {@link XformVersion}. Written after the form was stored. */
export const xformVersionKey = (formId: string, version: string): string => `${folderOf(formId, version)}version.json`;

const xformVersion = z.object({ form_version: z.int().min(1) });
export type XformVersion = z.infer<typeof xformVersion>;

/** The prefix of the media files of a version of an XForm. */
export const mediaPrefix = (formId: string, version: string): string => `${folderOf(formId, version)}media/`;

/** Also encodes the apostrophe, which encodeURIComponent leaves and S3 escapes in listings. */
export const mediaKey = (formId: string, version: string, name: string): string =>
  mediaPrefix(formId, version) + encodeURIComponent(name).replaceAll("'", '%27');

/** The name of the media file with this key; undefined for another key. */
export function mediaName(key: string): string | undefined {
  const name = /^forms\/[^/]+\/[^/]+\/media\/([^/]+)$/.exec(key)?.[1];
  return name && decodeURIComponent(name);
}

/** Names the form to which an XForm's id belongs: {@link FormOfXform}. */
export const formOfXformKey = (xformId: string): string => `form-ids/${hashOf(xformId)}.json`;

const formOfXform = z.object({ form_id: z.string() });
export type FormOfXform = z.infer<typeof formOfXform>;

/**
 * The version of a form that an uploaded XForm became.
 *
 * @param version of the XForm itself
 * @returns undefined if no XForm of this version was stored
 */
export async function findFormVersion(
  store: Pick<ObjectStore, 'get'>,
  formId: string,
  version: string,
): Promise<number | undefined> {
  const found = await store.get(xformVersionKey(formId, version));
  return found === undefined ? undefined : xformVersion.parse(JSON.parse(found)).form_version;
}

/** The id of the form to which an XForm's id belongs; undefined if it belongs to none. */
export async function findFormOfXform(store: Pick<ObjectStore, 'get'>, xformId: string): Promise<string | undefined> {
  const found = await store.get(formOfXformKey(xformId));
  return found === undefined ? undefined : formOfXform.parse(JSON.parse(found)).form_id;
}
