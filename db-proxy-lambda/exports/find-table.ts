import type { Kysely } from 'kysely';
import { attachmentsTable } from '../attachments/attachments-table.ts';
import { auditEventsTable } from '../audit/audit-events-table.ts';
import { isFormId, SYSTEM_TABLES } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import { findFormTables } from '../forms/form-table.ts';
import { listFormIds } from '../forms/queries.ts';
import { flagsTable } from '../responses/flags-table.ts';
import { lateRevisionsTable } from '../responses/late-revisions-table.ts';
import { revisionsTable } from '../responses/revisions-table.ts';
import { tasksTable } from '../tasks/tasks-table.ts';
import { reviewsTable } from '../reviews/reviews-table.ts';
import type { Table } from './table.ts';
import { exportsTable } from './exports-table.ts';

type SystemTable = (typeof SYSTEM_TABLES)[number];

/** A table, and the version of its form; 0 for a system table. */
type FoundTable = Table & { version: number };

const systemTables: Record<SystemTable, Table> = {
  revisions: revisionsTable,
  flags: flagsTable,
  exports: exportsTable,
  tasks: tasksTable,
  late_revisions: lateRevisionsTable,
  audit_events: auditEventsTable,
  attachments: attachmentsTable,
  reviews: reviewsTable,
};

export function isSystemTable(name: string): name is SystemTable {
  return Object.hasOwn(systemTables, name);
}

/**
 * Finds a system table, the table of a form, or the table of a repeat. Their names begin with the form's id.
 *
 * @param version the last version of the form to read, or undefined for all
 * @param withOptions adds columns for the options of a form's questions
 */
export async function findTable(
  db: Kysely<Schema>,
  name: string,
  version?: number,
  withOptions = false,
): Promise<FoundTable | undefined> {
  if (isSystemTable(name)) return { ...systemTables[name], version: 0 };
  const formId = formOfTable(name);
  if (!isFormId(formId)) return undefined;
  const tables = await findFormTables(db, formId, version, withOptions);
  return tables.find((table) => table.name === name);
}

/** The id of the form whose table or repeat this is. */
function formOfTable(name: string): string {
  return name.split('.', 1)[0] ?? '';
}

/**
 * The names to choose from if a name is unknown: the forms by id, with the repeats of the form that the unknown name
 * begins with, then the system tables.
 */
export async function namesInstead(db: Kysely<Schema>, unknown: string): Promise<string[]> {
  const ids = await listFormIds(db);
  const form = formOfTable(unknown);
  const named = ids.includes(form) ? await findFormTables(db, form, undefined) : [];
  return [...ids.flatMap((id) => (id === form ? named.map(({ name }) => name) : [id])), ...SYSTEM_TABLES];
}

/** Every table: the forms by id, each followed by its repeats, then the system tables. */
export async function findTables(db: Kysely<Schema>): Promise<FoundTable[]> {
  // A form that an earlier release stored may have the name of a system table.
  const ids = (await listFormIds(db)).filter((id) => !isSystemTable(id));
  const tables = await Promise.all(ids.map((id) => findFormTables(db, id, undefined)));
  return [...tables.flat(), ...SYSTEM_TABLES.map((name) => ({ ...systemTables[name], version: 0 }))];
}
