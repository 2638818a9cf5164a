import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Box } from './a1.ts';
import type { FormattedRange } from './number-formats.ts';

/** '' is an empty cell. */
export type Cell = string | number;

export interface Tab {
  sheetId: number;
  title: string;
  rowCount: number;
  columnCount: number;
  frozenRowCount: number;
  /** Ranges of bold text. */
  bold: Box[];
  /** Absent in spreadsheets of earlier releases. */
  formats?: FormattedRange[];
}

export interface Spreadsheet {
  id: string;
  title: string;
  /** The service account may open it. */
  shared: boolean;
  tabs: Tab[];
}

const SCHEMA = `
  pragma journal_mode = wal;
  create table if not exists spreadsheets (id text primary key, json text not null);
  create table if not exists cells (
    spreadsheet_id text, sheet_id integer, row integer, json text not null, primary key (spreadsheet_id, sheet_id, row)
  ) without rowid;`;

/** Spreadsheets in an SQLite database, which has one row for each row of cells. */
export class SpreadsheetStore {
  readonly #db: DatabaseSync;

  /**
   * @param file the database file; by default the database is in memory
   * @throws {Error} when the file exists and is not such a database
   */
  constructor(file = ':memory:') {
    this.#db = new DatabaseSync(file);
    try {
      this.#db.exec(SCHEMA);
    } catch (error) {
      if (!existsSync(file)) throw error;
      throw new Error(`${file} holds no readable sheets. Delete the file to start with empty sheets.`, {
        cause: error,
      });
    }
  }

  find(id: string): Spreadsheet | undefined {
    const row = this.#db.prepare('select json from spreadsheets where id = ?').get(id);
    return row === undefined ? undefined : JSON.parse(String(row['json']));
  }

  list(): Spreadsheet[] {
    const rows = this.#db.prepare('select json from spreadsheets order by rowid').all();
    return rows.map((row) => JSON.parse(String(row['json'])));
  }

  put(spreadsheet: Spreadsheet): void {
    this.#db
      .prepare('insert into spreadsheets values (?, ?) on conflict (id) do update set json = excluded.json')
      .run(spreadsheet.id, JSON.stringify(spreadsheet));
  }

  /** The rows of a tab that have cells, by their index. A row ends with its last cell that is not empty. */
  rows(spreadsheetId: string, sheetId: number, box: Pick<Box, 'startRow' | 'endRow'>): Map<number, Cell[]> {
    const rows = this.#db
      .prepare('select row, json from cells where spreadsheet_id = ? and sheet_id = ? and row >= ? and row < ?')
      .all(spreadsheetId, sheetId, box.startRow, box.endRow);
    return new Map(rows.map(({ row, json }) => [Number(row), JSON.parse(String(json))]));
  }

  /** The index of a tab's last row with cells, plus one. */
  usedRows(spreadsheetId: string, sheetId: number): number {
    const query = 'select max(row) + 1 as used from cells where spreadsheet_id = ? and sheet_id = ?';
    return Number(this.#db.prepare(query).get(spreadsheetId, sheetId)?.['used'] ?? 0);
  }

  /** Overwrites cells from the box's top left corner. `values` fit into the box; '' empties a cell. */
  write(spreadsheetId: string, sheetId: number, box: Box, values: readonly (readonly Cell[])[]): void {
    const before = this.rows(spreadsheetId, sheetId, box);
    const put = this.#db.prepare('insert or replace into cells values (?, ?, ?, ?)');
    const remove = this.#db.prepare('delete from cells where spreadsheet_id = ? and sheet_id = ? and row = ?');
    for (const [offset, written] of values.entries()) {
      const index = box.startRow + offset;
      const cells = overwrite(before.get(index) ?? [], box.startColumn, written);
      if (cells.length > 0) put.run(spreadsheetId, sheetId, index, JSON.stringify(cells));
      else remove.run(spreadsheetId, sheetId, index);
    }
  }

  /** Replaces all rows of a tab. */
  replaceRows(spreadsheetId: string, sheetId: number, rows: readonly (readonly Cell[])[]): void {
    this.#db.prepare('delete from cells where spreadsheet_id = ? and sheet_id = ?').run(spreadsheetId, sheetId);
    const width = Math.max(1, ...rows.map((row) => row.length));
    this.write(spreadsheetId, sheetId, { startRow: 0, endRow: rows.length, startColumn: 0, endColumn: width }, rows);
  }

  clear(spreadsheetId: string, sheetId: number, box: Box): void {
    for (const [index, cells] of this.rows(spreadsheetId, sheetId, box)) {
      const width = Math.min(box.endColumn, cells.length) - box.startColumn;
      const blanks = Array.from({ length: Math.max(0, width) }, () => '');
      this.write(spreadsheetId, sheetId, { ...box, startRow: index, endRow: index + 1 }, [blanks]);
    }
  }

  /** Makes all changes of `action`, or none if it throws. */
  transaction<T>(action: () => T): T {
    this.#db.exec('begin');
    try {
      const result = action();
      this.#db.exec('commit');
      return result;
    } catch (error) {
      this.#db.exec('rollback');
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }
}

function overwrite(row: readonly Cell[], start: number, written: readonly Cell[]): Cell[] {
  const padding = Array.from({ length: Math.max(0, start - row.length) }, () => '');
  const cells = [...row.slice(0, start), ...padding, ...written, ...row.slice(start + written.length)];
  return cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
}
