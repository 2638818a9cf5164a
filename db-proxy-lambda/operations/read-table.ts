import { findTable } from '../tables/find-table.ts';
import type { Perform } from './operation.ts';

export const readTable: Perform<'readTable'> = async (database, { table_name: name, bound, filter, after }) => {
  const table = await findTable(database.db, name, bound.form_version);
  return table === undefined ? { rows: [], next: null } : table.page(database, bound, filter, after);
};
