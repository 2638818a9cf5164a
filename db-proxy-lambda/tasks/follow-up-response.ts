import { inTransaction } from '../database/transactions.ts';
import type { OperationHandler } from '../operation-handler.ts';
import { findOrCreate } from './directory-queries.ts';
import { decideFollowUp, isEdited } from './follow-up-order.ts';
import { insertTasks, lockFollowUp, updateTask, writeFollowUp } from './queries.ts';

/** Of two concurrent first events of a response, the second gets a duplicate key; its retry finds the task. */
export const followUpResponse: OperationHandler<'followUpResponse'> = (database, event) =>
  inTransaction(database, async (trx) => {
    const { response_id, task_date } = event;
    const { followUp, task } = await lockFollowUp(trx, response_id);
    const decision = decideFollowUp({ revision: followUp?.revision, hasTask: task !== undefined }, event);
    if (decision === 'nothing') return { outcome: 'unchanged' };
    const isFirst = followUp === undefined;
    if (decision === 'remember') {
      await writeFollowUp(trx, response_id, { revision: event.revision, description: undefined, isFirst });
      return { outcome: 'unchanged' };
    }
    const isReview = decision === 'IN_REVIEW';
    const written = task === undefined || isReview ? event.description : task.description;
    // An edited description stays, even if the task is reopened.
    const description = task !== undefined && isEdited(task, followUp) ? undefined : written;
    await writeFollowUp(trx, response_id, { revision: event.revision, description, isFirst });

    const now = new Date().toISOString();
    // The status is created again if a manager renamed or deleted it, because follow-ups use these names.
    const statusId = await findOrCreate(trx, 'task_statuses', 'name', [{ name: decision }]);
    const status_id = statusId(decision);
    if (task !== undefined) {
      await updateTask(trx, task.id, { status_id, ...(description !== undefined && { description }) }, now);
      return { outcome: isReview ? 'reopened' : 'approved' };
    }
    // A collector is identified by user_id, which is also the name until a manager enters one.
    const { user_id } = event;
    const ownerId = await findOrCreate(trx, 'people', 'user_id', [{ name: user_id, user_id }]);
    const opened = {
      owner_id: ownerId(user_id),
      company_id: null,
      status_id,
      task_date,
      description: written,
      response_id,
    };
    await insertTasks(trx, [opened], now);
    return { outcome: 'opened' };
  });
