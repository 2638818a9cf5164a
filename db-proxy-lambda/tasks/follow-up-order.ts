/** Decides how an event of a response changes its task. Pure. */
import { hash } from 'node:crypto';
import type { Input } from '../contract.ts';
import type { ResponsesTable } from '../responses/rows.ts';
import type { TaskFollowUpsTable, TasksTable } from './rows.ts';

/** What to do. A status: set it, and open a task if there is none. `remember`: only store the event as followed up. */
export type FollowUp = 'IN_REVIEW' | 'APPROVED' | 'REJECTED' | 'remember' | 'nothing';

type Event = Pick<Input<'followUpResponse'>, 'revision' | 'type' | 'review_id'>;

const TASK_AFTER = { approved: 'APPROVED', returned: 'IN_REVIEW', rejected: 'REJECTED' } as const;

/** A manager's decision that the response's status shows, and the revision that it is about. */
interface CurrentDecision {
  decision: keyof typeof TASK_AFTER;
  review_id: string;
  revision: number;
}

/** The last decision about a response is current as long as the response has the status of a decision. */
export function currentDecision(
  response: { status: ResponsesTable['status']; review_id: string | null; decided_revision: number | null } | undefined,
): CurrentDecision | undefined {
  if (response === undefined) return undefined;
  const { status, review_id, decided_revision: revision } = response;
  return isDecision(status) && review_id !== null && revision !== null
    ? { decision: status, review_id, revision }
    : undefined;
}

function isDecision(name: string): name is keyof typeof TASK_AFTER {
  return Object.hasOwn(TASK_AFTER, name);
}

/**
 * Decides what an event does. Only a revision newer than the last one followed up, or a manager's current decision, has
 * an effect: a repeated or late event changes nothing, and edits of the task stay until then. The event of the current
 * decision always arrives, so events of other decisions are skipped.
 *
 * A correction that arrives before its flag opens an approved task, so the outcome does not depend on the order. A
 * response that was never flagged or returned has no task and is not stored as followed up. After a manager has deleted
 * a task, only a new flag or a return opens it again. A new revision that a re-judge or a late file made keeps the
 * manager's decision, and so the task.
 *
 * @param followed the last revision and the last decision that were followed up, if any
 */
export function decideFollowUp(
  followed: { revision: number | undefined; review_id: string | null; hasTask: boolean },
  { revision, type, review_id }: Event,
  current: CurrentDecision | undefined,
): FollowUp {
  const { revision: last = 0, hasTask } = followed;
  if (isDecision(type)) {
    const isCurrent = type === current?.decision && (review_id ?? current.review_id) === current.review_id;
    if (!isCurrent || current.review_id === followed.review_id) return 'nothing';
    return hasTask || type === 'returned' ? TASK_AFTER[type] : 'remember';
  }
  if (revision <= last) return 'nothing';
  if (current !== undefined && revision > current.revision) return 'remember';
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
