/** Carries out the requests of `spreadsheets.batchUpdate`, one after another, on a copy of the spreadsheet. */
import { inPart, invalid, violated } from './api-error.ts';
import { CELL_FIELDS, DIMENSION_FIELDS, SHEET_PROPERTY_FIELDS } from './batch-requests.ts';
import type { BatchRequest, DimensionRange, RequestOf, SheetProperties } from './batch-requests.ts';
import { repeatCellData, updateCellData } from './cells.ts';
import { freeze, remove, resize, sizeOf } from './dimensions.ts';
import { FieldMaskError, leafPaths } from './field-mask.ts';
import type { FieldTree } from './field-mask.ts';
import { describeTab } from './describe.ts';
import { checkSize, createTab, findTab, tabById } from './spreadsheet.ts';
import type { Spreadsheet, Tab } from './spreadsheet.ts';

/** What the user interface allows for a name. */
const MAX_TITLE_CHARACTERS = 100;

/**
 * @param spreadsheet a copy: it is left half changed when a request fails.
 * @returns one reply for each request, empty for most.
 * @throws ApiError 400 that names the request that failed.
 */
export function applyRequests(spreadsheet: Spreadsheet, requests: readonly BatchRequest[]): object[] {
  if (requests.length === 0) throw invalid('Must specify at least one request.');
  return requests.map((request, index) => {
    const at = `requests[${index}]`;
    const [kind, second] = Object.keys(request);
    if (kind === undefined) throw invalid(`Invalid ${at}: No request set.`);
    if (second !== undefined) {
      const description = `Invalid value at '${at}' (oneof), oneof field 'kind' is already set. Cannot set '${second}'`;
      throw violated([{ field: at, description }]);
    }
    return inPart(`${at}.${kind}`, () => applyRequest(spreadsheet, request, at));
  });
}

function applyRequest(spreadsheet: Spreadsheet, request: BatchRequest, at: string): object {
  const { deleteSheet, repeatCell, updateCells, appendDimension, deleteDimension } = request;
  const { updateDimensionProperties, autoResizeDimensions } = request;
  if (request.addSheet !== undefined) return addTab(spreadsheet, request.addSheet);
  if (deleteSheet !== undefined) deleteTab(spreadsheet, deleteSheet);
  if (request.updateSheetProperties !== undefined) updateTab(spreadsheet, request.updateSheetProperties, at);
  if (repeatCell !== undefined) {
    const paths = maskPaths(repeatCell.fields, CELL_FIELDS, `${at}.repeat_cell`);
    repeatCellData(spreadsheet, repeatCell, paths);
  }
  if (updateCells !== undefined) {
    const paths = maskPaths(updateCells.fields, CELL_FIELDS, `${at}.update_cells`);
    updateCellData(spreadsheet, updateCells, paths);
  }
  if (appendDimension !== undefined) append(spreadsheet, appendDimension);
  if (deleteDimension !== undefined) {
    const { tab, dimension, start, end } = rangeOfDimension(spreadsheet, deleteDimension.range);
    remove(tab, dimension, start, end);
  }
  // Widths and heights are checked; nothing here shows them.
  if (updateDimensionProperties !== undefined) {
    rangeOfDimension(spreadsheet, updateDimensionProperties.range);
    maskPaths(updateDimensionProperties.fields, DIMENSION_FIELDS, `${at}.update_dimension_properties`);
  }
  if (autoResizeDimensions !== undefined) rangeOfDimension(spreadsheet, autoResizeDimensions.dimensions);
  return {};
}

function addTab(spreadsheet: Spreadsheet, { properties = {} }: RequestOf<'addSheet'>): object {
  const { sheetId, index = spreadsheet.tabs.length, hidden = false, gridProperties = {} } = properties;
  if (sheetId !== undefined && (sheetId < 0 || spreadsheet.tabs.some((tab) => tab.sheetId === sheetId))) {
    throw invalid(`A sheet with the ID ${sheetId} already exists. Please enter another ID.`);
  }
  const title = properties.title ?? `Sheet${spreadsheet.tabs.length + 1}`;
  checkTitle(spreadsheet, title);
  const tab = createTab(title, sheetId);
  tab.hidden = hidden;
  tab.rowCount = gridProperties.rowCount ?? tab.rowCount;
  tab.columnCount = gridProperties.columnCount ?? tab.columnCount;
  if (tab.rowCount < 1) throw invalid('You must have at least one row on the sheet.');
  if (tab.columnCount < 1) throw invalid('You must have at least one column on the sheet.');
  freeze(tab, 'ROWS', gridProperties.frozenRowCount ?? 0);
  freeze(tab, 'COLUMNS', gridProperties.frozenColumnCount ?? 0);
  tab.hideGridlines = gridProperties.hideGridlines ?? false;
  if (index < 0 || index > spreadsheet.tabs.length) throw invalid(`Index ${index} is out of range.`);
  spreadsheet.tabs.splice(index, 0, tab);
  checkSize(spreadsheet);
  return { addSheet: { properties: describeTab(tab, index) } };
}

function deleteTab(spreadsheet: Spreadsheet, { sheetId }: RequestOf<'deleteSheet'>): void {
  const tab = tabById(spreadsheet, sheetId ?? 0);
  if (spreadsheet.tabs.length === 1) throw invalid("You can't remove all the sheets in a document.");
  spreadsheet.tabs = spreadsheet.tabs.filter((each) => each !== tab);
}

function updateTab(
  spreadsheet: Spreadsheet,
  { properties = {}, fields }: RequestOf<'updateSheetProperties'>,
  at: string,
): void {
  const paths = new Set(maskPaths(fields, SHEET_PROPERTY_FIELDS, `${at}.update_sheet_properties`));
  const tab = tabById(spreadsheet, properties.sheetId ?? 0);
  if (paths.has('title')) {
    checkTitle(spreadsheet, properties.title ?? '', tab);
    tab.title = properties.title ?? '';
  }
  if (paths.has('index')) moveTab(spreadsheet, tab, properties.index ?? 0);
  if (paths.has('hidden')) tab.hidden = properties.hidden ?? false;
  updateGrid(spreadsheet, tab, properties.gridProperties ?? {}, paths);
}

/**
 * A field of the mask that the message lacks is set to its default, 0, as with every protocol buffer. Rows come before
 * columns and the limit of cells is checked after each: 1,000,000 rows are refused while the grid still has its 26
 * columns, even when the same request makes them 9 (https://github.com/robin900/gspread-dataframe/issues/37).
 */
function updateGrid(
  spreadsheet: Spreadsheet,
  tab: Tab,
  grid: NonNullable<SheetProperties['gridProperties']>,
  paths: ReadonlySet<string>,
): void {
  if (paths.has('gridProperties.rowCount')) resize(spreadsheet, tab, 'ROWS', grid.rowCount ?? 0);
  if (paths.has('gridProperties.columnCount')) resize(spreadsheet, tab, 'COLUMNS', grid.columnCount ?? 0);
  if (paths.has('gridProperties.frozenRowCount')) freeze(tab, 'ROWS', grid.frozenRowCount ?? 0);
  if (paths.has('gridProperties.frozenColumnCount')) freeze(tab, 'COLUMNS', grid.frozenColumnCount ?? 0);
  if (paths.has('gridProperties.hideGridlines')) tab.hideGridlines = grid.hideGridlines ?? false;
}

function append(spreadsheet: Spreadsheet, { sheetId, dimension, length }: RequestOf<'appendDimension'>): void {
  const tab = tabById(spreadsheet, sheetId ?? 0);
  if (dimension === undefined) throw invalid('No dimension specified.');
  if (length === undefined || length < 1) throw invalid('Length must be greater than 0.');
  resize(spreadsheet, tab, dimension, sizeOf(tab, dimension) + length);
}

/** "Before the move" indexes: to move the first of three tabs to the end, the index is 3. */
function moveTab(spreadsheet: Spreadsheet, tab: Tab, index: number): void {
  const from = spreadsheet.tabs.indexOf(tab);
  if (index < 0 || index > spreadsheet.tabs.length) throw invalid(`Index ${index} is out of range.`);
  spreadsheet.tabs.splice(from, 1);
  spreadsheet.tabs.splice(index > from ? index - 1 : index, 0, tab);
}

function checkTitle(spreadsheet: Spreadsheet, title: string, self?: Tab): void {
  if (title === '') throw invalid('The sheet name cannot be empty.');
  if (title.length > MAX_TITLE_CHARACTERS) {
    throw invalid(`The sheet name cannot be greater than ${MAX_TITLE_CHARACTERS} characters.`);
  }
  const other = findTab(spreadsheet, title);
  if (other !== undefined && other !== self) {
    throw invalid(`A sheet with the name "${title}" already exists. Please enter another name.`);
  }
}

function rangeOfDimension(spreadsheet: Spreadsheet, range: DimensionRange = {}) {
  const tab = tabById(spreadsheet, range.sheetId ?? 0);
  const { dimension } = range;
  if (dimension === undefined) throw invalid('No dimension specified.');
  const size = sizeOf(tab, dimension);
  const start = range.startIndex ?? 0;
  const end = range.endIndex ?? size;
  if (start < 0 || end <= start) throw invalid(`endIndex[${end}] must be greater than startIndex[${start}].`);
  if (end > size) throw invalid(`Cannot reach index ${end}: the sheet has ${size} ${dimension.toLowerCase()}.`);
  return { tab, dimension, start, end };
}

function maskPaths(fields: string | undefined, tree: FieldTree, at: string): string[] {
  if (fields === undefined || fields === '') {
    throw invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)");
  }
  try {
    return leafPaths(fields, tree);
  } catch (error) {
    if (!(error instanceof FieldMaskError)) throw error;
    throw invalid(
      `Invalid value at '${at}.fields' (type.googleapis.com/google.protobuf.FieldMask), ${JSON.stringify(error.path)}`,
    );
  }
}
