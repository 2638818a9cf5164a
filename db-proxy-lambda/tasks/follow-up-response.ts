import type { Transaction } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandler } from '../operation-handler.ts';
import { findOrCreate } from './directory-queries.ts';
import { decideFollowUp, isEdited } from './follow-up-order.ts';
import { insertTasks, lockFollowUp, updateTask, writeFollowUp } from './queries.ts';

/** Two first events of a response at once insert the same key; the second runs again and sees the first's task. */
export const followUpResponse: OperationHandler<'followUpResponse'> = (database, event) =>
  inTransaction(database, async (trx) => {
    const { response_id, task_date } = event;
    const { followUp, task } = await lockFollowUp(trx, response_id);
    const decision = decideFollowUp({ revision: followUp?.revision, hasTask: task !== undefined }, event);
    if (decision.do === 'nothing') return { outcome: 'unchanged' };
    const isFirst = followUp === undefined;
    if (decision.do === 'remember') {
      await writeFollowUp(trx, response_id, { revision: event.revision, description: undefined, isFirst });
      return { outcome: 'unchanged' };
    }
    const isReview = decision.status === 'IN_REVIEW';
    const written = task === undefined || isReview ? event.description : task.description;
    // A manager's own words stay, although the task is reopened.
    const description = task !== undefined && isEdited(task, followUp) ? undefined : written;
    await writeFollowUp(trx, response_id, { revision: event.revision, description, isFirst });

    const now = new Date().toISOString();
    // A manager may have renamed or deleted the status. It is created again, because a flag's task goes by these names.
    const status_id = await findOrCreateOne(trx, 'task_statuses', 'name', { name: decision.status });
    if (task !== undefined) {
      await updateTask(trx, task.id, { status_id, ...(description !== undefined && { description }) }, now);
      return { outcome: isReview ? 'reopened' : 'approved' };
    }
    // A collector is known by user_id, which is also the name until somebody gives the person one.
    const { user_id } = event;
    const owner_id = await findOrCreateOne(trx, 'people', 'user_id', { name: user_id, user_id });
    const opened = { owner_id, company_id: null, status_id, task_date, description: written, response_id };
    await insertTasks(trx, [opened], now);
    return { outcome: 'opened' };
  });

async function findOrCreateOne<Member extends 'name' | 'user_id'>(
  trx: Transaction<Schema>,
  collection: 'task_statuses' | 'people',
  member: Member,
  entry: { name: string } & Record<Member, string>,
): Promise<number> {
  const [id] = (await findOrCreate(trx, { collection, member, entries: new Map([[entry[member], entry]]) })).values();
  if (id === undefined) throw new Error('An entry that was found or created is missing.');
  return id;
}
