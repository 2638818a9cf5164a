import type { Generated } from 'kysely';
import type { Task } from './contract.ts';

/** Companies, and the columns that people and task statuses share with them. */
interface DirectoryTable {
  id: Generated<number>;
  name: string;
  /** The creator's idempotency key; null for entries that an upload or a flag created. */
  creation_key: string | null;
  created_at: string;
  updated_at: string;
}

/** A person is identified by an email, or, as a collector, by the user_id of responses, or by both. */
interface PeopleTable extends DirectoryTable {
  email: string | null;
  user_id: string | null;
}

export interface TasksTable extends Omit<Task, 'id' | 'owner' | 'company' | 'status'> {
  id: Generated<number>;
  /** The creator's idempotency key, or that of an uploaded row; null for a flag's task. */
  creation_key: string | null;
}

/** The last follow-up of a response. The row stays when the task is deleted. */
export interface TaskFollowUpsTable {
  response_id: string;
  /** The last revision of an event. */
  revision: number;
  /** Hash of the last description that the follow-up wrote; null without one, and for rows of earlier releases. */
  description_sha256: string | null;
  /** The last decision of a manager that was followed up; null without one, and for rows of earlier releases. */
  review_id: string | null;
}

export interface TaskTables {
  companies: DirectoryTable;
  people: PeopleTable;
  task_statuses: DirectoryTable;
  tasks: TasksTable;
  task_follow_ups: TaskFollowUpsTable;
}
