/** Reads and stores the forms of these pages. */
import { useMutation, useQuery } from '@tanstack/vue-query';
import { computed, type Ref } from 'vue';
import type { components } from '../../../shared/openapi.d.ts';
import { read } from '../../../shared/api.ts';
import { formatBytes } from '../../../shared/format.ts';
import { ProblemError } from '../../../shared/problem.ts';
import { queryClient } from '../../queries.ts';
import { api } from '../../session.ts';
import { isObject } from './rules/language.ts';
import { isSame, type StoredForm } from './version-diff.ts';

export type FormDefinition = components['schemas']['FormDefinition'];

export const useForm = (formId: Ref<string>) =>
  useQuery({
    queryKey: ['form', formId],
    queryFn: () => read(api.GET('/forms/{form_id}', { params: { path: { form_id: formId.value } } })),
  });

/** Whether a value can be sent as a definition. The API checks the rest, and names each fault. */
export const isDefinition = (value: unknown): value is FormDefinition =>
  isObject(value) && typeof value['title'] === 'string' && Array.isArray(value['questions']);

/** The definition that a change sends, without what the server adds. A setting that is undefined is removed. */
export function definitionOf(form: StoredForm, changes: object): FormDefinition {
  const { created_at: _created, version: _version, ...members } = form;
  const definition: unknown = { ...members, ...changes };
  if (!isDefinition(definition)) throw new TypeError('The form has no title or no questions.');
  return definition;
}

export interface FormChange {
  /** The version on which the change is based. */
  base: StoredForm;
  definition: FormDefinition;
}

/** Applies a change to a version that was stored meanwhile. Members that the person did not change stay as stored. */
export function rebased(current: StoredForm, { base, definition }: FormChange): FormChange {
  const before = new Map<string, unknown>(Object.entries(definitionOf(base, {})));
  const after = new Map<string, unknown>(Object.entries(definition));
  const changed = [...new Set([...before.keys(), ...after.keys()])]
    .filter((member) => !isSame(before.get(member), after.get(member)))
    .map((member) => [member, after.get(member)]);
  return { base: current, definition: definitionOf(current, Object.fromEntries(changed)) };
}

const MAX_BYTES = 4_000_000;

/**
 * The options of a request that sends a file as it is.
 *
 * @throws {Error} if the file is larger than requests may be
 */
export function fileBody(file: File) {
  if (file.size > MAX_BYTES) {
    throw new Error(`${file.name} has ${formatBytes(file.size)}. Send at most ${formatBytes(MAX_BYTES)}.`);
  }
  return { headers: { 'content-type': 'application/octet-stream' }, body: '', bodySerializer: () => file };
}

export async function reloadForms(formId: string): Promise<void> {
  await Promise.all(
    [['forms'], ['form', formId], ['versions', formId]].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
  );
}

/**
 * Stores the next version. If another version was stored meanwhile, the API refuses it with 412: see `conflictIn`.
 *
 * @param onStored is called even if the person has left the page
 */
export const useSaveForm = (onStored?: () => void) =>
  useMutation({
    mutationFn: ({ base, definition }: FormChange) =>
      read(
        api.PUT('/forms/{form_id}', {
          params: { path: { form_id: base.form_id }, header: { 'If-Match': `"${base.version}"` } },
          body: definition,
        }),
      ),
    onSuccess: ({ form_id }) => {
      onStored?.();
      return reloadForms(form_id);
    },
  });

export const isStoredForm = (value: unknown): value is StoredForm =>
  isDefinition(value) && 'version' in value && 'rules' in value && 'facts' in value;

/** The version that another person stored meanwhile, if that is what an error says. */
export function conflictIn(error: unknown): StoredForm | undefined {
  if (!(error instanceof ProblemError) || error.kind !== 'form-changed') return undefined;
  const { current } = error.problem;
  return isStoredForm(current) ? current : undefined;
}

/** The numbers of responses of a form. */
export function useCounts(formId: Ref<string>) {
  const { data } = useQuery({ queryKey: ['forms'], queryFn: () => read(api.GET('/forms')) });
  return computed(() => data.value?.items.find(({ form_id }) => form_id === formId.value));
}
