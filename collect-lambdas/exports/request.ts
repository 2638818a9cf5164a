/** The requests for exports. */
import * as z from 'zod';
import {
  exportPosition,
  isFormId,
  STORED_STATUSES,
  SYSTEM_TABLES,
  type Input,
  type Result,
} from '../../db-proxy-lambda/contract.ts';
import { Problem } from '../shared/problem.ts';
import { cursorOf, faultsOf, pageLimit } from '../shared/query.ts';
import { time } from '../shared/time.ts';

const ID_ADVICE = "Copy it from the spreadsheet's address, between /d/ and the next /.";
const TABLE_ADVICE = 'Send the name of a table; GET /tables lists them.';

const spreadsheetId = z.string(ID_ADVICE).regex(/^[A-Za-z0-9_-]{10,120}$/, ID_ADVICE);

/** System tables whose rows have no status: a filter by it would leave out every row. */
const WITHOUT_STATUS: ReadonlySet<string> = new Set<(typeof SYSTEM_TABLES)[number]>([
  'tasks',
  'exports',
  'audit_events',
]);

const NO_FORMS: ReadonlySet<string> = new Set(SYSTEM_TABLES);

/** Whether a table has the responses of a form. The tables of repeats and the system tables do not. */
const isForm = (table: string): boolean => isFormId(table) && !NO_FORMS.has(table);

const yesOrNo = z.boolean('Send true or false.');

/** The query of GET /exports. */
export const listQuery = {
  table_name: z
    .string()
    .regex(/^[!-~]{1,383}$/, TABLE_ADVICE)
    .optional(),
  limit: pageLimit,
  cursor: cursorOf(exportPosition).optional(),
};

const TAB_ADVICE =
  'Send the title of a tab, 1 to 100 characters without blanks around it; it is created if it is absent.';

/** The body of PUT /forms/{form_id}/sheet. */
export const liveSheetBody = z.strictObject(
  {
    spreadsheet_id: spreadsheetId,
    tab: z
      .string(TAB_ADVICE)
      .min(1, TAB_ADVICE)
      .max(100, TAB_ADVICE)
      .refine((text) => text === text.trim(), TAB_ADVICE),
  },
  'Send a JSON object.',
);

/** The body of POST /google-sheet. */
export const exportBody = z.strictObject(
  {
    table_name: z.string(TABLE_ADVICE),
    spreadsheet_id: spreadsheetId.optional(),
    format: z
      .strictObject(
        {
          csv: yesOrNo.default(true),
          sheet: yesOrNo.default(true),
          ndjson: yesOrNo.default(false),
          zip: yesOrNo.default(false),
        },
        'Send an object with csv, sheet, ndjson and zip.',
      )
      .refine(({ csv, sheet, ndjson, zip }) => csv || sheet || ndjson || zip, 'Set csv, sheet, ndjson or zip to true.')
      .default({ csv: true, sheet: true, ndjson: false, zip: false }),
    headers: z.enum(['labels', 'names'], 'Send labels or names.').default('labels'),
    bom: yesOrNo.default(false),
    option_columns: yesOrNo.default(false),
    filter: z
      .strictObject(
        {
          status: z.enum(STORED_STATUSES, `Send one of ${STORED_STATUSES.join(', ')}.`).optional(),
          updated_since: time.optional(),
        },
        'Send an object with status, updated_since or both.',
      )
      .default({}),
  },
  'Send a JSON object.',
);

type ExportBody = z.infer<typeof exportBody>;

/**
 * Parses a request, and chooses the spreadsheet of the export.
 *
 * @param found the table that the request names, or the names of all tables
 * @param defaultSpreadsheetId used if neither the request nor the table names a spreadsheet; '' for none
 * @throws {Problem} 422 `invalid-parameter` with every fault; for an unknown table, `tables` lists the known ones
 */
export function readExportRequest(
  body: unknown,
  found: Result<'findTable'>,
  defaultSpreadsheetId: string,
): Pick<Input<'requestExport'>, 'table_name' | 'request'> {
  const parsed = exportBody.safeParse(body);
  const errors = parsed.success ? [] : faultsOf(parsed.error, Object.keys(exportBody.shape));
  const table = found.outcome === 'found' ? found.table : undefined;
  if (found.outcome === 'unknown' && tableNameIn(body) !== undefined) {
    errors.push({
      pointer: '/table_name',
      detail: `There is no such table. Send one of: ${found.names.join(', ')}.`,
    });
  }
  if (parsed.data?.filter.status !== undefined && table !== undefined && WITHOUT_STATUS.has(table.name)) {
    errors.push({ pointer: '/filter/status', detail: `Leave it out: the rows of ${table.name} have no status.` });
  }
  if (parsed.data?.bom === true && !parsed.data.format.csv) {
    errors.push({ pointer: '/bom', detail: 'Leave it out, or set csv to true: only a CSV has a byte order mark.' });
  }
  if (parsed.data?.format.zip === true && table !== undefined && !isForm(table.name)) {
    const detail = `Leave it out: only the responses of a form have attachments. Send the id of the form as table_name.`;
    errors.push({ pointer: '/format/zip', detail });
  }
  const target = parsed.data?.spreadsheet_id ?? table?.spreadsheet_id ?? defaultSpreadsheetId;
  if (parsed.data?.format.sheet === true && target === '') {
    const detail =
      'Send the id of a spreadsheet, store one in the form (spreadsheet_id), or export to CSV only ("format": {"sheet": false}).';
    errors.push({ pointer: '/spreadsheet_id', detail });
  }
  if (!parsed.success || table === undefined || errors.length > 0) {
    throw new Problem('invalid-parameter', {
      errors,
      ...(found.outcome === 'unknown' && { members: { tables: found.names } }),
    });
  }
  return { table_name: table.name, request: toStored(parsed.data, target) };
}

/** The request as it is stored: options that are not used are left out, as in requests of earlier releases. */
function toStored(
  { format, filter, headers, bom, option_columns }: ExportBody,
  target: string,
): Input<'requestExport'>['request'] {
  const { csv, sheet, ndjson, zip } = format;
  return {
    spreadsheet_id: sheet ? target : null,
    format: { csv, sheet, ...(ndjson && { ndjson }), ...(zip && { zip }) },
    filter,
    ...(headers === 'names' && { headers }),
    ...(bom && { bom }),
    ...(option_columns && { option_columns }),
  };
}

/** The table that a body names. The body may be invalid: then one reply lists the faults of body and table together. */
export function tableNameIn(body: unknown): string | undefined {
  const name: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'table_name') : undefined;
  return typeof name === 'string' ? name : undefined;
}
