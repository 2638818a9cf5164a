/** Decides how a revision of a response changes its task. Pure. */
import { hash } from 'node:crypto';
import type { Input } from '../contract.ts';
import type { TaskFollowUpsTable, TasksTable } from './rows.ts';

/**
 * What to do: set this status of the task, and open a task if there is none; `remember`: only store the revision as followed
 * up; or `nothing`.
 */
export type FollowUp = 'IN_REVIEW' | 'APPROVED' | 'remember' | 'nothing';

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
  if (followed !== undefined && revision <= followed) return 'nothing';
  if (type === 'flagged') return 'IN_REVIEW';
  if (hasTask) return 'APPROVED';
  if (followed !== undefined) return 'remember';
  return type === 'corrected' ? 'APPROVED' : 'nothing';
}

/**
 * Whether the description that the follow-up wrote was edited. Earlier releases stored no hash of the description: their
 * tasks count as edited if anything in them was changed.
 */
export function isEdited(
  task: Pick<TasksTable, 'description' | 'created_at' | 'updated_at'>,
  followUp: TaskFollowUpsTable | undefined,
): boolean {
  const written = followUp?.description_sha256 ?? null;
  return written === null ? task.updated_at !== task.created_at : hash('sha256', task.description) !== written;
}
