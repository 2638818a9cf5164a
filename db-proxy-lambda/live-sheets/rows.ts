import type { Generated } from 'kysely';

/** A form's tab of a Google spreadsheet that is kept in step with its responses. */
export interface LiveSheetsTable {
  form_id: string;
  spreadsheet_id: string;
  /** The tab's title, as a manager gave it. */
  tab: string;
  /** The tab's number at Google, which a new title does not change; null until it was found. */
  sheet_id: number | null;
  /** JSON: the headers under which the columns were last seen, by the columns' names. */
  headers: string;
  /** Identifies this choice of a tab: each choice has a new id. */
  choice_id: string;
  created_at: string;
  /** When the sheet last had every change; null before that. */
  in_step_at: string | null;
  /** When the whole sheet was last compared with the table, and when this is due again. */
  repaired_at: string | null;
  repair_at: string;
  /** What is wrong and what to do; null if nothing is wrong. */
  error: string | null;
  /**
   * Since when the sheet cannot be written; null if it can. If a manager chooses another tab, the time stays until that
   * tab is written.
   */
  failed_since: string | null;
  failures: number;
  /** When a sheet that failed is tried again. */
  next_try_at: string | null;
}

/** A response that has changed since its row was written. One response may have several such rows. */
export interface LiveSheetChangesTable {
  id: Generated<number>;
  form_id: string;
  response_id: string;
}

export interface LiveSheetTables {
  live_sheets: LiveSheetsTable;
  live_sheet_changes: LiveSheetChangesTable;
}
