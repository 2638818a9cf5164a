import { findTable } from '../tables/find-table.ts';
import type { Perform } from './operation.ts';

export const readTable: Perform<'readTable'> = async (database, { table_name: name, bound, filter, after }) => {
  const table = await findTable(database.db, name, bound.form_version);
  if (table === undefined) return { next: null, rows: [] };
  const { rows, next } = await table.page(database, bound, filter, after);
  // In this order: who reads a page can ask for the next one before it has read all of this one.
  return { next, rows };
};
