import type { Transaction } from 'kysely';
import type { Input, Result } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandler } from '../operation-handler.ts';
import { findOrCreate } from './directory-queries.ts';
import { decideFollowUp, isEdited, currentDecision } from './follow-up-order.ts';
import { findFollowed, insertTasks, lockFollowUp, updateTask, writeFollowUp } from './queries.ts';

/** If two first events of a response are handled concurrently, the second gets a duplicate key; its retry finds the task. */
export const followUpResponse: OperationHandler<'followUpResponse'> = (database, event) =>
  inTransaction(database, (trx) => (event.type === 'assigned' ? giveTask(trx, event) : followUp(trx, event)));

type Event = Input<'followUpResponse'>;
type Outcome = Result<'followUpResponse'>;

async function followUp(trx: Transaction<Schema>, event: Event): Promise<Outcome> {
  const { response_id, task_date } = event;
  const { followUp: followed, task } = await lockFollowUp(trx, response_id);
  const current = currentDecision(await findFollowed(trx, response_id));
  const last = { revision: followed?.revision, review_id: followed?.review_id ?? null };
  const effect = decideFollowUp({ ...last, hasTask: task !== undefined }, event, current);
  if (effect === 'nothing') return { outcome: 'unchanged' };
  const isFirst = followed === undefined;
  // A decision may arrive after a re-judge's later revision.
  const revision = Math.max(event.revision, last.revision ?? 0);
  const done = { revision, review_id: event.type === current?.decision ? current.review_id : undefined, isFirst };
  if (effect === 'remember') {
    await writeFollowUp(trx, response_id, { ...done, description: undefined });
    return { outcome: 'unchanged' };
  }
  const isReview = effect === 'IN_REVIEW';
  const written = task === undefined || isReview ? event.description : task.description;
  // An edited description stays, even if the task is reopened.
  const description = task !== undefined && isEdited(task, followed) ? undefined : written;
  await writeFollowUp(trx, response_id, { ...done, description });

  const now = new Date().toISOString();
  // The status is created again if a manager renamed or deleted it, because follow-ups use these names.
  const statusId = await findOrCreate(trx, 'task_statuses', 'name', [{ name: effect }]);
  const status_id = statusId(effect);
  if (task !== undefined) {
    await updateTask(trx, task.id, { status_id, ...(description !== undefined && { description }) }, now);
    return { outcome: isReview ? 'reopened' : effect === 'APPROVED' ? 'approved' : 'rejected' };
  }
  const owner_id = await findOwner(trx, event.user_id);
  const opened = { owner_id, company_id: null, status_id, task_date, description: written, response_id };
  await insertTasks(trx, [opened], now);
  return { outcome: 'opened' };
}

/** Gives the task to the collector to whom the response belongs now: assignments may arrive in any order. */
async function giveTask(trx: Transaction<Schema>, { response_id: responseId }: Event): Promise<Outcome> {
  const { task } = await lockFollowUp(trx, responseId);
  const response = await findFollowed(trx, responseId);
  if (task === undefined || response === undefined) return { outcome: 'unchanged' };
  const owner_id = await findOwner(trx, response.user_id);
  await updateTask(trx, task.id, { owner_id }, new Date().toISOString());
  return { outcome: 'assigned' };
}

/** A collector is identified by user_id, which is also the name until a manager enters one. */
async function findOwner(trx: Transaction<Schema>, userId: string): Promise<number> {
  const ownerId = await findOrCreate(trx, 'people', 'user_id', [{ name: userId, user_id: userId }]);
  return ownerId(userId);
}
