/** Operations on form definitions. */
import * as z from 'zod';
import { formId, serverTime } from './values.ts';

const storedForm = z.object({
  form_id: formId,
  version: z.int().min(1),
  definition: z.record(z.string(), z.unknown()),
  created_at: serverTime,
});

const formSummary = storedForm.omit({ definition: true }).extend({ title: z.string() });

export const formOperations = {
  /** The last version of every form, without its definition: a handful of large ones would not fit into a reply. */
  listForms: {
    input: z.object({}),
    result: z.object({ forms: z.array(formSummary) }),
  },
  /** The last version of a form, or the version asked for; null when there is none. */
  getForm: {
    input: z.object({ form_id: formId, version: z.int().min(1).optional() }),
    result: z.object({ form: storedForm.nullable() }),
  },
  /** Stores a definition as the form's next version; the last version again changes nothing. */
  putForm: {
    input: z.object({ form_id: formId, definition: z.record(z.string(), z.unknown()) }),
    result: z.object({ form: storedForm, outcome: z.enum(['created', 'updated', 'unchanged']) }),
  },
} as const;

export type StoredForm = z.infer<typeof storedForm>;
export type FormSummary = z.infer<typeof formSummary>;
