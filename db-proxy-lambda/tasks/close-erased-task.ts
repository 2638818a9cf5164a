import type { Transaction } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { findOrCreate } from './directory-queries.ts';
import { lockFollowUp, updateTask, writeFollowUp } from './queries.ts';

/** Replaces the task's description, which may repeat answers. */
const DESCRIPTION = 'The response was erased.';

/**
 * Closes the task of a response that is being erased: a task in review becomes REJECTED, because the response no longer
 * counts. Another status stays. The tombstone counts as followed up, so that queued events of earlier revisions change
 * no task.
 *
 * @param tombstone the tombstone's revision
 */
export async function closeErasedTask(
  trx: Transaction<Schema>,
  responseId: string,
  tombstone: number,
  now: string,
): Promise<void> {
  const { followUp, task } = await lockFollowUp(trx, responseId);
  const isFirst = followUp === undefined;
  await writeFollowUp(trx, responseId, { revision: tombstone, description: DESCRIPTION, isFirst });
  if (task === undefined) return;
  const statusId = await findOrCreate(trx, 'task_statuses', 'name', [{ name: 'IN_REVIEW' }, { name: 'REJECTED' }]);
  const isOpen = task.status_id === statusId('IN_REVIEW');
  const changes = { description: DESCRIPTION, ...(isOpen && { status_id: statusId('REJECTED') }) };
  await updateTask(trx, task.id, changes, now);
}
