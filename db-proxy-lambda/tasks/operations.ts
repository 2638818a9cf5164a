import { inTransaction, withRetries } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { taskOperations } from './contract.ts';
import { followUpResponse } from './follow-up-response.ts';
import { holdReferences } from './hold-references.ts';
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
      if (!(await queries.lockTask(trx, id))) return { outcome: 'missing' };
      const members = await holdReferences(trx, changes);
      if (members.length > 0) return { outcome: 'unknown_references', members };
      if (Object.keys(changes).length > 0) await queries.updateTask(trx, id, changes, new Date().toISOString());
      const task = await queries.findTask(trx, id);
      return task === undefined ? { outcome: 'missing' } : { outcome: 'updated', task };
    }),

  deleteTask: (database, { id }) =>
    withRetries(database, async () => ({
      outcome: (await queries.deleteTask(database.db, id)) ? 'deleted' : 'missing',
    })),

  uploadTasks,
  followUpResponse,
};
