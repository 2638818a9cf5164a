/** The XForms and media that apps download. */
import { hash } from 'node:crypto';
import type { CompiledForm } from '../../forms/compiled/compiled-form.ts';
import { generateXform } from '../../forms/xforms/generate/generate-xform.ts';
import type { FileStore, StoredBytes } from '../shared/file-store.ts';
import type { FormStore } from '../shared/form-store.ts';
import type { Logger } from '../shared/logger.ts';
import { listAll } from '../shared/object-store.ts';
import { mediaKey, mediaName, mediaPrefix, xformKey } from '../shared/xform-files.ts';

/** An XForm as it is served. */
export interface XformFile {
  bytes: Uint8Array<ArrayBuffer>;
  md5: string;
}

export interface MediaFile {
  name: string;
  md5: string;
}

export type FormFiles = ReturnType<typeof createFormFiles>;

/** How long the list of a form's media is cached. */
const MEDIA_MS = 30_000;
/** Max bytes of XForms in the cache; the oldest are evicted. */
const MAX_CACHED_BYTES = 30_000_000;

interface FormFileDependencies {
  forms: FormStore;
  files: FileStore;
  logger: Logger;
  now: () => number;
}

/** XForms never change once they are stored, so an environment reads each once. */
export function createFormFiles({ forms, files, logger, now }: FormFileDependencies) {
  const xforms = new Map<string, XformFile>();
  const media = new Map<string, { list: MediaFile[]; until: number }>();
  let cachedBytes = 0;

  function cache(key: string, file: XformFile): void {
    xforms.set(key, file);
    cachedBytes += file.bytes.length;
    for (const [oldest, { bytes }] of xforms) {
      if (cachedBytes <= MAX_CACHED_BYTES || oldest === key) break;
      xforms.delete(oldest);
      cachedBytes -= bytes.length;
    }
  }

  async function readXform({ form_id: formId, version, definition }: CompiledForm): Promise<XformFile> {
    const { xform } = definition;
    if (xform === undefined) {
      const generated = new TextEncoder().encode(generateXform(definition, version));
      return { bytes: generated, md5: hash('md5', generated) };
    }
    const found = await files.getBytes(xformKey(formId, xform.version));
    const md5 = found && hash('md5', found.bytes);
    if (found !== undefined && md5 === xform.md5) return { bytes: found.bytes, md5 };
    logger.error('XForm not as it was uploaded', { form_id: formId, version, is_missing: found === undefined });
    throw new Error('The bucket does not have the XForm that was uploaded.');
  }

  async function xformOf(form: CompiledForm): Promise<XformFile> {
    const key = `${form.form_id} ${form.version} ${form.definition.xform?.md5 ?? ''}`;
    const known = xforms.get(key);
    if (known !== undefined) return known;
    const file = await readXform(form);
    cache(key, file);
    return file;
  }

  return {
    newest: (formId: string) => forms.get(formId),
    /** @returns undefined if there is no such version */
    version: (formId: string, version: number) => forms.getVersion(formId, version),
    /**
     * The XForm of a version of a form: as uploaded, or generated.
     *
     * @throws {ObjectStoreError} if the bucket cannot be read
     * @throws {Error} if the bucket does not have the uploaded bytes
     */
    xformOf,
    /** The MD5 of the XForm's bytes, in hexadecimal digits. For an uploaded XForm, the definition has it. */
    async md5Of(form: CompiledForm): Promise<string> {
      return form.definition.xform?.md5 ?? (await xformOf(form)).md5;
    },
    /** The media files of a version of a form. */
    async mediaOf({ form_id: formId, definition: { xform } }: CompiledForm): Promise<MediaFile[]> {
      if (xform === undefined) return [];
      const prefix = mediaPrefix(formId, xform.version);
      const known = media.get(prefix);
      if (known !== undefined && now() < known.until) return known.list;
      const list = (await listAll(files, prefix)).flatMap(({ key, etag }) => {
        const name = mediaName(key);
        return name === undefined ? [] : [{ name, md5: etag }];
      });
      media.set(prefix, { list, until: now() + MEDIA_MS });
      return list;
    },
    async readMedia(
      { form_id: formId, definition: { xform } }: CompiledForm,
      name: string,
    ): Promise<StoredBytes | undefined> {
      return xform && (await files.getBytes(mediaKey(formId, xform.version, name)));
    },
  };
}
