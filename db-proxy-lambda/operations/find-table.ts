import { isFormId } from '../contract.ts';
import { findForm } from '../database/forms.ts';
import { tableNames } from '../tables/find-table.ts';
import { systemTables } from '../tables/system-tables.ts';
import type { Perform } from './operation.ts';

/** Reads the last version of one form at most: an export's request needs no columns. */
export const findTable: Perform<'findTable'> = async ({ db }, { table_name: name }) => {
  if (systemTables.some((table) => table.name === name)) {
    return { outcome: 'found', table: { name, spreadsheet_id: null } };
  }
  const form = isFormId(name) ? await findForm(db, name, undefined) : undefined;
  if (form === undefined) return { outcome: 'unknown', names: await tableNames(db) };
  const { spreadsheet_id: spreadsheetId }: { spreadsheet_id?: string } = form.definition;
  return { outcome: 'found', table: { name, spreadsheet_id: spreadsheetId ?? null } };
};
