/**
 * Where the files of uploaded XForms are in the files bucket. Ids, versions and names come from strangers, so keys have
 * their hashes, or their encoded names.
 */
import { hash } from 'node:crypto';

/** SHA-256 of a text in UTF-8, in hexadecimal digits. */
export const hashOf = (text: string): string => hash('sha256', text);

/** The folder of a version of an XForm. @param version of the XForm itself */
const folderOf = (formId: string, version: string): string => `forms/${formId}/${hashOf(version)}/`;

/** The XForm, byte for byte as it was uploaded. */
export const xformKey = (formId: string, version: string): string => `${folderOf(formId, version)}form.xml`;

/** Names the form's version that was stored for the XForm: {@link XformVersion}. */
export const xformVersionKey = (formId: string, version: string): string => `${folderOf(formId, version)}version.json`;

export type XformVersion = { form_version: number };

/** The prefix of the media files of a version of an XForm. */
export const mediaPrefix = (formId: string, version: string): string => `${folderOf(formId, version)}media/`;

export const mediaKey = (formId: string, version: string, name: string): string =>
  mediaPrefix(formId, version) + encodeURIComponent(name);

/** The name of the media file with this key; undefined for another key. */
export function mediaName(key: string): string | undefined {
  const name = /^forms\/[^/]+\/[^/]+\/media\/([^/]+)$/.exec(key)?.[1];
  return name && decodeURIComponent(name);
}

/** Names the form to which an XForm's id belongs: {@link FormOfXform}. */
export const formOfXformKey = (xformId: string): string => `form-ids/${hashOf(xformId)}.json`;

export type FormOfXform = { form_id: string };
