import { findTable } from '../tables/find-table.ts';
import type { Perform } from './operation.ts';

export const readTable: Perform<'readTable'> = async ({ db }, { table_name: name, bound, filter, after }) => {
  const table = await findTable(db, name, bound.form_version);
  return table === undefined ? { rows: [], next: null } : table.page(db, bound, filter, after ?? 0);
};
