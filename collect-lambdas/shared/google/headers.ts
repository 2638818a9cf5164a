import type { Column, StoredExport, TableDescription } from '../../../db-proxy-lambda/contract.ts';

/**
 * The table with the headers that its files and its sheet show. A header is the question's label, or its key if it has no
 * label; with `"headers": "names"` it is the question's name. If several columns have the same header, such as a question
 * and a question of an earlier version, the later ones get a number, as in `depth_2`. A column whose header is not its
 * name keeps the name in `short_name`.
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
