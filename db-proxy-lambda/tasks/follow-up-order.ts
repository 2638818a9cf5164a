/** Decides how an event of a response changes its task. Pure. */
import { hash } from 'node:crypto';
import type { Input } from '../contract.ts';
import type { ResponsesTable } from '../responses/rows.ts';
import type { TaskFollowUpsTable, TasksTable } from './rows.ts';

/**
 * What to do: set this status of the task, and open a task if there is none; `remember`: only store the event as followed
 * up; or `nothing`.
 */
export type FollowUp = 'IN_REVIEW' | 'APPROVED' | 'REJECTED' | 'remember' | 'nothing';

type Decision = TaskFollowUpsTable['decision'];

const TASK_AFTER = { approved: 'APPROVED', returned: 'IN_REVIEW', rejected: 'REJECTED' } as const;

/** The decision of a manager that a response's status shows. */
export function decisionOf(status: ResponsesTable['status'] | undefined): Decision {
  return status === 'approved' || status === 'returned' || status === 'rejected' ? status : null;
}

/**
 * Decides what an event does. Only a revision newer than the last one followed up, or another decision of a manager, has an
 * effect: a repeated or late event changes nothing, and changes of the task itself stay until then.
 *
 * A correction that arrives before its flag opens an approved task, so the outcome does not depend on the order. A response
 * that was never flagged or returned has no task and is not stored as followed up. After a manager has deleted a task, only
 * a new flag or a return opens it again. A new revision that a re-judge or a late file made keeps the manager's decision,
 * and so the task.
 *
 * @param followed the last revision that was followed up, if any, and the decision that the task follows
 * @param event has the current decision if its revision is the last one
 */
export function decideFollowUp(
  followed: { revision: number | undefined; decision: Decision; hasTask: boolean },
  { revision, type, decision }: Pick<Input<'followUpResponse'>, 'revision' | 'type'> & { decision: Decision },
): FollowUp {
  const { revision: last = 0, hasTask } = followed;
  const isNewer = revision > last;
  const isReview = Object.hasOwn(TASK_AFTER, type);
  if (revision < last || !(isNewer || isReview) || (isReview && type !== decision)) return 'nothing';
  if (decision !== null) {
    if (decision === followed.decision) return isNewer ? 'remember' : 'nothing';
    return hasTask || decision === 'returned' ? TASK_AFTER[decision] : 'remember';
  }
  if (type === 'flagged') return 'IN_REVIEW';
  if (hasTask) return 'APPROVED';
  if (last > 0) return 'remember';
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
