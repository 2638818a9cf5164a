/** Reads each response by the form version that its phone used: phones keep earlier versions for weeks. */
import type { CompiledForm } from '../../../forms/compiled/compiled-form.ts';
import { declaredVersion, type SubmissionResult } from '../../../forms/compiled/submission.ts';
import { pointerTo } from '../../../forms/values/fault.ts';
import { VERSION_KEY } from '../../../forms/definition/metadata.ts';
import type { FormStore } from '../form-store.ts';

/**
 * Maximum number of earlier versions looked up for a response without `form_version`. An environment reads each version from
 * the database once.
 */
const MAX_EARLIER = 100;

/** Maximum number of different shapes tried, including the shape of the newest version. */
const MAX_SHAPES = 20;

/** The versions of one form during one request. */
export interface FormVersions {
  /** The newest version that is known. */
  newest: () => CompiledForm;
  /**
   * Reads one response.
   *
   * The version is `form_version`, or without it the newest version that the response fits. If it fits no version, the
   * faults are those of the newest version. The newest version is fetched before any response is refused.
   *
   * @throws {DbProxyError} if a version cannot be looked up
   */
  read: (input: unknown) => Promise<SubmissionResult>;
}

/**
 * Finds a form for a request that starts now.
 *
 * @returns undefined if there is no such form
 * @throws {DbProxyError} if the form cannot be looked up
 */
export async function findFormVersions(
  forms: FormStore,
  formId: string,
  signal: AbortSignal,
): Promise<FormVersions | undefined> {
  const startedAt = forms.now();
  const known = await forms.get(formId, signal);
  return known && createFormVersions(forms, known, startedAt, signal);
}

function createFormVersions(
  forms: FormStore,
  known: CompiledForm,
  startedAt: number,
  signal: AbortSignal,
): FormVersions {
  const { form_id: formId } = known;
  let newest = known;
  let refreshing: Promise<void> | undefined;
  const refresh = () => {
    refreshing ??= forms.getSince(formId, startedAt, signal).then((form) => void (newest = form ?? newest));
    return refreshing;
  };

  // Per request: a batch may name an unknown version in each of its responses.
  const found = new Map<number, Promise<CompiledForm | undefined>>();
  const find = (version: number) => {
    const form = found.get(version) ?? forms.getVersion(formId, version, signal);
    found.set(version, form);
    return form;
  };

  async function readDeclared(version: number, input: unknown): Promise<SubmissionResult> {
    if (version > newest.version) await refresh();
    const form = version === newest.version ? newest : await find(version);
    if (form !== undefined) return form.readSubmission(input);
    const detail = `There is no such version of this form; the newest is ${newest.version}. Send the version that the device has.`;
    return { ok: false, errors: [{ pointer: pointerTo(VERSION_KEY), detail }] };
  }

  async function readUndeclared(input: unknown): Promise<SubmissionResult> {
    let result = newest.readSubmission(input);
    if (result.ok) return result;
    const { shape } = newest;
    await refresh();
    if (newest.shape !== shape) result = newest.readSubmission(input);
    const tried = new Set([shape, newest.shape]);
    for (
      let version = newest.version - 1;
      !result.ok && tried.size < MAX_SHAPES && version > 0 && version >= newest.version - MAX_EARLIER;
      version -= 1
    ) {
      const form = await find(version);
      if (form === undefined || tried.has(form.shape)) continue;
      tried.add(form.shape);
      const earlier = form.readSubmission(input);
      if (earlier.ok) result = earlier;
    }
    return result;
  }

  return {
    newest: () => newest,
    async read(input) {
      // The cached version may be a draft or closed although the form is open now.
      if (newest.state !== 'open') await refresh();
      const declared = declaredVersion(input);
      if (declared === undefined) return await readUndeclared(input);
      return typeof declared === 'number' ? await readDeclared(declared, input) : { ok: false, errors: [declared] };
    },
  };
}
