import { listQuery } from '../../collect-lambdas/exports/request.ts';
import { json, ref, type Tag } from '../model.ts';
import { CURSOR, PAGE_LIMIT, pathVariable, query } from '../parameters.ts';
import { SAVED_AT } from './samples.ts';

const EXPORT_ID = '7b0f8a52-6f3c-4a0f-9f0a-2f6c1f6f2f11';

const exported = {
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
};

export const exports: Tag = {
  name: 'exports',
  description: 'Any table goes to S3 as CSV and to a Google sheet.',
  operations: {
    'POST /google-sheet': {
      operationId: 'requestExport',
      summary: 'Export a table',
      description:
        'Starts an export and answers at once; `status_url` says how far it is. It goes to the CSV and to the sheet unless `format` leaves one out, and to the spreadsheet that the request names, else the form, else the installation. While the same export is queued or running, asking again answers that one. An export replaces what the one before it wrote; one that fails leaves it.',
      body: { 'application/json': ref('ExportRequest') },
      answers: {
        202: {
          description: 'It is queued, or running already.',
          headers: {
            Location: {
              description: 'The address of the export.',
              schema: { type: 'string', pattern: '^/exports/' },
            },
          },
          content: json(ref('ExportAccepted'), {
            export_id: EXPORT_ID,
            status: 'queued',
            status_url: `/exports/${EXPORT_ID}`,
          }),
        },
      },
      problems: ['not-json', 'too-large', 'unsupported-media-type', 'invalid-parameter', 'unavailable'],
    },
    'GET /exports': {
      operationId: 'listExports',
      summary: 'All exports',
      description: 'Newest first.',
      parameters: query(listQuery, { limit: PAGE_LIMIT, cursor: CURSOR }),
      answers: {
        200: { description: 'A page.', content: json(ref('ExportPage'), { items: [exported], next_cursor: null }) },
      },
      problems: ['invalid-parameter', 'unavailable'],
    },
    'GET /exports/{export_id}': {
      operationId: 'getExport',
      summary: 'How far an export is',
      description: 'And where its results are, when it is through. Each answer has a fresh link to the CSV.',
      parameters: [
        pathVariable('export_id', {
          description: 'As `POST /google-sheet` answered it.',
          schema: { type: 'string' },
          example: EXPORT_ID,
        }),
      ],
      answers: { 200: { description: 'The export.', content: json(ref('Export'), exported) } },
      problems: ['not-found', 'unavailable'],
    },
    'GET /tables': {
      operationId: 'listTables',
      summary: 'What can be exported',
      description: 'Each table with its columns, and how many rows it has now.',
      answers: {
        200: {
          description: 'The tables.',
          content: json(ref('TableList'), {
            items: [
              {
                name: 'household_finances',
                kind: 'form',
                title: 'Household finances',
                columns: [
                  { name: 'response_id', type: 'text' },
                  { name: 'monthly_income', type: 'number' },
                ],
                rows: 200,
                spreadsheet_id: null,
              },
            ],
          }),
        },
      },
      problems: ['unavailable'],
    },
  },
};
