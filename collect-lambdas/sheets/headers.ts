import type { Column, StoredExport, TableDescription } from '../../db-proxy-lambda/contract.ts';

/**
 * The table with the names of columns that its files and its sheet show. Questions of different versions, and a question and
 * Collect's own columns, may share a short name: a later column then gets a number, as in `depth_2`.
 */
export function withHeaders(
  table: TableDescription,
  { headers }: Pick<StoredExport['request'], 'headers'>,
): TableDescription {
  if (headers !== 'names') return table;
  const taken = new Set<string>();
  const columns = table.columns.map(({ name, short_name: shortName = name, type }): Column => {
    let free = shortName;
    for (let number = 2; taken.has(free); number += 1) free = `${shortName}_${number}`;
    taken.add(free);
    return { name: free, type };
  });
  return { ...table, columns };
}
