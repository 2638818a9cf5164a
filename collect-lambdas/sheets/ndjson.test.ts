import * as fc from 'fast-check';
import type { Cell, Column } from '../../db-proxy-lambda/contract.ts';
import { canonicalAmount } from '../../forms/values/amount.ts';
import { parseJson, parseNdjson } from '../../forms/values/json.ts';
import { ndjsonLines } from './ndjson.ts';

const column = (type: Column['type'], name = 'cell'): Column => ({ name, type });

const written = (type: Column['type'], cell: Cell): string => ndjsonLines([column(type)])([[cell]]);

describe('NDJSON', () => {
  it('has one object a row, whose members are the columns in their order', () => {
    const columns = [column('text', 'how "deep"?'), column('number', 'depth'), column('boolean', 'in_use')];

    const lines = ndjsonLines(columns)([
      ['=1+1', '12.50', true],
      [null, null, null],
    ]);

    expect(lines).toBe(
      '{"how \\"deep\\"?":"=1+1","depth":12.50,"in_use":true}\n{"how \\"deep\\"?":null,"depth":null,"in_use":null}\n',
    );
  });

  it('is empty if there are no rows', () => {
    expect(ndjsonLines([column('text')])([])).toBe('');
  });

  it.each([
    ['758.10', '758.10'],
    ['007', '7'],
    ['-00.50', '-0.50'],
    ['0', '0'],
    ['999999999999999', '999999999999999'],
    [-0.5, '-0.5'],
    ['about 5', '"about 5"'],
    ['1e5', '"1e5"'],
    ['', '""'],
  ])('writes the number %j with its digits, and other text as text', (cell, json) => {
    expect(written('number', cell)).toBe(`{"cell":${json}}\n`);
  });

  it('gives times in UTC', () => {
    expect(written('time', '2026-09-01T00:30:00.25-05:30')).toBe('{"cell":"2026-09-01T06:00:00.25Z"}\n');
  });

  it('reads back as the cells that were written, one line a row', () => {
    const text = fc.string({ unit: 'binary' });
    const amount = fc
      .tuple(fc.boolean(), fc.stringMatching(/^\d{1,11}(\.\d{1,4})?$/))
      .map(([isNegative, digits]) => (isNegative ? `-${digits}` : digits));
    const maybe = <T>(cell: fc.Arbitrary<T>) => fc.option(cell);
    const columns = [column('text', 'text'), column('number', 'number'), column('boolean', 'boolean')];
    fc.assert(
      fc.property(fc.array(fc.tuple(maybe(text), maybe(amount), maybe(fc.boolean()))), (rows) => {
        const read = parseNdjson(ndjsonLines(columns)(rows));

        expect(read.map((line) => line.ok && line.value)).toEqual(
          rows.map(([first, second, third]) => ({
            text: first,
            // The JSON reader keeps the text of a number that a double would change.
            number: second === null ? null : numberIn(second),
            boolean: third,
          })),
        );
      }),
    );
  });
});

/** What the JSON reader makes of an amount without its leading zeros. */
function numberIn(amount: string): unknown {
  const [whole = '', fraction] = amount.split('.');
  const isNegative = whole.startsWith('-');
  const digits = canonicalAmount(whole.replace('-', ''));
  const json = `${isNegative ? '-' : ''}${digits}${fraction === undefined ? '' : `.${fraction}`}`;
  const parsed = parseJson(json);
  return parsed.ok && parsed.value;
}
