/** Operations on tables that can be exported, and on exports. */
import * as z from 'zod';
import { by } from '../audit/contract.ts';
import { count, holder, leaseSeconds, serverTime, storedStatus } from '../values.ts';

/** Tables other than those of forms. No form may have one of these ids. */
export const SYSTEM_TABLES = [
  'revisions',
  'flags',
  'exports',
  'tasks',
  'late_revisions',
  'audit_events',
  'attachments',
  'reviews',
] as const;

const exportId = z.uuid();
/** A form's id; for a repeat, followed by up to five names. Each has up to 63 characters, with dots between them. */
const tableName = z
  .string()
  .min(1)
  .max(6 * 63 + 5);
/** The position where a page ends, in the table's own format. */
const tablePosition = z.string().min(1).max(128);

/** `number` cells are exact decimals, as a number or as text; `time` cells are RFC 3339, `date` cells YYYY-MM-DD. */
export const column = z.object({
  name: z.string(),
  /** The column's name in exports with `"headers": "names"`; absent if it equals `name`. */
  short_name: z.string().optional(),
  /** The label of the question, which heads the column; absent if the question has none. */
  label: z.string().optional(),
  type: z.enum(['text', 'number', 'time', 'date', 'boolean']),
});

const tableDescription = z.object({
  name: tableName,
  kind: z.enum(['form', 'repeat', 'system']),
  title: z.string(),
  columns: z.array(column),
  /** Null unless `count_rows` was set. An estimate for a repeat of a form with more than 1,000 responses. */
  rows: count.nullable(),
  /** The Google spreadsheet that a form names for its exports. */
  spreadsheet_id: z.string().nullable(),
});

export const filter = z.object({
  status: storedStatus.optional(),
  updated_since: serverTime.optional(),
});

/** The bound: the moment at which an export starts. Later responses, changes and columns are excluded. */
const bound = z.object({ max_id: count, at: serverTime, form_version: z.int().min(0) });

/** Adds a column for each option of the questions whose answers can have several. */
const optionColumns = z.literal(true).optional();

const exportRequest = z.object({
  spreadsheet_id: z.string().nullable(),
  format: z.object({
    csv: z.boolean(),
    sheet: z.boolean(),
    ndjson: z.boolean().optional(),
    zip: z.boolean().optional(),
  }),
  filter,
  /** Uses the short names of columns as their headers. */
  headers: z.literal('names').optional(),
  /** Begins the CSV with a byte order mark. */
  bom: z.literal(true).optional(),
  option_columns: optionColumns,
});

const fileResult = z.object({
  bucket: z.string(),
  key: z.string(),
  rows: count,
  bytes: count,
  sha256: z.string(),
});

const sheetResult = z.object({ spreadsheet_id: z.string(), tab: z.string(), url: z.string(), rows: count });

const storedExport = z.object({
  export_id: exportId,
  table_name: tableName,
  request: exportRequest,
  status: z.enum(['queued', 'running', 'succeeded', 'failed']),
  rows_total: count.nullable(),
  rows_done: count,
  csv: fileResult.nullable(),
  ndjson: fileResult.nullable(),
  /** The attachments of the form's responses; its `rows` are their number. */
  zip: fileResult.nullable(),
  sheet: sheetResult.nullable(),
  error: z.string().nullable(),
  created_at: serverTime,
  started_at: serverTime.nullable(),
  finished_at: serverTime.nullable(),
});

export const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const exportPosition = z.object({ created_at: serverTime, export_id: exportId });

export const exportOperations = {
  /** Every table that can be exported, with its columns and, with `count_rows`, its current number of rows. */
  listTables: {
    input: z.object({ count_rows: z.boolean() }),
    result: z.object({ tables: z.array(tableDescription) }),
  },
  /** One table, with the spreadsheet that its form names. If the table is unknown, `names` has the names to choose from. */
  findTable: {
    input: z.object({ table_name: z.string() }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('found'), table: tableDescription.pick({ name: true, spreadsheet_id: true }) }),
      z.object({ outcome: z.literal('unknown'), names: z.array(tableName) }),
    ]),
  },
  /** Queues an export. A duplicate request returns the export already queued or running. */
  requestExport: {
    input: z.object({ export_id: exportId, table_name: tableName, request: exportRequest, by: by.optional() }),
    result: z.object({ export: storedExport, created: z.boolean() }),
  },
  getExport: {
    input: z.object({ export_id: exportId }),
    result: z.object({ export: storedExport.nullable() }),
  },
  /** Newest first. */
  listExports: {
    input: z.object({
      /** Printable ASCII, because a database server may refuse to compare other text with this column. */
      table_name: tableName.regex(/^[!-~]+$/).optional(),
      limit: z.int().min(1).max(100),
      after: exportPosition.optional(),
    }),
    result: z.object({ items: z.array(storedExport), next: exportPosition.nullable() }),
  },
  /**
   * Gives an export to a holder until the lease expires, unless another holder's lease is valid. The first claim sets the
   * bound.
   */
  claimExport: {
    input: z.object({ export_id: exportId, holder, lease_seconds: leaseSeconds }),
    result: z.discriminatedUnion('claim', [
      z.object({ claim: z.literal('granted'), export: storedExport, table: tableDescription, bound }),
      z.object({ claim: z.enum(['held', 'finished', 'unknown']) }),
    ]),
  },
  /** A page of a table as it was at the bound, cut by bytes; cells in the order of the description's columns. */
  readTable: {
    input: z.object({
      table_name: tableName,
      bound,
      filter,
      option_columns: optionColumns,
      after: tablePosition.nullable(),
    }),
    result: z.object({ rows: z.array(z.array(cell)), next: tablePosition.nullable() }),
  },
  /** Reports progress and renews the lease. `held` is false when another holder has taken over. */
  reportExport: {
    input: z.object({ export_id: exportId, holder, lease_seconds: leaseSeconds, rows_done: count }),
    result: z.object({ held: z.boolean() }),
  },
  finishExport: {
    input: z.object({
      export_id: exportId,
      holder,
      status: z.enum(['succeeded', 'failed']),
      csv: fileResult.nullable(),
      ndjson: fileResult.nullable().optional(),
      zip: fileResult.nullable().optional(),
      sheet: sheetResult.nullable(),
      error: z.string().max(2000).nullable(),
    }),
    result: z.object({ held: z.boolean() }),
  },
  /** Exports without a worker: queued since before this time, or with an expired lease. */
  listStalledExports: {
    input: z.object({ queued_before: serverTime }),
    result: z.object({ export_ids: z.array(exportId) }),
  },
} as const;

export type Cell = z.infer<typeof cell>;
export type Column = z.infer<typeof column>;
export type TableDescription = z.infer<typeof tableDescription>;
export type ExportBound = z.infer<typeof bound>;
export type ExportFilter = z.infer<typeof filter>;
export type StoredExport = z.infer<typeof storedExport>;
export type FileResult = z.infer<typeof fileResult>;
export type SheetResult = z.infer<typeof sheetResult>;
