import type { Generated } from 'kysely';
import type { LateRevision, StoredRevision } from '../contract.ts';

/** One state of a response. JSON columns hold text; queries write and parse it. */
export interface RevisionColumns {
  response_id: string;
  form_id: string;
  form_version: number;
  /** Null in rows that an earlier release wrote; `form_version` then applies. */
  rules_version: number | null;
  /** 1 if the response itself names its `form_version`, otherwise null. */
  version_declared: number | null;
  user_id: string;
  status: StoredRevision['status'];
  revision: number;
  /** Canonical instant; decides which revision is newer. */
  last_modified: string;
  /** The same moment, as the collector's device formatted it. */
  last_modified_time: string;
  content_hash: string;
  flags: string;
  response: string;
  /** The label of the manager's token that sent the revision, or its id; null for a collector's revision. */
  author: string | null;
}

/** One row per response: its last revision. `id` is the order of arrival. */
export interface ResponsesTable extends RevisionColumns {
  id: Generated<number>;
  created_at: string;
  /** The time of the revision, of its last review, or of its assignment. */
  updated_at: string;
  /** The time of the revision, if it was reviewed or assigned since; otherwise null. */
  revised_at: string | null;
  /** The collector to whom a manager assigned the response; null if none did. */
  assignee: string | null;
  /** The collector of the revision, if the response now belongs to another collector; otherwise null. */
  collected_by: string | null;
}

/** Every revision that a newer one replaced. */
export interface ResponseRevisionsTable extends RevisionColumns {
  saved_at: string;
}

/** Late revisions: acknowledged responses that arrived too late to become a revision. */
export interface LateRevisionsTable extends Omit<RevisionColumns, 'revision'> {
  id: Generated<number>;
  status: LateRevision['status'];
  saved_at: string;
}

/**
 * The responses that have answers that must be unique: a row per response and list of questions. The response with the
 * lowest `place` had them first. The lowest place of a key is 1, so two responses cannot both be the first.
 */
export interface UniqueKeysTable {
  /** SHA-256 of the form and the answers. */
  key_hash: string;
  place: number;
  response_id: string;
  /** When the response was submitted, as an instant. */
  submitted_at: string;
}

export interface ResponseTables {
  unique_keys: UniqueKeysTable;
  responses: ResponsesTable;
  response_revisions: ResponseRevisionsTable;
  late_revisions: LateRevisionsTable;
}
