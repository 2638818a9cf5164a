import { findTask, lockTask, updateTask as writeChanges } from '../database/tasks.ts';
import { inTransaction } from '../database/transactions.ts';
import { holdReferences } from './hold-references.ts';
import type { Perform } from './operation.ts';

export const updateTask: Perform<'updateTask'> = (database, { id, changes }) =>
  inTransaction(database, async (trx) => {
    if (!(await lockTask(trx, database.kind, id))) return { outcome: 'missing' };
    const members = await holdReferences(trx, database.kind, changes);
    if (members.length > 0) return { outcome: 'unknown_references', members };
    if (Object.keys(changes).length > 0) await writeChanges(trx, id, changes, new Date().toISOString());
    const task = await findTask(trx, id);
    return task === undefined ? { outcome: 'missing' } : { outcome: 'updated', task };
  });
