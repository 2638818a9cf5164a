import type { Column, StoredExport, TableDescription } from '../../../db-proxy-lambda/contract.ts';

/**
 * The table with the headers that its files and its sheet show: a question's label, or its key if it has none; with
 * `"headers": "names"` its name. Columns may share a header, such as a question and a question of an earlier version: a
 * later column then gets a number, as in `depth_2`. A column with another header than its name keeps it as `short_name`.
 */
export function withHeaders(
  table: TableDescription,
  { headers }: Pick<StoredExport['request'], 'headers'>,
): TableDescription {
  const taken = new Set<string>();
  const columns = table.columns.map(({ name, short_name: shortName = name, label = name, type }): Column => {
    const header = headers === 'names' ? shortName : label;
    let free = header;
    for (let number = 2; taken.has(free); number += 1) free = `${header}_${number}`;
    taken.add(free);
    return { name: free, ...(free !== shortName && { short_name: shortName }), type };
  });
  return { ...table, columns };
}
