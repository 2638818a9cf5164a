/** The tabs and ranges that requests name. */
import type * as z from 'zod';
import { parseA1, type Box } from './a1.ts';
import { invalid } from './api-error.ts';
import type { gridRange } from './requests.ts';
import type { Spreadsheet, Tab } from './spreadsheet-store.ts';

/** The tab with this title. Google ignores the case of titles. */
export function findTab({ tabs }: Spreadsheet, title: string): Tab | undefined {
  return tabs.find((tab) => tab.title.toLowerCase() === title.toLowerCase());
}

export function tabById({ tabs }: Spreadsheet, sheetId: number, at: string): Tab {
  const tab = tabs.find((each) => each.sheetId === sheetId);
  if (tab === undefined) throw invalid(`${at} No sheet with id: ${sheetId}`);
  return tab;
}

/** The cells of a range that a change names. */
export function boxOf(spreadsheet: Spreadsheet, range: z.infer<typeof gridRange>, at: string): { tab: Tab; box: Box } {
  const tab = tabById(spreadsheet, range.sheetId, at);
  const box: Box = {
    startRow: range.startRowIndex,
    endRow: range.endRowIndex,
    startColumn: range.startColumnIndex,
    endColumn: range.endColumnIndex,
  };
  if (box.endRow <= box.startRow || box.endColumn <= box.startColumn) throw invalid(`${at} The range has no cells.`);
  if (!fits(box, tab)) throw invalid(`${at} The range ends after the last row or column of the grid.`);
  return { tab, box };
}

export function findRange(spreadsheet: Spreadsheet, range: string, at: string): { tab: Tab; box: Box } {
  const parsed = parseA1(range);
  const tab = parsed === undefined ? undefined : findTab(spreadsheet, parsed.title);
  if (parsed === undefined || tab === undefined) throw invalid(`${at} Unable to parse range: ${range}`);
  const { rowCount, columnCount } = tab;
  const { endRow, endColumn, ...start } = parsed.box;
  const box = {
    ...start,
    endRow: endRow === Infinity ? rowCount : endRow,
    endColumn: endColumn === Infinity ? columnCount : endColumn,
  };
  if (!fits(box, tab) || box.startRow >= rowCount) {
    throw invalid(`${at} Range (${range}) exceeds grid limits. Max rows: ${rowCount}, max columns: ${columnCount}`);
  }
  return { tab, box };
}

export function fits({ endRow, endColumn }: Box, { rowCount, columnCount }: Tab): boolean {
  return endRow <= rowCount && endColumn <= columnCount;
}
