/** A spreadsheet as the API shows it, and the fields that each answer has, for `?fields=`. */
import type { FieldTree } from './field-mask.ts';
import type { Spreadsheet, Tab } from './spreadsheet.ts';

/** SheetProperties. Zeros of the grid are left out, as protocol buffers do; Google shows sheetId and index even when 0. */
export function describeTab(tab: Tab, index: number): object {
  const { sheetId, title, rowCount, columnCount, frozenRowCount, frozenColumnCount, hideGridlines, hidden } = tab;
  return {
    sheetId,
    title,
    index,
    sheetType: 'GRID',
    gridProperties: {
      rowCount,
      columnCount,
      ...(frozenRowCount > 0 && { frozenRowCount }),
      ...(frozenColumnCount > 0 && { frozenColumnCount }),
      ...(hideGridlines && { hideGridlines }),
    },
    ...(hidden && { hidden }),
  };
}

/** Spreadsheet, without what its cells hold. `baseUrl` is where people open it. */
export function describeSpreadsheet(spreadsheet: Spreadsheet, baseUrl: string): object {
  return {
    spreadsheetId: spreadsheet.id,
    properties: { title: spreadsheet.title, locale: 'en_US', autoRecalc: 'ON_CHANGE', timeZone: 'Etc/GMT' },
    sheets: spreadsheet.tabs.map((tab, index) => ({ properties: describeTab(tab, index) })),
    spreadsheetUrl: spreadsheetUrl(spreadsheet.id, baseUrl),
  };
}

export function spreadsheetUrl(id: string, baseUrl: string): string {
  return `${baseUrl}/spreadsheets/d/${id}/edit`;
}

const PROPERTIES: FieldTree = {
  sheetId: true,
  title: true,
  index: true,
  sheetType: true,
  hidden: true,
  gridProperties: {
    rowCount: true,
    columnCount: true,
    frozenRowCount: true,
    frozenColumnCount: true,
    hideGridlines: true,
  },
};

export const SPREADSHEET: FieldTree = {
  spreadsheetId: true,
  spreadsheetUrl: true,
  properties: { title: true, locale: true, autoRecalc: true, timeZone: true },
  sheets: { properties: PROPERTIES },
};

export const BATCH_UPDATE: FieldTree = {
  spreadsheetId: true,
  replies: { addSheet: { properties: PROPERTIES } },
  updatedSpreadsheet: SPREADSHEET,
};

export const VALUE_RANGE: FieldTree = { range: true, majorDimension: true, values: true };

export const BATCH_GET: FieldTree = { spreadsheetId: true, valueRanges: VALUE_RANGE };

export const UPDATE_VALUES: FieldTree = {
  spreadsheetId: true,
  updatedRange: true,
  updatedRows: true,
  updatedColumns: true,
  updatedCells: true,
  updatedData: VALUE_RANGE,
};

export const BATCH_UPDATE_VALUES: FieldTree = {
  spreadsheetId: true,
  totalUpdatedRows: true,
  totalUpdatedColumns: true,
  totalUpdatedCells: true,
  totalUpdatedSheets: true,
  responses: UPDATE_VALUES,
};

export const CLEAR: FieldTree = { spreadsheetId: true, clearedRange: true };

export const BATCH_CLEAR: FieldTree = { spreadsheetId: true, clearedRanges: true };
