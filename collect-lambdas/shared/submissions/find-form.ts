/** Finds the form of a submission, and how to read it. */
import { isId } from '../../../db-proxy-lambda/contract.ts';
import type { CompiledForm } from '../../../forms/compiled/compiled-form.ts';
import {
  correctionsId,
  readCorrection,
  type CorrectionHead,
} from '../../../forms/xforms/generate/corrections-instance.ts';
import { instanceOf, type InstanceMap } from '../../../forms/xforms/instance.ts';
import type { XmlElement } from '../../../forms/xforms/xml.ts';
import type { FileStore } from '../file-store.ts';
import type { FormStore } from '../form-store.ts';
import { findFormOfXform, findFormVersion, xformVersionKey } from '../xform-files.ts';

/** A form, and the version with which a submission was filled in. */
export type FoundForm = {
  /** The newest version, whose rules count. */
  readonly newest: CompiledForm;
  /** The version that reads the submission: its own, or the newest if its own is unknown. */
  readonly form: CompiledForm;
  readonly isKnown: boolean;
};

/** Where a submission belongs: its form, and the response that it corrects, if it is of a corrections form. */
export type Target = { readonly formId: string; readonly correction?: CorrectionHead };

/** Max ids and versions in the cache; the oldest entry is evicted. */
const MAX_CACHED = 1_000;

/** How long a form counts as one without an uploaded XForm of its name. */
const GENERATED_MS = 30_000;

export type FindForm = ReturnType<typeof createFindForm>;

/** Ids and versions of XForms are looked up in the files bucket, and cached, because they never change. */
export function createFindForm(forms: FormStore, files: Pick<FileStore, 'get'>) {
  const formIds = new Map<string, string>();
  const versions = new Map<string, number>();
  /** The ids of generated XForms, each with the time until which it is not looked up again. */
  const generated = new Map<string, number>();

  /** The version of the form that was stored for a version of its XForm. Generated XForms have the form's version. */
  async function versionOf(newest: CompiledForm, xformVersion: string): Promise<number | undefined> {
    if (mapOf(newest).version === xformVersion) return newest.version;
    const key = xformVersionKey(newest.form_id, xformVersion);
    const uploaded = await lookUp(versions, key, () => findFormVersion(files, newest.form_id, xformVersion));
    if (uploaded !== undefined) return uploaded;
    return /^[1-9]\d{0,8}$/.test(xformVersion) ? Number(xformVersion) : undefined;
  }

  /** The form to which the id of an XForm belongs. The XForm that is generated for a form has the form's id. */
  async function formOf(xformId: string, signal?: AbortSignal): Promise<CompiledForm | undefined> {
    if (forms.now() < (generated.get(xformId) ?? 0)) {
      const form = await forms.get(xformId, signal);
      if (form !== undefined) return form;
    }
    const found = await lookUp(formIds, xformId, () => findFormOfXform(files, xformId));
    if (found !== undefined) return await forms.get(found, signal);
    const form = await forms.get(xformId, signal);
    if (form !== undefined) keep(generated, xformId, forms.now() + GENERATED_MS);
    return form;
  }

  /** The target of a submission of a corrections form, whose id has this ending. */
  async function correctionTarget(
    root: XmlElement,
    xformId: string,
    signal?: AbortSignal,
  ): Promise<Target | undefined> {
    const ending = correctionsId('');
    if (!xformId.endsWith(ending)) return undefined;
    const form = await formOf(xformId.slice(0, -ending.length), signal);
    if (form === undefined) return undefined;
    const correction = readCorrection(root, form.definition);
    const isValid = correction !== undefined && isId(correction.response_id);
    return { formId: form.form_id, ...(isValid && { correction }) };
  }

  return {
    /**
     * The form to which a submission belongs.
     *
     * @returns undefined if there is no such form
     * @throws {DbProxyError} if the form cannot be looked up now
     */
    async target(root: XmlElement, xformId: string, signal?: AbortSignal): Promise<Target | undefined> {
      const corrected = await correctionTarget(root, xformId, signal);
      if (corrected?.correction !== undefined) return corrected;
      const form = await formOf(xformId, signal);
      // A correction of no response is kept as a response of the form, with flags.
      return form === undefined ? corrected : { formId: form.form_id };
    },
    /**
     * Finds a form, and its version for a version of its XForm.
     *
     * @returns undefined if there is no such form
     * @throws {DbProxyError} if a version cannot be looked up now
     */
    async find(formId: string, xformVersion: string, signal?: AbortSignal): Promise<FoundForm | undefined> {
      const startedAt = forms.now();
      let newest = await forms.get(formId, signal);
      if (newest === undefined) return undefined;
      const version = await versionOf(newest, xformVersion);
      if (version !== undefined && version > newest.version) {
        newest = (await forms.getSince(formId, startedAt, signal)) ?? newest;
      }
      const form =
        version === undefined || version === newest.version ? newest : await forms.getVersion(formId, version, signal);
      const isKnown = form !== undefined && mapOf(form).version === xformVersion;
      return { newest, form: isKnown ? form : newest, isKnown };
    },
  };
}

/** Looks up what never changes once it is found. */
async function lookUp<T>(
  cache: Map<string, T>,
  key: string,
  find: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const found = await find();
  if (found !== undefined) keep(cache, key, found);
  return found;
}

/** Caches an entry; evicts the oldest if there are too many. */
function keep<T>(cache: Map<string, T>, key: string, value: T): void {
  const [oldest] = cache.keys();
  if (cache.size >= MAX_CACHED && oldest !== undefined) cache.delete(oldest);
  cache.set(key, value);
}

const maps = new WeakMap<CompiledForm, InstanceMap>();

/** The elements of the instances of a form's version. */
export function mapOf(form: CompiledForm): InstanceMap {
  const map = maps.get(form) ?? instanceOf(form.definition, form.version);
  maps.set(form, map);
  return map;
}
