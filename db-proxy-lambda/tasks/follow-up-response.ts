import type { Transaction } from 'kysely';
import type { Input } from '../contract.ts';
import type { Database } from '../database/database.ts';
import { findOrMake } from './directory-queries.ts';
import type { Schema } from '../database/schema.ts';
import { insertTasks, lockFollowUp, rememberFollowUp, updateTask } from './queries.ts';
import { inTransaction } from '../database/transactions.ts';
import { decideFollowUp } from './follow-up-order.ts';
import type { OperationHandler } from '../operation-handler.ts';

/** Two first events of a response at once meet at its key; the later one runs again and sees what the other did. */
export const followUpResponse: OperationHandler<'followUpResponse'> = (database, event) =>
  inTransaction(database, async (trx) => {
    const { kind } = database;
    const { response_id, task_date } = event;
    const { revision, task } = await lockFollowUp(trx, kind, response_id);
    const decision = decideFollowUp({ revision, hasTask: task !== undefined }, event);
    if (decision.do === 'nothing') return { outcome: 'unchanged' };
    const isFirst = revision === undefined;
    if (decision.do === 'remember') {
      await rememberFollowUp(trx, response_id, { revision: event.revision, description: undefined, isFirst });
      return { outcome: 'unchanged' };
    }
    const isReview = decision.status === 'IN_REVIEW';
    // What a manager wrote stays: the task is reopened all the same.
    const written = task === undefined || isReview ? event.description : task.description;
    const description = task?.isEdited === true ? undefined : written;
    await rememberFollowUp(trx, response_id, { revision: event.revision, description, isFirst });

    const now = new Date().toISOString();
    const status_id = await findStatus(trx, kind, decision.status);
    if (task !== undefined) {
      await updateTask(trx, task.id, { status_id, ...(description !== undefined && { description }) }, now);
      return { outcome: isReview ? 'reopened' : 'approved' };
    }
    const owner_id = await findCollector(trx, kind, event);
    await insertTasks(
      trx,
      [{ owner_id, company_id: null, status_id, task_date, description: written, response_id }],
      now,
    );
    return { outcome: 'opened' };
  });

/** A manager may have renamed or deleted it: then it is made again, as these names are what a flag's task goes by. */
function findStatus(trx: Transaction<Schema>, kind: Database['kind'], name: string): Promise<number> {
  return findOne(trx, kind, { collection: 'task_statuses', member: 'name', entries: new Map([[name, { name }]]) });
}

/** A collector is known by user_id, and called so until somebody gives the person a name. */
function findCollector(
  trx: Transaction<Schema>,
  kind: Database['kind'],
  { user_id }: Input<'followUpResponse'>,
): Promise<number> {
  const entries = new Map([[user_id, { name: user_id, user_id }]]);
  return findOne(trx, kind, { collection: 'people', member: 'user_id', entries });
}

async function findOne(...[trx, kind, what]: Parameters<typeof findOrMake>): Promise<number> {
  const [id] = (await findOrMake(trx, kind, what)).values();
  if (id === undefined) throw new Error('An entry that was found or made is not there.');
  return id;
}
