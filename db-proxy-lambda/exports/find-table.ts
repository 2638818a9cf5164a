import type { Kysely } from 'kysely';
import { auditEventsTable } from '../audit/audit-events-table.ts';
import { SYSTEM_TABLES } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import { findFormTable } from '../forms/form-table.ts';
import { listFormIds } from '../forms/queries.ts';
import { flagsTable } from '../responses/flags-table.ts';
import { lateRevisionsTable } from '../responses/late-revisions-table.ts';
import { revisionsTable } from '../responses/revisions-table.ts';
import { tasksTable } from '../tasks/tasks-table.ts';
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
};

export function isSystemTable(name: string): name is SystemTable {
  return Object.hasOwn(systemTables, name);
}

/**
 * Finds a system table by its name, or a form's table by the form's id.
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
  return isSystemTable(name) ? { ...systemTables[name], version: 0 } : findFormTable(db, name, version, withOptions);
}

/** The names of all tables: the forms by id, then the system tables. */
export async function tableNames(db: Kysely<Schema>): Promise<string[]> {
  return [...(await listFormIds(db)), ...SYSTEM_TABLES];
}

/** Every table, in the order of `tableNames`. */
export async function findTables(db: Kysely<Schema>): Promise<FoundTable[]> {
  const names = await tableNames(db);
  const tables = await Promise.all(names.map((name) => findTable(db, name)));
  return tables.filter((table) => table !== undefined);
}
