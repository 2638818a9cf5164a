import { deleteTask as remove } from '../database/tasks.ts';
import { withRetries } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

export const deleteTask: Perform<'deleteTask'> = (database, { id }) =>
  withRetries(database, async () => ({ outcome: (await remove(database.db, id)) ? 'deleted' : 'missing' }));
