/** Finds the tab of a live sheet, or creates it. */
import { findTab } from '../shared/google/cells.ts';
import type { GoogleSheets, Spreadsheet, Tab } from '../shared/google/google-client.ts';
import { SheetError } from '../shared/google/sheet-error.ts';
import { checkCells, prepareLayout, type Layout } from './layout.ts';
import type { Target } from './target.ts';

const NEW_ROWS = 1_000;

export interface OpenSheet {
  spreadsheet: Spreadsheet;
  layout: Layout;
}

/**
 * Finds the tab, or creates it, and reads its layout. A tab keeps its `sheetId` when a person renames it.
 *
 * @throws {SheetError} if the tab was deleted or is another form's, its rows cannot be recognised, or Google refuses
 */
export async function openTab(google: GoogleSheets, target: Target): Promise<OpenSheet> {
  const spreadsheet = await google.read(target.spreadsheetId);
  const found = findOwnTab(spreadsheet, target);
  if (found === undefined && target.sheetId !== null) {
    throw new SheetError(
      `The tab ${target.tab} was deleted. Restore it from the version history of the spreadsheet, add an empty tab with this name, or choose another tab with PUT /forms/{form_id}/sheet.`,
    );
  }
  if (found !== undefined && found.sheetId !== target.sheetId && target.taken.includes(found.sheetId)) {
    throw new SheetError(
      `The tab ${found.title} is the live sheet of another form. Choose another tab with PUT /forms/{form_id}/sheet.`,
    );
  }
  const tab = found ?? (await createTab(google, target, spreadsheet));
  return { spreadsheet, layout: await prepareLayout(google, target, spreadsheet, tab) };
}

function findOwnTab(spreadsheet: Spreadsheet, { sheetId, tab }: Target): Tab | undefined {
  return spreadsheet.tabs.find((each) => each.sheetId === sheetId) ?? findTab(spreadsheet, tab);
}

async function createTab(google: GoogleSheets, target: Target, spreadsheet: Spreadsheet): Promise<Tab> {
  const { spreadsheetId, tab: title, columns } = target;
  checkCells(spreadsheet, NEW_ROWS * columns.length);
  const gridProperties = { rowCount: NEW_ROWS, columnCount: columns.length, frozenRowCount: 1 };
  const taken = Math.max(0, ...spreadsheet.tabs.map((tab) => tab.sheetId));
  const sheetId = taken < 0x7ffffffe ? taken + 1 : 1;
  try {
    await google.change(spreadsheetId, [{ addSheet: { properties: { sheetId, title, gridProperties } } }]);
  } catch (error) {
    // The reply to an earlier try may have been lost: then the tab exists.
    if (!(error instanceof SheetError)) throw error;
    const created = findTab(await google.read(spreadsheetId), title);
    if (created === undefined) throw error;
    return created;
  }
  return { sheetId, title, rows: NEW_ROWS, columns: columns.length, frozenRows: 1 };
}
