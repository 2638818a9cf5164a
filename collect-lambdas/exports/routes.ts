import { MANAGING, READING } from '../shared/access.ts';
import { FORM_ID, jsonReply, PAGE, ref, SAVED_AT } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { getExport, listExports, listTables, requestExport } from './handler.ts';
import { LIVE_SHEET, LIVE_SHEET_EXAMPLE, LIVE_SHEETS } from './docs.ts';
import { deleteLiveSheet, getLiveSheet, listLiveSheets, putLiveSheet } from './live-sheet.ts';
import { listQuery, liveSheetBody } from './request.ts';

export const about = !process.env['BUNDLED'] && 'Exports of tables to CSV and NDJSON files in S3 and to Google sheets.';

const EXPORT_ID = '7b0f8a52-6f3c-4a0f-9f0a-2f6c1f6f2f11';

const EXPORT = {
  export_id: EXPORT_ID,
  table_name: 'household_finances',
  status: 'succeeded',
  rows_total: 200,
  rows_done: 200,
  csv: {
    bucket: 'collect-csv',
    key: `household_finances/${EXPORT_ID}.csv`,
    rows: 200,
    bytes: 51_200,
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    url: 'https://collect-csv.s3.eu-central-1.amazonaws.com/household_finances.csv?X-Amz-Signature=0f',
  },
  ndjson: null,
  zip: null,
  sheet: {
    spreadsheet_id: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms',
    tab: 'household_finances',
    url: 'https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit#gid=0',
    rows: 200,
  },
  error: null,
  created_at: SAVED_AT,
  started_at: SAVED_AT,
  finished_at: SAVED_AT,
  filter: { status: 'flagged' },
  request: {
    spreadsheet_id: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms',
    format: { csv: true, sheet: true },
    filter: { status: 'flagged' },
  },
};

export const routes = {
  'POST /google-sheet': route({
    roles: MANAGING,
    handle: requestExport,
    docs: !process.env['BUNDLED'] && {
      operationId: 'requestExport',
      summary: 'Export a table',
      description:
        'Starts an export and replies immediately; `status_url` shows its progress. An export writes a CSV file and a Google sheet, unless `format` turns one of them off; with `ndjson` it also writes an NDJSON file, and with `zip` the attachments of the form’s responses as a ZIP file. `headers: names` heads the columns by the short names of the questions. `option_columns` adds a column of 1 and 0 for each option of a `select_multiple`. `bom` begins the CSV with a byte order mark, which Excel needs. The spreadsheet is the one named in the request, else in the form, else in the installation. A duplicate request returns the export already queued or running. A successful export replaces the results of the previous one; a failed export leaves them unchanged.',
      body: { 'application/json': ref('ExportRequest') },
      replies: {
        202: jsonReply(
          'The export is queued or already running.',
          ref('ExportAccepted'),
          { export_id: EXPORT_ID, status: 'queued', status_url: `/exports/${EXPORT_ID}` },
          {
            Location: { description: 'The address of the export.', schema: { type: 'string', pattern: '^/exports/' } },
          },
        ),
      },
      problems: ['not-json', 'too-large', 'unsupported-media-type', 'invalid-parameter', 'tab-in-use', 'unavailable'],
    },
  }),
  'GET /exports': route({
    roles: READING,
    query: listQuery,
    handle: listExports,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listExports',
      summary: 'All exports',
      description: 'Newest first.',
      query: { table_name: { description: 'Only exports of this table; `GET /tables` lists them.' }, ...PAGE },
      replies: { 200: jsonReply('A page.', ref('ExportPage'), { items: [EXPORT], next_cursor: null }) },
      problems: ['unavailable'],
    },
  }),
  'GET /exports/{export_id}': route({
    roles: READING,
    handle: getExport,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getExport',
      summary: 'One export',
      description:
        'The progress of an export, and the addresses of its results once it has succeeded. Each reply has new links to the files.',
      path: {
        export_id: {
          description: 'The id that `POST /google-sheet` returned.',
          schema: { type: 'string' },
          example: EXPORT_ID,
        },
      },
      replies: { 200: jsonReply('The export.', ref('Export'), EXPORT) },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'GET /tables': route({
    roles: READING,
    handle: listTables,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listTables',
      summary: 'The tables that can be exported',
      description:
        'Each table with its columns and its current number of rows: the forms, each followed by its repeats, then the system tables. The number of rows of a repeat is an estimate if its form has more than 1,000 responses.',
      replies: {
        200: jsonReply('The tables.', ref('TableList'), {
          items: [
            {
              name: 'household_finances',
              kind: 'form',
              title: 'Household finances',
              columns: [
                { name: 'response_id', type: 'text' },
                { name: 'what is the monthly income?', short_name: 'monthly_income', type: 'number' },
              ],
              rows: 200,
              spreadsheet_id: null,
            },
            {
              name: 'clinic.members',
              kind: 'repeat',
              title: 'Clinic: Household members',
              columns: [
                { name: 'response_id', type: 'text' },
                { name: 'position', type: 'number' },
                { name: 'members/age', label: 'Age', type: 'number' },
              ],
              rows: 640,
              spreadsheet_id: null,
            },
          ],
        }),
      },
      problems: ['unavailable'],
      smoke: 'tables',
    },
  }),
  'GET /sheets': route({
    roles: READING,
    handle: listLiveSheets,
    docs: !process.env['BUNDLED'] &&
      LIVE_SHEETS && {
        operationId: 'listLiveSheets',
        summary: 'The live sheets of all forms',
        description: 'Sorted by form. A form without a live sheet is not in the list.',
        replies: { 200: jsonReply('The live sheets.', LIVE_SHEETS, { items: [LIVE_SHEET_EXAMPLE] }) },
        problems: ['unavailable'],
      },
  }),
  'PUT /forms/{form_id}/sheet': route({
    roles: MANAGING,
    body: liveSheetBody,
    handle: putLiveSheet,
    docs: !process.env['BUNDLED'] &&
      LIVE_SHEET && {
        operationId: 'putLiveSheet',
        summary: 'Keep a Google sheet in step with a form',
        description:
          'Keeps a tab in step with the form from now on: within a minute of a change, the row of the response is updated in place. Rows are found by their `response_id`, columns by their headers, so people may sort and filter rows, and add and move columns. The tab is created if it is absent. Another tab replaces the form’s live sheet; the same tab again tries a broken sheet immediately.',
        path: { form_id: FORM_ID },
        replies: {
          200: jsonReply('The live sheet.', LIVE_SHEET, LIVE_SHEET_EXAMPLE),
          201: jsonReply('The form has a live sheet from now on.', LIVE_SHEET, LIVE_SHEET_EXAMPLE),
        },
        problems: ['not-found', 'already-exists', 'unavailable'],
      },
  }),
  'GET /forms/{form_id}/sheet': route({
    roles: READING,
    handle: getLiveSheet,
    docs: !process.env['BUNDLED'] &&
      LIVE_SHEET && {
        operationId: 'getLiveSheet',
        summary: 'The live sheet of a form',
        description:
          'Whether the sheet is in step, how many rows are behind, or what is wrong and what to do. A broken sheet is tried again automatically, at most an hour later.',
        path: { form_id: FORM_ID },
        replies: { 200: jsonReply('The live sheet.', LIVE_SHEET, LIVE_SHEET_EXAMPLE) },
        problems: ['not-found', 'unavailable'],
      },
  }),
  'DELETE /forms/{form_id}/sheet': route({
    roles: MANAGING,
    handle: deleteLiveSheet,
    docs: !process.env['BUNDLED'] && {
      operationId: 'deleteLiveSheet',
      summary: 'End the live sheet of a form',
      description: 'The tab stays as it is, and is no longer changed.',
      path: { form_id: FORM_ID },
      replies: { 204: { description: 'The form has no live sheet any more.' } },
      problems: ['not-found', 'unavailable'],
    },
  }),
};

export const createHandler = createRouter(routes);
