import type { Kysely } from 'kysely';
import { readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import { countUntil, listIdsUntil, type TableWithIds, type TimeColumn } from './table-queries.ts';
import { matches, systemTable, type CellReader, type RowState, type Table } from './table.ts';

interface TableOfRows<Row, T extends TableWithIds> {
  name: T;
  /** The column with the time of a row. An export has the rows whose time is not after the bound. */
  timeColumn: TimeColumn<T>;
  /** The index by that column. */
  timeIndex: string;
  title: string;
  columns: readonly CellReader<Row>[];
  /** Reads the rows with these ids, in any order. */
  read: (db: Kysely<Schema>, ids: readonly number[]) => Promise<readonly Row[]>;
  bytesOf: (row: Row) => number;
  stateOf: (row: Row) => RowState;
  /** Max rows of a page. Set it lower for large rows: the keys of a page are read before the size of its rows is known. */
  rowsPerPage?: number;
}

/** A system table with the current rows of a database table, in order of id. */
export function tableOfRows<Row extends { id: number }, T extends TableWithIds>(options: TableOfRows<Row, T>): Table {
  const { name, timeColumn, timeIndex: index, read, bytesOf, stateOf, rowsPerPage = 1_000 } = options;
  return systemTable({ ...options, written: { table: name, timeColumn, index } }, (toCells) => ({
    count: ({ db }, bound) => countUntil(db, name, timeColumn, bound.at),
    page: async ({ db }, bound, filter, after) => {
      const ids = await listIdsUntil(db, name, timeColumn, bound.at, Number(after ?? 0), rowsPerPage + 1);
      const { page, next } = await readByKeys(ids, rowsPerPage, (id) => id, {
        read: (some) => read(db, some),
        nameOf: (row) => row.id,
        bytesOf,
      });
      const rows = page.filter((row) => matches(stateOf(row), filter)).map(toCells);
      return { rows, next: next === null ? null : String(next) };
    },
  }));
}
