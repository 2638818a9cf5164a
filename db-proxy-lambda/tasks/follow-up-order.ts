/** What a revision of a response means for its task. Pure: the rule is here and nowhere else. */
import type { Input } from '../contract.ts';

export type FollowUp =
  /** Open a task, in this status. */
  | { do: 'open'; status: 'IN_REVIEW' | 'APPROVED' }
  /** Move the task that is there, with a new description when it is reviewed again and nobody has edited the old one. */
  | { do: 'move'; status: 'IN_REVIEW' | 'APPROVED' }
  /** Only remember that the revision was seen. */
  | { do: 'remember' }
  | { do: 'nothing' };

/**
 * Decides what an event does. Only a revision newer than the last one followed up does anything, so a repetition is
 * harmless, a late event is too, and what a manager has set stands until the collector changes the response.
 *
 * A correction that comes before its flag opens a task that is approved already: the outcome is the same in either
 * order. A response that was never flagged has no task and is not remembered. A task that a manager deleted is opened
 * again by a new flag only.
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
