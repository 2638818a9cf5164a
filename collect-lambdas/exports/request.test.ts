import { SYSTEM_TABLES, type Result } from '../../db-proxy-lambda/contract.ts';
import { Problem, type ProblemDetails } from '../shared/problem.ts';
import { readExportRequest, tableNameIn } from './request.ts';

const SPREADSHEET = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';
const OF_THE_FORM = 'spreadsheet-of-the-form';
const OF_THE_STACK = 'spreadsheet-of-the-stack';

const tables = [
  { name: 'household_finances', spreadsheet_id: null },
  { name: 'with_a_sheet', spreadsheet_id: OF_THE_FORM },
];

function find(name: string | undefined): Result<'findTable'> {
  const systemTables = SYSTEM_TABLES.map((each) => ({ name: each, spreadsheet_id: null }));
  const table = [...tables, ...systemTables].find((each) => each.name === name);
  return table ? { outcome: 'found', table } : { outcome: 'unknown', names: tables.map((each) => each.name) };
}

const read = (body: unknown, defaultSpreadsheetId = OF_THE_STACK) =>
  readExportRequest(body, find(tableNameIn(body)), defaultSpreadsheetId);

/** The faults with which a request is refused. */
function refusal(body: unknown, defaultSpreadsheetId?: string): ProblemDetails {
  try {
    read(body, defaultSpreadsheetId);
  } catch (error) {
    if (error instanceof Problem) return error.body;
    throw error;
  }
  throw new Error('The request was accepted.');
}

const pointers = (body: unknown, defaultSpreadsheetId?: string) =>
  refusal(body, defaultSpreadsheetId).errors?.map(({ pointer }) => pointer);

describe('a request for an export', () => {
  it('exports to the CSV and to the sheet by default', () => {
    expect(read({ table_name: 'household_finances' })).toEqual({
      table_name: 'household_finances',
      request: { spreadsheet_id: OF_THE_STACK, format: { csv: true, sheet: true }, filter: {} },
    });
  });

  it('exports to the spreadsheet in the request, else in the form, else in the stack', () => {
    const to = (body: object) => read(body).request.spreadsheet_id;

    expect([
      to({ table_name: 'with_a_sheet', spreadsheet_id: SPREADSHEET }),
      to({ table_name: 'with_a_sheet' }),
      to({ table_name: 'household_finances' }),
    ]).toEqual([SPREADSHEET, OF_THE_FORM, OF_THE_STACK]);
  });

  it('asks for NDJSON, headers by name, columns of options and a byte order mark', () => {
    const options = { format: { sheet: false, ndjson: true }, headers: 'names', option_columns: true, bom: true };

    expect(read({ table_name: 'household_finances', ...options }).request).toEqual({
      spreadsheet_id: null,
      format: { csv: true, sheet: false, ndjson: true },
      filter: {},
      headers: 'names',
      option_columns: true,
      bom: true,
    });
  });

  it('may ask for a ZIP of the attachments of a form, and of no other table', () => {
    const format = { csv: false, sheet: false, zip: true };
    expect(read({ table_name: 'household_finances', format }).request.format).toEqual(format);
    for (const name of ['clinic.members', 'attachments', 'revisions']) {
      const found = { outcome: 'found' as const, table: { name, spreadsheet_id: null } };
      expect(() => readExportRequest({ table_name: name, format }, found, '')).toThrow(
        expect.objectContaining({
          body: expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/format/zip' })] }) as object,
        }),
      );
    }
  });

  it('is stored in the format of earlier releases if its options have their defaults', () => {
    const options = { format: { ndjson: false }, headers: 'labels', option_columns: false, bom: false };

    expect(read({ table_name: 'household_finances', ...options })).toEqual(read({ table_name: 'household_finances' }));
  });

  it('is refused with a byte order mark but no CSV', () => {
    const body = { table_name: 'household_finances', format: { csv: false }, bom: true };

    expect(refusal(body).errors).toEqual([
      { pointer: '/bom', detail: 'Leave it out, or set csv to true: only a CSV has a byte order mark.' },
    ]);
  });

  it('needs no spreadsheet if it asks for the CSV only', () => {
    const { request } = read({ table_name: 'household_finances', format: { sheet: false } }, '');

    expect(request).toMatchObject({ spreadsheet_id: null, format: { csv: true, sheet: false } });
  });

  it('accepts a time with any offset, and converts it to UTC', () => {
    const filter = { status: 'flagged', updated_since: '2026-09-01T09:00:00+03:00' };

    expect(read({ table_name: 'household_finances', filter }).request.filter).toEqual({
      status: 'flagged',
      updated_since: '2026-09-01T06:00:00.000Z',
    });
  });

  it('is refused with a filter by status if the rows of its table have none', () => {
    const filter = { status: 'flagged' };
    const refused = SYSTEM_TABLES.filter((table_name) => {
      try {
        read({ table_name, filter });
        return false;
      } catch {
        return true;
      }
    });

    expect(refused.toSorted()).toEqual(['audit_events', 'exports', 'tasks']);
    expect(refusal({ table_name: 'tasks', filter }).errors).toEqual([
      { pointer: '/filter/status', detail: 'Leave it out: the rows of tasks have no status.' },
    ]);
    expect(read({ table_name: 'tasks' }).request.filter).toEqual({});
  });

  it('is refused with a list of all tables if the table is unknown', () => {
    const problem = refusal({ table_name: 'nothing' });

    expect(problem).toMatchObject({ status: 422, tables: ['household_finances', 'with_a_sheet'] });
    expect(problem.errors).toEqual([
      { pointer: '/table_name', detail: 'There is no such table. Send one of: household_finances, with_a_sheet.' },
    ]);
  });

  it('is refused if neither a file nor the sheet is asked for', () => {
    const format = { csv: false, sheet: false };

    expect(pointers({ table_name: 'household_finances', format })).toEqual(['/format']);
  });

  it('is refused if neither request, form nor stack has a spreadsheet', () => {
    expect(pointers({ table_name: 'household_finances' }, '')).toEqual(['/spreadsheet_id']);
  });

  it('is refused with all its faults', () => {
    const body = {
      table_name: 'nothing',
      spreadsheet_id: 'https://docs.google.com/',
      format: { csv: 1, 'xl/sx': true },
      headers: 'keys',
      option_columns: 'all',
      bom: 'yes',
      filter: { status: 'green', updated_since: 'yesterday' },
      'table~name': 'x',
    };

    expect(pointers(body)?.toSorted()).toEqual(
      [
        '/bom',
        '/filter/status',
        '/filter/updated_since',
        '/format/csv',
        '/headers',
        '/option_columns',
        '/format/xl~1sx',
        '/spreadsheet_id',
        '/table_name',
        '/table~0name',
      ].toSorted(),
    );
  });

  it.each([null, [], 'household_finances', 7])('is refused with advice if it is not an object but %j', (body) => {
    expect(refusal(body).errors).toEqual([{ pointer: '', detail: 'Send a JSON object.' }]);
  });

  it('is refused with advice, not with the messages of the parser', () => {
    const { errors = [] } = refusal({ spreadsheet_id: 5, format: null, filter: { status: 5, updated_since: 5 } });

    expect(errors).toHaveLength(5);
    for (const { detail } of errors) expect(detail).not.toMatch(/expected|invalid|received/i);
  });
});
