import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** The form version whose rules checked a revision. It may be later than the version of the filled-in form. */
export async function addRulesVersion(database: Database): Promise<void> {
  for (const table of ['responses', 'response_revisions', 'late_revisions']) {
    await addColumn(database, table, 'rules_version', 'integer');
  }
}
