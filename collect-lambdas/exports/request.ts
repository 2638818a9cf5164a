/** What a manager asks for: a table, to a CSV, to a sheet, or to both. */
import * as z from 'zod';
import { exportPosition, type Input, type TableDescription } from '../../db-proxy-lambda/contract.ts';
import type { Fault } from '../../forms/fault.ts';
import { Problem } from '../shared/problem.ts';
import { cursorOf, pageLimit } from '../shared/query.ts';
import { time } from '../shared/time.ts';

/** The parameters of GET /exports. */
export const listQuery = { limit: pageLimit, cursor: cursorOf(exportPosition).optional() };

const spreadsheetId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{10,200}$/, "Copy it from the spreadsheet's address, between /d/ and the next /.");

const yesOrNo = z.boolean('Send true or false.');

/** The body of POST /google-sheet. */
export const exportBody = z.strictObject({
  table_name: z.string('Send the name of a table; GET /tables lists them.'),
  spreadsheet_id: spreadsheetId.optional(),
  format: z
    .strictObject({ csv: yesOrNo.default(true), sheet: yesOrNo.default(true) })
    .default({ csv: true, sheet: true }),
  filter: z
    .strictObject({
      status: z.enum(['accepted', 'flagged'], 'Send accepted or flagged.').optional(),
      updated_since: time.optional(),
    })
    .default({}),
});

/**
 * Reads a request, and decides where it goes.
 *
 * @param tables what can be exported
 * @param defaultSpreadsheetId where it goes when neither the request nor the table says; '' for nowhere
 * @throws {Problem} 422 `invalid-parameter` with every fault; an unknown table's fault lists the tables
 */
export function readExportRequest(
  body: unknown,
  tables: readonly TableDescription[],
  defaultSpreadsheetId: string,
): Omit<Input<'requestExport'>, 'export_id'> {
  const parsed = exportBody.safeParse(body);
  if (!parsed.success) throw new Problem('invalid-parameter', { errors: parsed.error.issues.flatMap(toFaults) });
  const { table_name: name, format, filter } = parsed.data;
  const table = tables.find((each) => each.name === name);
  if (table === undefined) {
    const names = tables.map((each) => each.name);
    const detail = `There is no such table. Send one of: ${names.join(', ')}.`;
    throw new Problem('invalid-parameter', {
      errors: [{ pointer: '/table_name', detail }],
      members: { tables: names },
    });
  }
  const target = parsed.data.spreadsheet_id ?? table.spreadsheet_id ?? defaultSpreadsheetId;
  const errors: Fault[] = [];
  if (!format.csv && !format.sheet) errors.push({ pointer: '/format', detail: 'Ask for csv, for sheet, or for both.' });
  if (format.sheet && target === '') {
    const detail =
      'Name a spreadsheet, give the form one (spreadsheet_id), or ask for the CSV alone (format.sheet false).';
    errors.push({ pointer: '/spreadsheet_id', detail });
  }
  if (errors.length > 0) throw new Problem('invalid-parameter', { errors });
  return { table_name: name, request: { spreadsheet_id: format.sheet ? target : null, format, filter } };
}

function toFaults(issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map((step) => `/${String(step)}`).join('');
  if (issue.code !== 'unrecognized_keys') return [{ pointer: path, detail: issue.message }];
  return issue.keys.map((key) => ({ pointer: `${path}/${key}`, detail: 'Leave it out; it is not known here.' }));
}
