import { findCreated, findTask, insertTasks } from '../database/tasks.ts';
import { inTransaction } from '../database/transactions.ts';
import { holdReferences } from './hold-references.ts';
import type { Perform } from './operation.ts';

export const createTask: Perform<'createTask'> = (database, { creation_key: key, values }) =>
  inTransaction(database, async (trx) => {
    const created = (await findCreated(trx, [key])).get(key);
    const members = created === undefined ? await holdReferences(trx, database.kind, values) : [];
    if (members.length > 0) return { outcome: 'unknown_references', members };
    const id = created ?? (await insertTasks(trx, [{ ...values, creation_key: key }], new Date().toISOString()));
    const task = await findTask(trx, id);
    if (task === undefined) throw new Error('The task that was inserted is not there.');
    return { outcome: 'created', task };
  });
