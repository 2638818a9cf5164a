/** The tables as Kysely sees them. Times are text in UTC, so that both databases order and return them alike. */
import type { Generated } from 'kysely';

/** One state of a response. JSON columns hold text that the repositories write and parse. */
export interface RevisionColumns {
  response_id: string;
  form_id: string;
  form_version: number;
  user_id: string;
  status: 'accepted' | 'flagged';
  revision: number;
  /** Canonical instant; decides which revision is newer. */
  last_modified: string;
  /** The same moment as the collector's device wrote it. */
  last_modified_time: string;
  content_hash: string;
  flags: string;
  response: string;
}

/** One row a response: its last revision. `id` is the order of arrival. */
export interface ResponsesTable extends RevisionColumns {
  id: Generated<number>;
  created_at: string;
  updated_at: string;
}

/** Every revision that a newer one replaced. */
export interface ResponseRevisionsTable extends RevisionColumns {
  saved_at: string;
}

/** Every version of every form. */
export interface FormsTable {
  form_id: string;
  version: number;
  definition: string;
  created_at: string;
}

export interface Schema {
  responses: ResponsesTable;
  response_revisions: ResponseRevisionsTable;
  forms: FormsTable;
}
