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
  /** The version that reads the submission: the version that it names, or the newest if that is unknown. */
  readonly form: CompiledForm;
  readonly isKnown: boolean;
};

/** Where a submission belongs: its form, and the response that it corrects, if it is of a corrections form. */
export type Target = { readonly formId: string; readonly correction?: CorrectionHead };

/** Max ids and versions in the cache; the oldest entry is evicted. */
const MAX_CACHED = 1_000;

/** How long they are cached: a form can be deleted, and its XForm's id can then belong to another form. */
const CACHED_MS = 30_000;

export type FindForm = ReturnType<typeof createFindForm>;

/** Ids and versions of XForms are looked up in the files bucket, and cached. */
export function createFindForm(forms: FormStore, files: Pick<FileStore, 'get'>) {
  const formIds = createCache<string>(forms.now);
  const versions = createCache<number>(forms.now);

  /** The version of the form that was stored for a version of its XForm. Generated XForms have the form's version. */
  async function versionOf(newest: CompiledForm, xformVersion: string): Promise<number | undefined> {
    if (mapOf(newest).version === xformVersion) return newest.version;
    const key = xformVersionKey(newest.form_id, xformVersion);
    const uploaded = versions.get(key) ?? (await findFormVersion(files, newest.form_id, xformVersion));
    if (uploaded !== undefined) {
      versions.keep(key, uploaded);
      return uploaded;
    }
    return /^[1-9]\d{0,8}$/.test(xformVersion) ? Number(xformVersion) : undefined;
  }

  /** The form to which the id of an XForm belongs. The XForm that is generated for a form has the form's id. */
  async function formOf(xformId: string, signal?: AbortSignal): Promise<CompiledForm | undefined> {
    const known = formIds.get(xformId);
    const cached = known === undefined ? undefined : await forms.get(known, signal);
    if (cached !== undefined) return cached;
    const formId = (await findFormOfXform(files, xformId)) ?? xformId;
    const form = await forms.get(formId, signal);
    if (form !== undefined) formIds.keep(xformId, formId);
    return form;
  }

  /** The target of a submission of a corrections form; undefined for a submission of any other form. */
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
      // A correction whose response does not exist is kept as a response of the form, with flags.
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

function createCache<T>(now: () => number) {
  const entries = new Map<string, { value: T; until: number }>();
  return {
    get(key: string): T | undefined {
      const entry = entries.get(key);
      return entry !== undefined && now() < entry.until ? entry.value : undefined;
    },
    keep(key: string, value: T): void {
      if (this.get(key) !== undefined) return;
      const [oldest] = entries.keys();
      if (entries.size >= MAX_CACHED && oldest !== undefined) entries.delete(oldest);
      entries.set(key, { value, until: now() + CACHED_MS });
    },
  };
}

const maps = new WeakMap<CompiledForm, InstanceMap>();

/** The elements of the instances of a form's version. */
export function mapOf(form: CompiledForm): InstanceMap {
  const map = maps.get(form) ?? instanceOf(form.definition, form.version);
  maps.set(form, map);
  return map;
}
