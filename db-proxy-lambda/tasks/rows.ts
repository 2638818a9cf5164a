import type { Generated } from 'kysely';

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

export interface TaskTables {
  companies: DirectoryTable;
  people: PeopleTable;
  task_statuses: DirectoryTable;
  tasks: TasksTable;
  task_follow_ups: TaskFollowUpsTable;
}
