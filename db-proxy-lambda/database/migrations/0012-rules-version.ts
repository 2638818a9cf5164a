import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** The version whose rules checked a revision, which may be later than the version that it was filled in with. */
export async function addRulesVersion(database: Database): Promise<void> {
  for (const table of ['responses', 'response_revisions', 'late_revisions']) {
    await addColumn(database, table, 'rules_version', 'integer');
  }
}
