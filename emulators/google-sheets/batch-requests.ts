/**
 * The messages of `spreadsheets.batchUpdate` that this server knows, and their fields. Anything else is an unknown name,
 * so a field that the project begins to use is refused until it is spoken here.
 * Shapes: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
 */
import { bool, double, int32, list, message, oneOf, string } from './decode.ts';
import type { Decoder } from './decode.ts';
import type { FieldTree } from './field-mask.ts';

const dimension = oneOf('Dimension', 'ROWS', 'COLUMNS');

const gridRange = message({
  sheetId: int32,
  startRowIndex: int32,
  endRowIndex: int32,
  startColumnIndex: int32,
  endColumnIndex: int32,
});

const dimensionRange = message({ sheetId: int32, dimension, startIndex: int32, endIndex: int32 });

const sheetProperties = message({
  sheetId: int32,
  title: string,
  index: int32,
  sheetType: oneOf('SheetType', 'GRID'),
  hidden: bool,
  gridProperties: message({
    rowCount: int32,
    columnCount: int32,
    frozenRowCount: int32,
    frozenColumnCount: int32,
    hideGridlines: bool,
  }),
});

const cellData = message({
  userEnteredValue: message({ stringValue: string, numberValue: double, boolValue: bool }),
  userEnteredFormat: message({
    textFormat: message({
      bold: bool,
      italic: bool,
      underline: bool,
      strikethrough: bool,
      fontFamily: string,
      fontSize: int32,
    }),
    horizontalAlignment: oneOf('HorizontalAlign', 'LEFT', 'CENTER', 'RIGHT'),
    verticalAlignment: oneOf('VerticalAlign', 'TOP', 'MIDDLE', 'BOTTOM'),
    wrapStrategy: oneOf('WrapStrategy', 'OVERFLOW_CELL', 'LEGACY_WRAP', 'CLIP', 'WRAP'),
    numberFormat: message({
      type: oneOf(
        'NumberFormatType',
        'TEXT',
        'NUMBER',
        'PERCENT',
        'CURRENCY',
        'DATE',
        'TIME',
        'DATE_TIME',
        'SCIENTIFIC',
      ),
      pattern: string,
    }),
  }),
});

const request = message({
  addSheet: message({ properties: sheetProperties }),
  deleteSheet: message({ sheetId: int32 }),
  updateSheetProperties: message({ properties: sheetProperties, fields: string }),
  repeatCell: message({ range: gridRange, cell: cellData, fields: string }),
  updateCells: message({
    rows: list(message({ values: list(cellData) })),
    start: message({ sheetId: int32, rowIndex: int32, columnIndex: int32 }),
    range: gridRange,
    fields: string,
  }),
  appendDimension: message({ sheetId: int32, dimension, length: int32 }),
  deleteDimension: message({ range: dimensionRange }),
  updateDimensionProperties: message({
    range: dimensionRange,
    properties: message({ pixelSize: int32, hiddenByUser: bool }),
    fields: string,
  }),
  autoResizeDimensions: message({ dimensions: dimensionRange }),
});

/** The body of `POST /v4/spreadsheets/{id}:batchUpdate`. */
export const batchUpdateBody = message({ requests: list(request), includeSpreadsheetInResponse: bool });

type Of<D> = D extends Decoder<infer T> ? T : never;
export type BatchRequest = Of<typeof request>;
export type GridRange = Of<typeof gridRange>;
export type DimensionRange = Of<typeof dimensionRange>;
export type SheetProperties = Of<typeof sheetProperties>;
export type CellData = Of<typeof cellData>;
/** What one kind of request carries. */
export type RequestOf<Kind extends keyof BatchRequest> = NonNullable<BatchRequest[Kind]>;

/** Fields of a tab that `updateSheetProperties` sets; its id and type never change. */
export const SHEET_PROPERTY_FIELDS: FieldTree = {
  title: true,
  index: true,
  hidden: true,
  gridProperties: {
    rowCount: true,
    columnCount: true,
    frozenRowCount: true,
    frozenColumnCount: true,
    hideGridlines: true,
  },
};

export const CELL_FIELDS: FieldTree = {
  userEnteredValue: true,
  userEnteredFormat: {
    textFormat: { bold: true, italic: true, underline: true, strikethrough: true, fontFamily: true, fontSize: true },
    horizontalAlignment: true,
    verticalAlignment: true,
    wrapStrategy: true,
    numberFormat: { type: true, pattern: true },
  },
};

export const DIMENSION_FIELDS: FieldTree = { pixelSize: true, hiddenByUser: true };
