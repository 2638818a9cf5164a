import type { Column, StoredExport, TableDescription } from '../../db-proxy-lambda/contract.ts';

/**
 * The table with the headers that its files and its sheet show: a question's label, or its key if it has none; with
 * `"headers": "names"` its name. Columns may share a header, such as a question and a question of an earlier version: a
 * later column then gets a number, as in `depth_2`.
 */
export function withHeaders(
  table: TableDescription,
  { headers }: Pick<StoredExport['request'], 'headers'>,
): TableDescription {
  const taken = new Set<string>();
  const columns = table.columns.map(({ label, ...column }): Column => {
    const { name, short_name: shortName = name, type } = column;
    const header = headers === 'names' ? shortName : (label ?? name);
    let free = header;
    for (let number = 2; taken.has(free); number += 1) free = `${header}_${number}`;
    taken.add(free);
    return headers === 'names' ? { name: free, type } : { ...column, name: free };
  });
  return { ...table, columns };
}
