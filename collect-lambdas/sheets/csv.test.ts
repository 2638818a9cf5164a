import * as fc from 'fast-check';
import { readCsv } from '../../tests/support/exports.ts';
import type { Cell, Column } from '../../db-proxy-lambda/contract.ts';
import { csvHeader, csvLines } from './csv.ts';

const text = (name: string): Column => ({ name, type: 'text' });
const number = (name: string): Column => ({ name, type: 'number' });
const time = (name: string): Column => ({ name, type: 'time' });

/** Writes one cell and reads it with an independent reader. */
function written(type: Column['type'], cell: Cell): string | undefined {
  const columns = [text('first'), { name: 'cell', type }];
  const [, row] = readCsv(csvHeader(columns) + csvLines(columns)([['x', cell]]));
  return row?.[1];
}

/** Text with every character that is special to a spreadsheet or a CSV reader. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('"', ',', '\r', '\n', '\r\n', '=', '+', '-', '@', '＝', ';', '\t', "'", ' ', '😀', '1'),
  }),
);

/**
 * Removes an apostrophe in front of a formula. Tests apply this to the original text too, which may begin with an
 * apostrophe of its own.
 */
const unguarded = (cell: string): string => (cell.startsWith("'") && RUNS.test(cell.slice(1)) ? cell.slice(1) : cell);

const RUNS = /^[\t\r\n]|^\s*[-=+@＝＋－＠]/u;

describe('a CSV', () => {
  it('round-trips any text through an independent reader', () => {
    const columns = [text('a'), text('b')];
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText)), (rows) => {
        const read = readCsv(csvHeader(columns) + csvLines(columns)(rows));

        const guarded = (cell: string) => (RUNS.test(cell) ? `'${cell}` : cell);
        expect(read).toEqual([['a', 'b'], ...rows.map((row) => row.map(guarded))]);
      }),
    );
  });

  it('has no cell that a spreadsheet program would run as a formula, whatever the column’s type', () => {
    const types = ['text', 'number', 'time', 'boolean'] as const;
    const columns = types.map((type) => ({ name: type, type }));
    const cell = fc.oneof(
      anyText,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell, cell)), (rows) => {
        const [, ...read] = readCsv(csvHeader(columns) + csvLines(columns)(rows));

        const isNumber = (shown: string) => /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(shown);
        const running = read.flat().filter((shown) => RUNS.test(shown));
        expect(running.filter((shown) => !isNumber(shown))).toEqual([]);
        expect(read.map((row) => row.map(unguarded))).toEqual(
          rows.map((row) => row.map((sent) => unguarded(sent === null ? '' : String(sent)))),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('has one line per row, ended by CRLF, whatever the cells hold', () => {
    const columns = [text('a'), text('b')];
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText)), (rows) => {
        const lines = csvLines(columns);

        const together = lines(rows);

        expect(together).toBe(rows.map((row) => lines([row])).join(''));
        expect(rows.length === 0 || together.endsWith('\r\n')).toBe(true);
      }),
    );
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\tx',
    '\rx',
    '\nx',
    '=',
    '-',
    ' =1',
    '\n\n=1',
    '\u00a0@a',
    '＝1',
    '＋1',
    '－1',
    '＠a',
  ])('keeps text from running as a formula: %j', (cell) => {
    expect(written('text', cell)).toBe(`'${cell}`);
  });

  it.each([';=1', 'a\tb', ' a', 'a ', 'x;=cmd|x'])('quotes a cell that a reader may split or trim: %j', (cell) => {
    expect(csvLines([text('a')])([[cell]])).toBe(`"${cell}"\r\n`);
  });

  it.each(["'=1", ' 1', '1-1', 'a@b', ''])('does not change text that is not a formula: %j', (cell) => {
    expect(written('text', cell)).toBe(cell);
  });

  it('writes numbers exactly as stored and without a guard, negative ones too', () => {
    fc.assert(
      fc.property(fc.tuple(fc.bigInt(-(10n ** 14n), 10n ** 14n), fc.nat(4)), ([units, decimals]) => {
        const digits = String(units)
          .replace('-', '')
          .padStart(decimals + 1, '0');
        const sign = units < 0n ? '-' : '';
        const whole = digits.slice(0, digits.length - decimals);
        const amount = decimals === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-decimals)}`;

        expect(written('number', amount)).toBe(amount);
      }),
    );
    expect([written('number', '758.10'), written('number', -0.5), written('number', 0)]).toEqual([
      '758.10',
      '-0.5',
      '0',
    ]);
  });

  it('guards text in a column of numbers', () => {
    expect([written('number', '=2*3'), written('number', '-'), written('number', '1e5')]).toEqual([
      "'=2*3",
      "'-",
      '1e5',
    ]);
  });

  it.each([
    ['2026-09-01T06:00:00Z', '2026-09-01T06:00:00Z'],
    ['2026-09-01T06:00:00.000Z', '2026-09-01T06:00:00.000Z'],
    ['2026-09-01T09:00:00+03:00', '2026-09-01T06:00:00Z'],
    ['2026-09-01T00:30:00.25-05:30', '2026-09-01T06:00:00.25Z'],
    ['2026-09-01t06:00:00z', '2026-09-01T06:00:00Z'],
    ['some day', 'some day'],
  ])(
    'gives times in UTC with the decimals of a second that were stored, and leaves other text as it is: %s',
    (stored, expected) => {
      expect(written('time', stored)).toBe(expected);
    },
  );

  it('leaves null empty and writes booleans as true and false', () => {
    expect([
      written('text', null),
      written('number', null),
      written('boolean', true),
      written('boolean', false),
    ]).toEqual(['', '', 'true', 'false']);
  });

  it('has only a header if there are no rows', () => {
    const columns = [text('what is the monthly income?'), number('a, "b"'), time('c\nd')];

    expect(csvHeader(columns) + csvLines(columns)([])).toBe('what is the monthly income?,"a, ""b""","c\nd"\r\n');
  });
});
