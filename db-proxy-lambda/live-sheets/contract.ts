/** Operations on live sheets: each keeps a tab of a Google spreadsheet in step with the responses of a form. */
import * as z from 'zod';
import { by } from '../audit/contract.ts';
import { cell, column } from '../exports/contract.ts';
import { count, formId, holder, id, leaseSeconds, rowId, serverTime } from '../values.ts';

const spreadsheetId = z.string().min(1).max(128);
const tab = z.string().min(1).max(100);

/** The name of a sheet's lease, for `takeLease` and `releaseLease`. */
export const liveSheetLease = (form: string): string => `live sheet ${form}`;

/** Max responses of one `claimLiveSheet` and one `readLiveRows`. */
export const MAX_LIVE_CHANGES = 10_000;

const liveSheet = z.object({
  form_id: formId,
  spreadsheet_id: spreadsheetId,
  tab,
  /** Responses whose rows are not written yet; before the sheet first had every row, all responses. */
  behind: count,
  /** When the sheet last had every change; null before that. */
  in_step_at: serverTime.nullable(),
  /** When the whole sheet was last compared with the table, and when this is due again. */
  repaired_at: serverTime.nullable(),
  repair_at: serverTime,
  /** What is wrong and what to do; null if nothing is wrong. */
  error: z.string().nullable(),
  failed_since: serverTime.nullable(),
  /** When a sheet that failed is tried again. */
  next_try_at: serverTime.nullable(),
  created_at: serverTime,
  /** The tab's number at Google, which a new title does not change; null until it was found. */
  sheet_id: count.nullable().optional(),
});

/** What a worker stores about a tab for its next run. */
const memory = {
  /** The tab's number at Google, which a new title does not change; null until it was found. */
  sheet_id: count.nullable(),
  /** The headers under which the columns were last seen, by the columns' names. */
  headers: z.record(z.string(), z.string()),
};

const holding = { form_id: formId, holder };

export const liveSheetOperations = {
  /**
   * Keeps a tab in step with a form from now on. The same tab again changes nothing, and tries a failed sheet again
   * immediately. A tab of another form is `taken`.
   */
  putLiveSheet: {
    input: z.object({ form_id: formId, spreadsheet_id: spreadsheetId, tab, by: by.optional() }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.enum(['created', 'updated', 'unchanged']), sheet: liveSheet }),
      z.object({ outcome: z.literal('taken'), form_id: formId }),
      z.object({ outcome: z.literal('unknown_form') }),
    ]),
  },
  getLiveSheet: {
    input: z.object({ form_id: formId }),
    result: z.object({ sheet: liveSheet.nullable() }),
  },
  /** The live sheets of all forms, sorted by form. */
  listLiveSheets: {
    input: z.object({}),
    result: z.object({ sheets: z.array(liveSheet) }),
  },
  /** Deletes a live sheet. The tab stays as it is. Idempotent. */
  deleteLiveSheet: {
    input: z.object({ form_id: formId, by: by.optional() }),
    result: z.object({ outcome: z.enum(['deleted', 'unknown']) }),
  },
  /** The forms whose sheets have something to write or to compare, and are not waiting after a failure. */
  listDueLiveSheets: {
    input: z.object({ now: serverTime }),
    result: z.object({ form_ids: z.array(formId) }),
  },
  /**
   * Takes or renews the lease of a sheet, deletes the changes that were written (`done`), and returns the next ones,
   * the oldest first. If nothing is left to do, it releases the lease in the same transaction (`idle`): a change that
   * is committed later finds the sheet free.
   */
  claimLiveSheet: {
    input: z.object({
      ...holding,
      lease_seconds: leaseSeconds,
      now: serverTime,
      done: z.array(rowId).max(MAX_LIVE_CHANGES),
    }),
    result: z.discriminatedUnion('claim', [
      z.object({
        claim: z.literal('granted'),
        choice_id: z.uuid(),
        spreadsheet_id: spreadsheetId,
        tab,
        ...memory,
        /** The numbers of the tabs of other forms' live sheets in this spreadsheet. */
        taken: z.array(count).optional(),
        /** The whole sheet is to be compared with the table. */
        repair: z.boolean(),
        form_version: z.int().min(1),
        columns: z.array(column),
        changes: z.array(z.object({ id: rowId, response_id: id })),
      }),
      z.object({ claim: z.enum(['held', 'idle']) }),
    ]),
  },
  /**
   * The current rows of responses, in the order of the table's columns. A page ends at PAGE_BYTES: `next` is the first
   * id left.
   */
  readLiveRows: {
    input: z.object({ form_id: formId, form_version: z.int().min(1), response_ids: z.array(id).max(MAX_LIVE_CHANGES) }),
    result: z.object({ next: id.nullable(), rows: z.array(z.array(cell)) }),
  },
  /** Reports the outcome of a run. `held` is false if another worker has the sheet, or a manager chose another tab. */
  reportLiveSheet: {
    input: z.object({
      ...holding,
      choice_id: z.uuid(),
      now: serverTime,
      outcome: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('found'), ...memory }),
        /** The whole sheet equals the table. */
        z.object({ kind: z.literal('repaired') }),
        /** The whole sheet is to be compared immediately. */
        z.object({ kind: z.literal('repair') }),
        z.object({ kind: z.literal('failed'), error: z.string().max(2_000) }),
      ]),
    }),
    /** `changed`: the sheet broke or was mended, so an event is queued for the webhooks that ask for it. */
    result: z.object({ held: z.boolean(), changed: z.literal(true).optional() }),
  },
} as const;

export type LiveSheet = z.infer<typeof liveSheet>;
