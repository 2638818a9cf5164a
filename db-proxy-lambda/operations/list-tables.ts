import { findTables } from '../tables/find-table.ts';
import { currentBound } from './claim-export.ts';
import type { Perform } from './operation.ts';

export const listTables: Perform<'listTables'> = async (database, { count_rows: countRows }) => {
  const bound = await currentBound(database.db, 0);
  const tables = [];
  for (const table of await findTables(database.db)) {
    const { name, kind, title, columns, spreadsheetId } = table;
    const rows = countRows ? await table.count(database, bound, {}) : null;
    tables.push({ name, kind, title, columns: [...columns], rows, spreadsheet_id: spreadsheetId });
  }
  return { tables };
};
