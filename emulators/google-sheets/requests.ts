/** The bodies of requests of the Sheets API, as far as the emulator supports them. */
import * as z from 'zod';
import { invalid } from './api-error.ts';

/** Limits of a cell and of a title (https://support.google.com/drive/answer/37603). */
const MAX_CELL_CHARACTERS = 50_000;
const MAX_TITLE_CHARACTERS = 100;
/** The only masks that are supported: those that Collect sends. */
const GRID_FIELDS = 'gridProperties(rowCount,columnCount,frozenRowCount)';
const FROZEN_FIELDS = 'gridProperties.frozenRowCount';
const BOLD_FIELDS = 'userEnteredFormat.textFormat.bold';
export const FORMAT_FIELDS = 'userEnteredFormat.numberFormat';
export const VALUE_FIELDS = 'userEnteredValue';

const index = z.int32().min(0);
const size = z.int32().min(1);
export const gridProperties = z.strictObject({ rowCount: size, columnCount: size, frozenRowCount: index });
export const addSheet = z.strictObject({
  properties: z.strictObject({ sheetId: index, title: z.string().min(1).max(MAX_TITLE_CHARACTERS), gridProperties }),
});
export const updateSheetProperties = z.discriminatedUnion('fields', [
  z.strictObject({
    properties: z.strictObject({ sheetId: index, gridProperties }),
    fields: z.literal(GRID_FIELDS),
  }),
  z.strictObject({
    properties: z.strictObject({ sheetId: index, gridProperties: z.strictObject({ frozenRowCount: index }) }),
    fields: z.literal(FROZEN_FIELDS),
  }),
]);
export const gridRange = z.strictObject({
  sheetId: index,
  startRowIndex: index,
  endRowIndex: index,
  startColumnIndex: index,
  endColumnIndex: index,
});
const numberFormat = z.strictObject({
  type: z.enum(['TEXT', 'NUMBER', 'PERCENT', 'CURRENCY', 'DATE', 'TIME', 'DATE_TIME', 'SCIENTIFIC']),
  pattern: z.string().optional(),
});
export const repeatCell = z.discriminatedUnion('fields', [
  z.strictObject({
    range: gridRange,
    cell: z.strictObject({
      userEnteredFormat: z.strictObject({ textFormat: z.strictObject({ bold: z.literal(true) }) }),
    }),
    fields: z.literal(BOLD_FIELDS),
  }),
  z.strictObject({
    range: gridRange,
    // Without a format, the mask clears the format of the cells.
    cell: z.strictObject({ userEnteredFormat: z.strictObject({ numberFormat }).optional() }),
    fields: z.literal(FORMAT_FIELDS),
  }),
  // Without a value, the mask empties the cells.
  z.strictObject({ range: gridRange, cell: z.strictObject({}), fields: z.literal(VALUE_FIELDS) }),
]);
export const appendDimension = z.strictObject({ sheetId: index, dimension: z.enum(['ROWS', 'COLUMNS']), length: size });
const tooLong = `Your input contains more than the maximum of ${MAX_CELL_CHARACTERS} characters in a single cell.`;
const text = z.string().max(MAX_CELL_CHARACTERS, tooLong);
export const appendCells = z.strictObject({
  sheetId: index,
  rows: z.array(
    z.strictObject({
      values: z.array(
        z.strictObject({
          userEnteredValue: z
            .union([z.strictObject({ stringValue: text }), z.strictObject({ numberValue: z.number() })])
            .optional(),
        }),
      ),
    }),
  ),
  fields: z.literal(VALUE_FIELDS),
});
/** Supports only replacing the whole text of the cells that have exactly this text. */
export const findReplace = z.strictObject({
  find: z.string().min(1),
  replacement: z.string(),
  matchCase: z.literal(true),
  matchEntireCell: z.literal(true),
  range: gridRange,
});
export const batchUpdate = z.strictObject({
  requests: z
    .array(
      z
        .strictObject({ addSheet, updateSheetProperties, repeatCell, appendDimension, appendCells, findReplace })
        .partial()
        .refine((request) => Object.keys(request).length === 1, 'A request has exactly one kind.'),
    )
    .min(1),
});
const cell = z.union([text, z.number()]);
export const batchUpdateValues = z.strictObject({
  // With USER_ENTERED Google would run formulas, and convert text to dates and numbers.
  valueInputOption: z.literal('RAW'),
  data: z.array(z.strictObject({ range: z.string(), values: z.array(z.array(cell)) })),
});
export const batchGetByDataFilter = z.strictObject({
  dataFilters: z.array(z.strictObject({ a1Range: z.string() })).min(1),
  valueRenderOption: z.literal('UNFORMATTED_VALUE'),
  dateTimeRenderOption: z.literal('SERIAL_NUMBER'),
});
export const batchClearValues = z.strictObject({ ranges: z.array(z.string()) });

/** Parses a body. @throws {ApiError} 400 that names each fault */
export function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `Invalid value at '${path.join('.')}': ${message}`);
  throw invalid(problems.join('\n'));
}
