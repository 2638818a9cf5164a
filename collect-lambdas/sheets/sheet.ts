/** Writes a table into a tab of a Google spreadsheet. The tab keeps its id, so charts on it stay. */
import type { Cell, Column, TableDescription } from '../../db-proxy-lambda/contract.ts';
import {
  bytesOf,
  columnName,
  findTab,
  MAX_CELL_CHARACTERS,
  MAX_CELLS,
  MAX_COLUMNS,
  quoteTitle,
  REQUEST_BYTES,
  tabTitle,
  toSheetRow,
} from '../shared/google/cells.ts';
import { formatColumns } from '../shared/google/sheet-times.ts';
import type { GoogleSheets, NumberFormat, SheetCell, Spreadsheet, Tab } from '../shared/google/google-client.ts';
import { SheetError } from '../shared/google/sheet-error.ts';

/** Bytes of a request besides its rows. */
const FRAME_BYTES = 500;

/**
 * Checks that the table fits, before anything is written.
 *
 * @param files the files that the export has written
 * @throws {SheetError} with the limit and the table's size
 */
export function checkFits(
  spreadsheet: Spreadsheet,
  title: string,
  table: { rows: number; columns: number; longestCell: number },
  files: { csv: boolean; ndjson?: boolean | undefined },
): void {
  if (table.columns > MAX_COLUMNS) {
    throw new SheetError(
      `The sheet would have ${table.columns} columns and Google allows ${MAX_COLUMNS}. ${completeOf(files)}The sheet was left as it was.`,
    );
  }
  const own = findTab(spreadsheet, title);
  const others = spreadsheet.tabs.filter((tab) => tab !== own);
  const cellsOfOthers = others.reduce((sum, tab) => sum + tab.rows * tab.columns, 0);
  const rows = Math.max(table.rows + 1, own?.rows ?? 0);
  const cells = rows * Math.max(table.columns, own?.columns ?? 0);
  if (cells + cellsOfOthers > MAX_CELLS) {
    throw new SheetError(
      `The sheet would have ${cells + cellsOfOthers} cells and Google allows ${MAX_CELLS} a spreadsheet. ${completeOf(files)}Export fewer rows with a filter, or to a spreadsheet of its own.`,
    );
  }
  if (table.longestCell > MAX_CELL_CHARACTERS) {
    throw new SheetError(
      `One cell has ${table.longestCell} characters and Google allows ${MAX_CELL_CHARACTERS}. ${completeOf(files)}The sheet was left as it was.`,
    );
  }
}

/** Says which files of an export are complete; '' if it has none. */
function completeOf({ csv, ndjson = false }: Parameters<typeof checkFits>[3]): string {
  if (csv && ndjson) return 'The files are complete. ';
  return csv || ndjson ? `The ${csv ? 'CSV' : 'NDJSON'} is complete. ` : '';
}

/** Writes a table into its tab at fixed ranges, page by page. */
interface SheetWriter {
  sheetId: number;
  /** The tab's title; a manager may have changed its case. */
  title: string;
  append: (rows: readonly Cell[][]) => Promise<void>;
  /** Writes the remaining rows and clears the rows below them that an earlier, longer export left. */
  finish: () => Promise<void>;
}

/**
 * Prepares the tab named after the table: creates it if absent, enlarges it, freezes its header row and makes it bold, and
 * formats its columns of times.
 */
export async function openSheet(
  google: GoogleSheets,
  spreadsheetId: string,
  spreadsheet: Spreadsheet,
  { name, columns }: TableDescription,
  rowCount: number,
): Promise<SheetWriter> {
  const ownTitle = tabTitle(name);
  const before = findTab(spreadsheet, ownTitle);
  const title = before?.title ?? ownTitle;
  const range = (from: number, to: number, width = columns.length) =>
    `${quoteTitle(title)}!A${from}:${columnName(width)}${to}`;
  const rowsBefore = before?.rows ?? 0;
  const widthBefore = Math.min(before?.columns ?? 0, columns.length);
  const formats = rowsBefore < 2 ? [] : await google.readFormats(spreadsheetId, range(2, 2, widthBefore));
  const sheetId = await prepareTab(google, spreadsheetId, spreadsheet, { title, columns, formats, rowCount });
  let pending: SheetCell[][] = [columns.map(({ name }) => name)];
  let bytes = FRAME_BYTES + bytesOf(pending[0] ?? []);
  let nextRow = 1;

  const flush = async (): Promise<void> => {
    if (pending.length === 0) return;
    await google.write(spreadsheetId, range(nextRow, nextRow + pending.length - 1), pending);
    nextRow += pending.length;
    pending = [];
    bytes = FRAME_BYTES;
  };

  return {
    sheetId,
    title,
    async append(rows) {
      for (const row of rows) {
        const values = toSheetRow(columns, row);
        const size = bytesOf(values);
        if (bytes + size > REQUEST_BYTES) await flush();
        pending.push(values);
        bytes += size;
      }
    },
    async finish() {
      await flush();
      if (nextRow > rowsBefore) return;
      await google.clear(spreadsheetId, [range(nextRow, rowsBefore)]);
    },
  };
}

/** @returns the tab's id */
async function prepareTab(
  google: GoogleSheets,
  spreadsheetId: string,
  spreadsheet: Spreadsheet,
  table: {
    title: string;
    columns: readonly Column[];
    formats: readonly (NumberFormat | undefined)[];
    rowCount: number;
  },
): Promise<number> {
  const { title, columns, formats, rowCount } = table;
  const existing = findTab(spreadsheet, title);
  const sheetId = existing?.sheetId ?? sheetIdOf(title, spreadsheet.tabs);
  const frozenRows = Math.max(existing?.frozenRows ?? 0, 1);
  const grid = {
    // A grid needs one row that is not frozen.
    rowCount: Math.max(rowCount + 1, existing?.rows ?? 0, frozenRows + 1),
    columnCount: Math.max(columns.length, existing?.columns ?? 1),
    frozenRowCount: frozenRows,
  };
  const header = { sheetId, startRowIndex: 0, endRowIndex: 1, startColumnIndex: 0, endColumnIndex: columns.length };
  const requests = [
    existing === undefined
      ? { addSheet: { properties: { sheetId, title, gridProperties: grid } } }
      : {
          updateSheetProperties: {
            properties: { sheetId, gridProperties: grid },
            fields: 'gridProperties(rowCount,columnCount,frozenRowCount)',
          },
        },
    {
      repeatCell: {
        range: header,
        cell: { userEnteredFormat: { textFormat: { bold: true } } },
        fields: 'userEnteredFormat.textFormat.bold',
      },
    },
    ...formatColumns(columns, formats, { sheetId, startRowIndex: 1, endRowIndex: grid.rowCount }),
  ];
  try {
    await google.change(spreadsheetId, requests);
    return sheetId;
  } catch (error) {
    // If the reply to the first request was lost, the retry fails because the tab exists.
    if (existing !== undefined || !(error instanceof SheetError)) throw error;
    const now = await google.read(spreadsheetId);
    if (findTab(now, title) === undefined) throw error;
    return prepareTab(google, spreadsheetId, now, table);
  }
}

/** Derives a new tab's id from its title, so that a retry makes no second tab. */
function sheetIdOf(title: string, tabs: readonly Tab[]): number {
  const taken = new Set(tabs.map((tab) => tab.sheetId));
  let id = 0;
  for (const character of title) id = (Math.imul(id, 31) + (character.codePointAt(0) ?? 0)) & 0x7fffffff;
  while (taken.has(id) || id === 0) id = (id + 1) & 0x7fffffff;
  return id;
}
