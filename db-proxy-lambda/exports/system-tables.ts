/** Tables that managers want beside the forms' responses. A new one is registered in the list at the end. */
import { auditEventsTable } from '../audit/tables.ts';
import { exportsTable } from './tables.ts';
import { flagsTable } from '../responses/flags-table.ts';
import { lateRevisionsTable } from '../responses/late-revisions-table.ts';
import { revisionsTable } from '../responses/revisions-table.ts';
import { SYSTEM_TABLES } from '../contract.ts';
import type { Table } from './table.ts';
import { tasksTable } from '../tasks/tables.ts';

const byName: Record<(typeof SYSTEM_TABLES)[number], Table> = {
  revisions: revisionsTable,
  flags: flagsTable,
  exports: exportsTable,
  tasks: tasksTable,
  late_revisions: lateRevisionsTable,
  audit_events: auditEventsTable,
};

/** In the order in which they are listed. Later tables register in the record above, their names in the contract. */
export const systemTables: readonly Table[] = SYSTEM_TABLES.map((name) => byName[name]);
