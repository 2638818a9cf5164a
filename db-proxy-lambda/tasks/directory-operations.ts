import { inTransaction } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { directoryOperations } from './directory-contract.ts';
import * as queries from './directory-queries.ts';

export const directoryHandlers: OperationHandlers<typeof directoryOperations> = {
  listDirectory: ({ db }, input) => queries.listEntries(db, input),

  getDirectoryEntry: async ({ db }, { collection, id }) => ({
    entry: (await queries.findEntry(db, collection, id)) ?? null,
  }),

  /** If two requests create one entry concurrently, the second gets a duplicate key; its retry finds the entry taken. */
  createDirectoryEntry: (database, { collection, values, creation_key: key }) =>
    inTransaction(database, async (trx) => {
      const created = await queries.findCreatedEntry(trx, collection, key);
      if (created !== undefined) return { outcome: 'created', entry: created };
      const by = await queries.findTaken(trx, collection, values);
      if (by.length > 0) return { outcome: 'taken', by };
      return {
        outcome: 'created',
        entry: await queries.insertEntry(trx, collection, { ...values, creation_key: key }),
      };
    }),

  updateDirectoryEntry: (database, { collection, id, changes }) =>
    inTransaction(database, async (trx) => {
      if (!(await queries.lockEntry(trx, collection, id))) return { outcome: 'missing' };
      const by = await queries.findTaken(trx, collection, changes, id);
      if (by.length > 0) return { outcome: 'taken', by };
      return { outcome: 'updated', entry: await queries.updateEntry(trx, collection, id, changes) };
    }),

  deleteDirectoryEntry: (database, { collection, id }) =>
    inTransaction(database, async (trx) => {
      if (!(await queries.lockEntry(trx, collection, id))) return { outcome: 'missing' };
      const tasks = await queries.countReferences(trx, collection, id);
      if (tasks > 0) return { outcome: 'in_use', tasks };
      await queries.deleteEntry(trx, collection, id);
      return { outcome: 'deleted' };
    }),
};
