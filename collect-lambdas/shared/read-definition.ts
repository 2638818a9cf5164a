import { MAX_DRAFT_ID, SYSTEM_TABLES } from '../../db-proxy-lambda/contract.ts';
import type { Fault } from '../../forms/values/fault.ts';
import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import { parseFormDefinition } from '../../forms/definition/read-form.ts';
import { readBaseVersion } from './base-version.ts';

type Definition =
  | { readonly ok: true; readonly form: FormDefinition; readonly baseVersion: number | undefined }
  | { readonly ok: false; readonly errors: Fault[] };

/**
 * Reads a definition that was sent for the form with this id. GET adds `version` and `created_at` to a definition; callers
 * may send them back.
 *
 * @param ifMatch the header If-Match
 * @returns the form and the version that it is based on, or all faults
 * @throws {Problem} 422 `invalid-parameter` if the header is not the ETag of a form
 */
export function readDefinition(
  formId: string,
  { version, created_at: _createdAt, ...sent }: Record<string, unknown>,
  ifMatch?: string,
): Definition {
  const errors: Fault[] = [];
  const baseVersion = readBaseVersion(ifMatch, version, errors);
  const parsed = parseFormDefinition({ form_id: formId, ...sent });
  if (!parsed.ok) errors.push(...parsed.errors);
  if (Object.hasOwn(sent, 'form_id') && sent['form_id'] !== formId) {
    errors.push({ pointer: '/form_id', detail: `Send the id in the path, ${formId}, or leave it out.` });
  }
  errors.push(...faultsOfId(formId, parsed.ok ? parsed.form : {}));
  return parsed.ok && errors.length === 0 ? { ok: true, form: parsed.form, baseVersion } : { ok: false, errors };
}

/** Why a form cannot have this id; the schema of definitions checks its characters. */
export function faultsOfId(formId: string, { state }: Pick<FormDefinition, 'state'>): Fault[] {
  const details = [
    ...(SYSTEM_TABLES.some((name) => name === formId) ? ['Choose another id; a system table has this name.'] : []),
    ...(state === 'draft' && formId.length > MAX_DRAFT_ID
      ? [`Choose an id of at most ${MAX_DRAFT_ID} characters for a draft.`]
      : []),
  ];
  return details.map((detail) => ({ pointer: '/form_id', detail }));
}
