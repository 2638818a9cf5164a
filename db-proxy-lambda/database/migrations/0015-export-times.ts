import type { Database } from '../database.ts';
import { createIndex } from './idempotent.ts';

/**
 * Indexes by the time that decides whether an export includes a row. Before, each export read and locked the whole
 * table.
 */
export async function indexExportTimes(database: Database): Promise<void> {
  await createIndex(database, 'tasks_by_time', 'tasks', ['created_at', 'id']);
  await createIndex(database, 'late_revisions_by_time', 'late_revisions', ['saved_at', 'id']);
}
