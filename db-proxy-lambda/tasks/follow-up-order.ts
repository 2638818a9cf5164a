/** Decides how a revision of a response changes its task. Pure. */
import { hash } from 'node:crypto';
import type { Input } from '../contract.ts';
import type { TaskFollowUpsTable, TasksTable } from './rows.ts';

export type FollowUp =
  /** Open a task, in this status. */
  | { do: 'open'; status: 'IN_REVIEW' | 'APPROVED' }
  /** Change the task's status. If it returns to review and its description is unedited, change that too. */
  | { do: 'move'; status: 'IN_REVIEW' | 'APPROVED' }
  /** Only store the revision as followed up. */
  | { do: 'remember' }
  | { do: 'nothing' };

/**
 * Decides what an event does. Only a revision newer than the last one followed up has an effect: a repeated or late event
 * changes nothing, and a manager's changes stay until the collector changes the response.
 *
 * A correction that arrives before its flag opens an approved task, so the outcome does not depend on the order. A response
 * that was never flagged has no task and is not stored as followed up. After a manager has deleted a task, only a new flag
 * opens it again.
 *
 * @param followed the last revision that was followed up, if any
 */
export function decideFollowUp(
  { revision: followed, hasTask }: { revision: number | undefined; hasTask: boolean },
  { revision, type }: Pick<Input<'followUpResponse'>, 'revision' | 'type'>,
): FollowUp {
  if (followed !== undefined && revision <= followed) return { do: 'nothing' };
  const status = type === 'flagged' ? 'IN_REVIEW' : 'APPROVED';
  if (hasTask) return { do: 'move', status };
  if (type === 'flagged') return { do: 'open', status };
  if (followed !== undefined) return { do: 'remember' };
  return type === 'corrected' ? { do: 'open', status } : { do: 'nothing' };
}

/** The members of a response's task that the follow-up reads. */
export interface FollowUpTask extends Pick<TasksTable, 'description' | 'created_at' | 'updated_at'> {
  id: number;
}

/**
 * Whether the description that the follow-up wrote was edited. Earlier releases did not store its hash: their tasks count as
 * edited if anything in them was changed.
 */
export function isEdited(task: FollowUpTask, followUp: TaskFollowUpsTable | undefined): boolean {
  const written = followUp?.description_sha256 ?? null;
  return written === null ? task.updated_at !== task.created_at : hash('sha256', task.description) !== written;
}
