/** The schemas and examples of replies about live sheets, for the documentation. */
import * as z from 'zod';
import { SAVED_AT } from '../shared/route-docs.ts';
import { STATES } from './live-sheet.ts';

const time = !process.env['BUNDLED'] && z.iso.datetime().nullable();

export const LIVE_SHEET =
  time &&
  z.object({
    form_id: z.string(),
    spreadsheet_id: z.string(),
    tab: z.string(),
    state: z
      .enum(STATES)
      .describe(
        '`starting` until every row was written once; `behind` while `behind` rows wait; `broken` if `error` says what to do.',
      ),
    behind: z.int().min(0).describe('Responses whose rows are not written yet.'),
    in_step_at: time.describe('When the sheet last had every change.'),
    repaired_at: time.describe('When the whole sheet was last compared with the table.'),
    repair_at: z.iso.datetime().describe('When it will be compared again.'),
    error: z.string().nullable().describe('What is wrong and what to do.'),
    failed_since: time,
    next_try_at: time.describe('When a broken sheet is tried again.'),
    created_at: z.iso.datetime(),
  });

export const LIVE_SHEETS = LIVE_SHEET && z.object({ items: z.array(LIVE_SHEET) });

export const LIVE_SHEET_EXAMPLE = {
  form_id: 'household_finances',
  spreadsheet_id: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms',
  tab: 'Households',
  state: 'in_step',
  behind: 0,
  in_step_at: SAVED_AT,
  repaired_at: SAVED_AT,
  repair_at: SAVED_AT,
  error: null,
  failed_since: null,
  next_try_at: null,
  created_at: SAVED_AT,
};
