import { Problem, type ProblemDetails } from '../shared/problem.ts';
import { HEADER, readTaskCsv } from './task-csv.ts';

const header = HEADER.join(',');
const row = 'Ama Khan,ama@example.org,Harvest,2026-09-01,Call back,IN_REVIEW';
const read = (text: string) => readTaskCsv(Buffer.from(text));

/** The problem with which a file is refused. */
function refusal(file: string | Uint8Array): ProblemDetails {
  try {
    readTaskCsv(Buffer.from(file));
  } catch (error) {
    if (error instanceof Problem) return error.body;
    throw error;
  }
  throw new Error('The file was taken.');
}

const fileOf = (count: number) => [header, ...Array.from({ length: count }, () => row)].join('\n');

describe('A CSV of tasks', () => {
  it('is read cell by cell, in the order of the file', () => {
    expect(read(`${header}\n${row}\n`)).toEqual([
      ['Ama Khan', 'ama@example.org', 'Harvest', '2026-09-01', 'Call back', 'IN_REVIEW'],
    ]);
  });

  it.each([
    ['a byte order mark', `\uFEFF${header}\n${row}\n`],
    ['CRLF', `${header}\r\n${row}\r\n`],
    ['CR alone', `${header}\r${row}\r`],
    ['no line break at its end', `${header}\n${row}`],
    ['blank lines', `${header}\n\n${row}\n\n\n`],
    ['space around its cells', `${header}\n${row.replaceAll(',', ' , ')}\n`],
  ])('may have %s', (_what, text) => {
    expect(read(text)).toEqual(read(`${header}\n${row}\n`));
  });

  it('may have only a header', () => {
    expect(read(`${header}\n`)).toEqual([]);
  });

  it('keeps quotes, commas, line breaks and formulas unchanged', () => {
    const text = `${header}\n"O'Neil, ""Mo""",MO@Example.org,=cmd|' /C calc'!A0,2024-02-29,"first\r\nsecond",+1\n`;
    expect(read(text)).toEqual([
      [`O'Neil, "Mo"`, 'mo@example.org', `=cmd|' /C calc'!A0`, '2024-02-29', 'first\nsecond', '+1'],
    ]);
  });

  it.each([
    ['is missing', row, 1],
    ['is empty', '', 1],
    ['has another order', header.replace('task_owner,email', 'email,task_owner'), 1],
    ['has other letters', header.replace('email', 'Email'), 2],
    ['lacks a column', header.replace(',task_status', ''), 6],
    ['has a column more', `${header},notes`, 7],
    ['has space in it', header.replace('company_name', ' company_name'), 3],
    ['has semicolons', header.replaceAll(',', ';'), 1],
    ['is not a header', 'What we did this week', 1],
  ])('is refused when its header %s', (_what, first, column) => {
    expect(refusal(`${first}\n`)).toMatchObject({
      status: 422,
      errors: [{ pointer: '/file', line: 1, column, detail: expect.stringContaining(header) }],
    });
  });

  it('is refused with every fault of every line, each with its line and column', () => {
    const lines = [
      header,
      row,
      row.replace('2026-09-01', '2026-02-30'),
      '"Ama\nKhan",,Harvest,01/09/2026,Call back,IN_REVIEW',
      '',
      row.replace('ama@example.org', 'ama@example'),
      'one,two',
      `${row},more`,
      row.replace('Call back', '   '),
      row.replace('IN_REVIEW', 'x'.repeat(129)),
    ];
    const { status, errors } = refusal(lines.join('\r\n'));
    expect(status).toBe(422);
    expect(errors).toEqual([
      { pointer: '/file/1/task_date', line: 3, column: 4, detail: expect.stringContaining('real date') },
      { pointer: '/file/2/task_owner', line: 4, column: 1, detail: expect.stringContaining('control') },
      { pointer: '/file/2/email', line: 4, column: 2, detail: expect.stringContaining('email address') },
      { pointer: '/file/2/task_date', line: 4, column: 4, detail: expect.stringContaining('YYYY-MM-DD') },
      { pointer: '/file/3/email', line: 7, column: 2, detail: expect.stringContaining('email address') },
      { pointer: '/file/4/company_name', line: 8, column: 3, detail: expect.stringContaining('2 cells') },
      { pointer: '/file/5/', line: 9, column: 7, detail: expect.stringContaining('7 cells') },
      { pointer: '/file/6/task_description', line: 10, column: 5, detail: expect.stringContaining('empty') },
      { pointer: '/file/7/task_status', line: 11, column: 6, detail: expect.stringContaining('128') },
    ]);
  });

  it('is refused with its first hundred faults when it has more', () => {
    const { detail, errors } = refusal([header, ...Array.from({ length: 150 }, () => 'x')].join('\n'));
    expect(errors).toHaveLength(100);
    expect(detail).toContain('150 faults');
  });

  it.each([
    ['a quote that is not closed', `${header}\n"Ama,ama@example.org`, 2],
    ['JSON', '{"tasks": []}', 1],
    ['a quote in the middle of a cell', `${header}\n${row}\nAma "Mo" Khan,a,b,c,d,e\n`, 3],
    ['text after a closing quote', `${header}\n"Ama" Khan,a,b,c,d,e\n`, 2],
  ])('is refused for %s, with the line', (_what, text, line) => {
    const { status, type, errors } = refusal(text);
    expect({ status, type }).toEqual({ status: 400, type: 'urn:collect:problem:not-csv' });
    expect(errors).toEqual([{ pointer: '/file', line, column: expect.any(Number), detail: expect.any(String) }]);
  });

  it.each([
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
    ['a spreadsheet', Buffer.from('PK\u0003\u0004\u0000\u0000')],
    ['UTF-16', Buffer.from(`\uFEFF${header}\n${row}\n`, 'utf16le')],
    ['Latin 1', Buffer.from(`${header}\n${row.replace('Ama', 'Amé')}\n`, 'latin1')],
  ])('is refused when it is %s', (_what, file) => {
    expect(refusal(file)).toMatchObject({ status: 400, errors: [{ pointer: '/file' }] });
  });

  it('may have 20,000 tasks, but not one more', () => {
    expect(read(fileOf(20_000))).toHaveLength(20_000);
    expect(refusal(fileOf(20_001))).toMatchObject({ status: 422, errors: [{ line: 20_002 }] });
    expect(refusal(fileOf(30_000))).toMatchObject({ status: 422, errors: [{ line: 20_002 }] });
  });

  it('is refused if it is too large in JSON for one call of the proxy', () => {
    const heavy = row.replace('Call back', '\\'.repeat(4_000));
    expect(refusal([header, ...Array.from({ length: 1_000 }, () => heavy)].join('\n'))).toMatchObject({ status: 413 });
  });
});
