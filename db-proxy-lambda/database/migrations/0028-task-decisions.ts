import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** The decision of a manager that a task follows. */
export async function addTaskDecisions(database: Database): Promise<void> {
  await addColumn(database, 'task_follow_ups', 'decision', database.columnTypes.ascii(16));
}
