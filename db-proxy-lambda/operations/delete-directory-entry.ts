import { countReferences, deleteEntry, lockEntry } from '../database/directory.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

export const deleteDirectoryEntry: Perform<'deleteDirectoryEntry'> = (database, { collection, id }) =>
  inTransaction(database, async (trx) => {
    if (!(await lockEntry(trx, database.kind, collection, id))) return { outcome: 'missing' };
    const tasks = await countReferences(trx, collection, id);
    if (tasks > 0) return { outcome: 'in_use', tasks };
    await deleteEntry(trx, collection, id);
    return { outcome: 'deleted' };
  });
