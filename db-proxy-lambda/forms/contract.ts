/** Operations on form definitions. */
import * as z from 'zod';
import { by } from '../audit/contract.ts';
import { count, formId, serverTime } from '../values.ts';

const version = z.int().min(1);

const state = z.enum(['draft', 'open', 'closed']);

export const storedForm = z.object({
  form_id: formId,
  version,
  definition: z.record(z.string(), z.unknown()),
  created_at: serverTime,
});

const formSummary = storedForm.omit({ definition: true }).extend({
  title: z.string(),
  state,
  /** With `counts`: the responses that quality figures count, and how many of them are flagged or returned. */
  responses: count.optional(),
  open: count.optional(),
});

/** The prefix of the markers in S3 that make the sweep repair the snapshot from the database. */
export const SNAPSHOT_MARKERS = 'owed/snapshot/';

export const formOperations = {
  /** The last version of every form, without its definition: a few large ones would exceed Lambda's reply limit. */
  listForms: {
    input: z.object({ counts: z.boolean().optional() }),
    result: z.object({ forms: z.array(formSummary) }),
  },
  /** The given version of a form, or the last one; null if it does not exist. */
  getForm: {
    input: z.object({ form_id: formId, version: version.optional() }),
    result: z.object({ form: storedForm.nullable() }),
  },
  /** The versions of a form, the newest first, without their definitions; empty if there is no such form. */
  listFormVersions: {
    input: z.object({ form_id: formId }),
    result: z.object({ versions: z.array(storedForm.pick({ version: true, created_at: true })) }),
  },
  /**
   * Stores a definition as the form's next version. Storing the last version again changes nothing. If the last version
   * is not `expected_version`, stores nothing and returns the last version (`form`) and the expected one (`expected`),
   * each null if there is none. A form that was open cannot become a draft again (`was_open`). When a draft opens, the
   * responses to the draft are deleted.
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
      z.object({ outcome: z.literal('was_open'), form: storedForm }),
    ]),
  },
  /**
   * Deletes all versions of a form, and the responses to its draft. A form with responses stays (`in_use`). Idempotent:
   * `unknown` if there is no such form.
   */
  deleteForm: {
    input: z.object({ form_id: formId, by: by.optional() }),
    result: z.object({ outcome: z.enum(['deleted', 'in_use', 'unknown']) }),
  },
} as const;

export type StoredForm = z.infer<typeof storedForm>;
export type FormSummary = z.infer<typeof formSummary>;
