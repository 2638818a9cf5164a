/** The tables as Kysely sees them. Times are text in UTC, so that both databases order and return them alike. */
import type { Generated } from 'kysely';
import type { AreaMetric, AuditEvent, LateRevision, MetricSeries, StoredRevision, Token } from '../contract.ts';

/** One state of a response. JSON columns hold text that the repositories write and parse. */
export interface RevisionColumns {
  response_id: string;
  form_id: string;
  form_version: number;
  user_id: string;
  status: StoredRevision['status'];
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

/** Every response that was acknowledged and came too late to become a revision. */
export interface LateRevisionsTable extends Omit<RevisionColumns, 'revision'> {
  id: Generated<number>;
  status: LateRevision['status'];
  saved_at: string;
}

/** Every version of every form. */
export interface FormsTable {
  form_id: string;
  version: number;
  definition: string;
  created_at: string;
}

/** One row an export. JSON columns hold the contract's shapes. */
export interface ExportsTable {
  export_id: string;
  table_name: string;
  request: string;
  active_key: string | null;
  status: 'queued' | 'running' | 'succeeded' | 'failed';
  rows_total: number | null;
  rows_done: number;
  bound: string | null;
  csv: string | null;
  sheet: string | null;
  error: string | null;
  holder: string | null;
  held_until: string | null;
  claims: number;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

/** Who may write to what, and until when. */
export interface LeasesTable {
  name: string;
  holder: string;
  held_until: string;
}

/** One row a person. */
export interface BirthdaysTable {
  username: string;
  /** YYYY-MM-DD */
  date_of_birth: string;
  /** Null for those from before there was a bound: the oldest. */
  stored_at: string | null;
}

/** An area, real (0) or sample (1), as it was on the last day of which there are rows. */
export interface AreasTable {
  sample: 0 | 1;
  area_id: number;
  iso3: string;
  name: string;
  population: number;
  seen_on: string;
}

/** One area's metric on one day. Real and sample rows have keys of their own. */
export interface AreaMetricsTable extends AreaMetric {
  iso3: string;
  sample: 0 | 1;
}

/** What is known of a country's rows of one indicator. */
export interface MetricSeriesTable extends Omit<MetricSeries, 'sample'> {
  sample: 0 | 1;
}

/** What tasks refer to. */
export interface DirectoryTable {
  id: Generated<number>;
  name: string;
  /** The contract's key of its creation; null for what an upload or a flag brought. */
  creation_key: string | null;
  created_at: string;
  updated_at: string;
}

/** A person is known by an email, or, being a collector, by the user_id of responses, or by both. */
export interface PeopleTable extends DirectoryTable {
  email: string | null;
  user_id: string | null;
}

export interface TasksTable {
  id: Generated<number>;
  owner_id: number;
  company_id: number | null;
  status_id: number;
  /** YYYY-MM-DD */
  task_date: string;
  description: string;
  /** The response that the task follows up. */
  response_id: string | null;
  /** The contract's key of its creation, or what tells a row of an upload from every other; null for a flag's task. */
  creation_key: string | null;
  created_at: string;
  updated_at: string;
}

/** The last revision of a response that was followed up. It outlives its task. */
export interface TaskFollowUpsTable {
  response_id: string;
  revision: number;
  /** Of the description that was written into the task last; null where none was, or before that was remembered. */
  description_sha256: string | null;
}

/** One row for each stored revision of which the topic has not been told. */
export interface ResponseEventsTable {
  id: Generated<number>;
  type: 'flagged' | 'accepted' | 'corrected';
  response_id: string;
  revision: number;
  occurred_at: string;
}

/** An event that the topic refused for good, under the id that it had in the outbox. */
export interface RefusedEventsTable extends Omit<ResponseEventsTable, 'id'> {
  id: number;
  reason: string;
  refused_at: string;
}

/** One row a token, good or not. */
export interface TokensTable extends Token {
  /** Of the whole token, in hexadecimal digits. */
  sha256: string;
}

/** One row for each thing that somebody did to a response, an export, a form or a token. */
export interface AuditEventsTable extends Omit<AuditEvent, 'id'> {
  id: Generated<number>;
}

export interface Schema {
  responses: ResponsesTable;
  response_revisions: ResponseRevisionsTable;
  late_revisions: LateRevisionsTable;
  response_events: ResponseEventsTable;
  refused_events: RefusedEventsTable;
  forms: FormsTable;
  areas: AreasTable;
  area_metrics: AreaMetricsTable;
  metric_series: MetricSeriesTable;
  exports: ExportsTable;
  leases: LeasesTable;
  birthdays: BirthdaysTable;
  tokens: TokensTable;
  audit_events: AuditEventsTable;
  companies: DirectoryTable;
  people: PeopleTable;
  task_statuses: DirectoryTable;
  tasks: TasksTable;
  task_follow_ups: TaskFollowUpsTable;
}
