/** Where the files of uploaded XForms are in the bucket of files, and which version of a form an XForm belongs to. */
import { hash } from 'node:crypto';
import * as z from 'zod';
import type { ObjectStore } from './object-store.ts';

const FORMS = 'forms/';

/** The versions of XForms are any text, so a key holds their hash. @param version as the XForm has it; '' if none */
const folderOf = (formId: string, version: string): string => `${FORMS}${formId}/${hash('sha256', version)}/`;

/** The XForm, byte for byte as it was uploaded. */
export const xformKey = (formId: string, version: string): string => `${folderOf(formId, version)}form.xml`;

/** Which version of the form the XForm became: `formVersion` below. Written after the form was stored. */
export const formVersionKey = (formId: string, version: string): string => `${folderOf(formId, version)}version.json`;

/** Which form has the XForms with this id: `xformOwner` below. */
export const xformOwnerKey = (xformId: string): string => `form-ids/${hash('sha256', xformId)}.json`;

/** The prefix of the files that the form shows or reads. */
export const mediaPrefix = (formId: string, version: string): string => `${folderOf(formId, version)}media/`;

/** @param name of the file, as the XForm has it */
export function mediaKey(formId: string, version: string, name: string): string {
  return mediaPrefix(formId, version) + encodeName(name);
}

/** The name of a media file's key. */
export function mediaName(key: string): string {
  return decodeURIComponent(key.slice(key.lastIndexOf('/') + 1));
}

/** Encodes a name so that it is one part of a key, without characters that XML or addresses escape. */
export function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll("'", '%27');
}

export const formVersion = z.object({ form_version: z.int().min(1) });
export const xformOwner = z.object({ form_id: z.string() });

/**
 * The version of a form that an uploaded XForm became.
 *
 * @param version as the XForm has it
 * @returns undefined if no XForm of this version was stored
 */
export async function findFormVersion(
  store: Pick<ObjectStore, 'get'>,
  formId: string,
  version: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const found = await store.get(formVersionKey(formId, version), signal);
  return found === undefined ? undefined : formVersion.parse(JSON.parse(found)).form_version;
}
