import { expiryOf, progressOf, requestOf, usualOptions, type Export, type Table } from './export.ts';

const job = (changes: Partial<Export>): Export => ({
  export_id: '7b0f8a52-6f3c-4a0f-9f0a-2f6c1f6f2f11',
  table_name: 'wells',
  status: 'running',
  rows_total: 1_000,
  rows_done: 200,
  csv: null,
  ndjson: null,
  zip: null,
  sheet: null,
  error: null,
  created_at: '2026-09-01T06:00:00.000Z',
  started_at: '2026-09-01T06:00:00.000Z',
  finished_at: null,
  filter: {},
  request: { spreadsheet_id: null, format: { csv: true, sheet: false }, filter: {} },
  ...changes,
});
const table: Table = { name: 'wells', kind: 'form', title: 'Wells', columns: [], rows: 3, spreadsheet_id: null };
const now = Date.parse('2026-09-01T06:00:10Z');

describe('the progress of an export', () => {
  test('is the rows a second since its start, and the time for the rest', () => {
    expect(progressOf(job({}), now)).toEqual({ speed: 20, secondsLeft: 40 });
  });

  test('names no time left while the number of rows is unknown', () => {
    expect(progressOf(job({ rows_total: null }), now)).toEqual({ speed: 20, secondsLeft: undefined });
  });

  test('is unknown before the first rows', () => {
    expect(progressOf(job({ rows_done: 0 }), now)).toBeUndefined();
    expect(progressOf(job({ started_at: null }), now)).toBeUndefined();
  });
});

test('a link says until when it works', () => {
  const url = 'https://bucket.example/wells.csv?X-Amz-Date=20260901T060000Z&X-Amz-Expires=3600&X-Amz-Signature=0f';

  expect(expiryOf(url)).toBe('2026-09-01T07:00:00.000Z');
  expect(expiryOf('https://bucket.example/wells.csv')).toBeUndefined();
});

describe('the request of an export', () => {
  test('with the usual options asks for the CSV and the sheet of all rows', () => {
    expect(requestOf(table, usualOptions())).toEqual({
      table_name: 'wells',
      format: { csv: true, sheet: true, ndjson: false, zip: false },
      headers: 'labels',
      bom: false,
      option_columns: false,
      filter: {},
    });
  });

  test('takes the id out of the address of a spreadsheet', () => {
    const spreadsheet = ' https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMd/edit#gid=0';

    expect(requestOf(table, { ...usualOptions(), spreadsheet }).spreadsheet_id).toBe('1BxiMVs0XRA5nFMd');
    expect(requestOf(table, { ...usualOptions(), spreadsheet: ' 1BxiMVs ' }).spreadsheet_id).toBe('1BxiMVs');
  });

  test('asks for files only of a form, and for a byte order mark only of a CSV', () => {
    const options = { ...usualOptions(), zip: true, bom: true, csv: false };

    expect(requestOf(table, options)).toMatchObject({ format: { zip: true }, bom: false });
    expect(requestOf({ ...table, kind: 'repeat' }, options)).toMatchObject({ format: { zip: false } });
  });
});
