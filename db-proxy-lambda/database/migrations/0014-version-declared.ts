import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** Whether the response itself names its `form_version`: only such a version limits the versions of its corrections. */
export async function addVersionDeclared(database: Database): Promise<void> {
  for (const table of ['responses', 'response_revisions', 'late_revisions']) {
    await addColumn(database, table, 'version_declared', 'integer');
  }
}
