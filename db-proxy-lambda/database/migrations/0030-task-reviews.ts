import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** The review that a task follows. It replaces the column `decision`, which cannot tell two returns apart. */
export async function addTaskReviews(database: Database): Promise<void> {
  await addColumn(database, 'task_follow_ups', 'review_id', database.columnTypes.ascii(36));
}
