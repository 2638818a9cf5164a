import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { findFormTable } from '../forms/form-table.ts';
import { systemTables } from './system-tables.ts';
import type { Table } from './table.ts';

export type FoundTable = Table & { version: number };

/**
 * Finds a table by the name that exports give it: a system table, or a form's id.
 *
 * @param version the last version of the form to look at, or undefined for all
 */
export async function findTable(db: Kysely<Schema>, name: string, version?: number): Promise<FoundTable | undefined> {
  const system = systemTables.find((table) => table.name === name);
  return system === undefined ? findFormTable(db, name, version) : { ...system, version: 0 };
}

/** The names of all tables: the forms by id, then the system tables. */
export async function tableNames(db: Kysely<Schema>): Promise<string[]> {
  const forms = await db.selectFrom('forms').select('form_id').distinct().orderBy('form_id').execute();
  return [...forms.map((form) => form.form_id), ...systemTables.map((table) => table.name)];
}

/** Every table, in the same order. */
export async function findTables(db: Kysely<Schema>): Promise<FoundTable[]> {
  const names = await tableNames(db);
  const tables = await Promise.all(names.map((name) => findTable(db, name)));
  return tables.filter((table) => table !== undefined);
}
