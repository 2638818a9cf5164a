import { findEntry, findTaken, lockEntry, updateEntry } from '../database/directory.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

export const updateDirectoryEntry: Perform<'updateDirectoryEntry'> = (database, { collection, id, changes }) =>
  inTransaction(database, async (trx) => {
    if (!(await lockEntry(trx, database.kind, collection, id))) return { outcome: 'missing' };
    const by = await findTaken(trx, collection, changes, id);
    if (by.length > 0) return { outcome: 'taken', by };
    if (Object.keys(changes).length > 0) await updateEntry(trx, collection, id, changes, new Date().toISOString());
    const entry = await findEntry(trx, collection, id);
    return entry === undefined ? { outcome: 'missing' } : { outcome: 'updated', entry };
  });
