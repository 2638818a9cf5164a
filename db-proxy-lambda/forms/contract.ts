/** Operations on form definitions. */
import * as z from 'zod';
import { by } from '../audit/contract.ts';
import { formId, serverTime } from '../values.ts';

const version = z.int().min(1);

const storedForm = z.object({
  form_id: formId,
  version,
  definition: z.record(z.string(), z.unknown()),
  created_at: serverTime,
});

const formSummary = storedForm.omit({ definition: true }).extend({ title: z.string() });

/** The prefix of the markers in S3 that make the sweep repair the snapshot from the database. */
export const SNAPSHOT_MARKERS = 'owed/snapshot/';

export const formOperations = {
  /** The last version of every form, without its definition: a handful of large ones would not fit into a reply. */
  listForms: {
    input: z.object({}),
    result: z.object({ forms: z.array(formSummary) }),
  },
  /** The last version of a form, or the version asked for; null when there is none. */
  getForm: {
    input: z.object({ form_id: formId, version: version.optional() }),
    result: z.object({ form: storedForm.nullable() }),
  },
  /**
   * Stores a definition as the form's next version; the last version again changes nothing. With `expected_version`,
   * only where that is the last version: otherwise the result is the version that is (`form`) and the one that was
   * expected (`expected`), null where there is none.
   */
  putForm: {
    input: z.object({
      form_id: formId,
      definition: z.record(z.string(), z.unknown()),
      expected_version: version.optional(),
      by: by.optional(),
    }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.enum(['created', 'updated', 'unchanged']), form: storedForm }),
      z.object({ outcome: z.literal('outdated'), form: storedForm.nullable(), expected: storedForm.nullable() }),
    ]),
  },
} as const;

export type StoredForm = z.infer<typeof storedForm>;
export type FormSummary = z.infer<typeof formSummary>;
