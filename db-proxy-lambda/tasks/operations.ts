import type { Transaction } from 'kysely';
import type { Collection } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import { inTransaction, withRetries } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { taskOperations } from './contract.ts';
import { deleteEntry, lockEntry } from './directory-queries.ts';
import { followUpResponse } from './follow-up-response.ts';
import * as queries from './queries.ts';
import { uploadTasks } from './upload-tasks.ts';

export const taskHandlers: OperationHandlers<typeof taskOperations> = {
  listTasks: ({ db }, input) => queries.listTasks(db, input),

  getTask: async ({ db }, { id }) => ({ task: (await queries.findTask(db, id)) ?? null }),

  createTask: (database, { creation_key: key, values }) =>
    inTransaction(database, async (trx) => {
      const created = (await queries.findCreated(trx, [key])).get(key);
      const members = created === undefined ? await holdReferences(trx, values) : [];
      if (members.length > 0) return { outcome: 'unknown_references', members };
      const now = new Date().toISOString();
      const id = created ?? (await queries.insertTasks(trx, [{ ...values, creation_key: key }], now));
      const task = await queries.findTask(trx, id);
      if (task === undefined) throw new Error('The task that was inserted is missing.');
      return { outcome: 'created', task };
    }),

  updateTask: (database, { id, changes }) =>
    inTransaction(database, async (trx) => {
      if (!(await lockEntry(trx, 'tasks', id))) return { outcome: 'missing' };
      const members = await holdReferences(trx, changes);
      if (members.length > 0) return { outcome: 'unknown_references', members };
      if (Object.keys(changes).length > 0) await queries.updateTask(trx, id, changes, new Date().toISOString());
      const task = await queries.findTask(trx, id);
      return task === undefined ? { outcome: 'missing' } : { outcome: 'updated', task };
    }),

  deleteTask: (database, { id }) =>
    withRetries(database, async () => ({
      outcome: (await deleteEntry(database.db, 'tasks', id)) ? 'deleted' : 'missing',
    })),

  uploadTasks,
  followUpResponse,
};

const REFERENCES = [
  ['owner_id', 'people'],
  ['company_id', 'companies'],
  ['status_id', 'task_statuses'],
] as const satisfies [string, Collection][];

type ReferenceMember = (typeof REFERENCES)[number][0];

/**
 * Locks the entries that a task refers to until the transaction ends, so that they cannot be deleted.
 *
 * @returns the members whose entry does not exist
 */
async function holdReferences(
  trx: Transaction<Schema>,
  values: { [Member in ReferenceMember]?: number | null | undefined },
): Promise<ReferenceMember[]> {
  const unknown: ReferenceMember[] = [];
  for (const [member, collection] of REFERENCES) {
    const id = values[member];
    if (id === undefined || id === null) continue;
    if (!(await lockEntry(trx, collection, id, 'share'))) unknown.push(member);
  }
  return unknown;
}
