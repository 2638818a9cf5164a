import * as fc from 'fast-check';
import { columnName, formatA1, parseA1 } from './a1.ts';
import type { Box } from './a1.ts';

const title = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const box: fc.Arbitrary<Required<Box>> = fc
  .tuple(fc.nat(999_999), fc.nat(18_277), fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 }))
  .map(([startRow, startColumn, height, width]) => ({
    startRow,
    endRow: startRow + height,
    startColumn,
    endColumn: Math.min(startColumn + width, 18_278),
  }));

describe('A1 notation', () => {
  it('reads back every range that it writes, whatever the title', () => {
    fc.assert(
      fc.property(title, box, (name, cells) => {
        const parsed = parseA1(formatA1(name, cells));

        expect(parsed?.title).toBe(name);
        expect(parsed?.box).toEqual(cells);
      }),
    );
  });

  it('reads back every title alone', () => {
    fc.assert(
      fc.property(title, (name) => {
        const parsed = parseA1(formatA1(name, { startRow: 0, startColumn: 0 }));

        expect(parsed).toEqual({ title: name, box: { startRow: 0, startColumn: 0 }, isOneCell: false });
      }),
    );
  });

  it('reads a range the same from any two opposite corners', () => {
    fc.assert(
      fc.property(box, ({ startRow, endRow, startColumn, endColumn }) => {
        const [left, right] = [columnName(startColumn), columnName(endColumn - 1)];
        const written = [
          `${left}${startRow + 1}:${right}${endRow}`,
          `${right}${endRow}:${left}${startRow + 1}`,
          `${right}${startRow + 1}:${left}${endRow}`,
        ];

        expect(new Set(written.map((text) => JSON.stringify(parseA1(text)?.box))).size).toBe(1);
      }),
    );
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseA1(text)).not.toThrow();
      }),
    );
  });

  it.each([
    ['A1:B2', undefined, { startRow: 0, endRow: 2, startColumn: 0, endColumn: 2 }],
    ['Sheet1!A1', 'Sheet1', { startRow: 0, endRow: 1, startColumn: 0, endColumn: 1 }],
    ["'it''s a tab'!A1:B2", "it's a tab", { startRow: 0, endRow: 2, startColumn: 0, endColumn: 2 }],
    ["'a!b'!a1", 'a!b', { startRow: 0, endRow: 1, startColumn: 0, endColumn: 1 }],
    ['A:C', undefined, { startRow: 0, startColumn: 0, endColumn: 3 }],
    ['1:3', undefined, { startRow: 0, endRow: 3, startColumn: 0 }],
    ['Tab!A5:B', 'Tab', { startRow: 4, startColumn: 0, endColumn: 2 }],
    ['Tab!B2:7', 'Tab', { startRow: 1, endRow: 7, startColumn: 1 }],
    ['Tab!AA10:AB11', 'Tab', { startRow: 9, endRow: 11, startColumn: 26, endColumn: 28 }],
    ['household_finances', 'household_finances', { startRow: 0, startColumn: 0 }],
    ['A0', 'A0', { startRow: 0, startColumn: 0 }],
    ["'A1'", 'A1', { startRow: 0, startColumn: 0 }],
  ])('reads %s', (text, expectedTitle, expectedBox) => {
    const parsed = parseA1(text);

    expect(parsed?.title).toBe(expectedTitle);
    expect(parsed?.box).toEqual(expectedBox);
  });

  it.each([
    '',
    '!A1',
    'Tab!',
    'a tab!A1',
    "it's!A1",
    "'open!A1",
    "''!A1",
    'Tab!A0',
    'Tab!A01',
    'Tab!A',
    'Tab!1',
    'Tab!A1:',
    'Tab!A1:B2:C3',
    'Tab!A1:[5',
    'Tab!A1:ABCD5',
    'Tab!A:5',
    'Tab!A:B5',
    "'Funnel'!'Funnel'!A1:B2",
  ])('does not take %j for a range', (text) => {
    expect(parseA1(text)).toBeUndefined();
  });

  it('quotes only titles that would be read as something else', () => {
    expect(formatA1('household_finances', { startRow: 0, startColumn: 0 })).toBe('household_finances');
    expect(formatA1('tab01', { startRow: 0, startColumn: 0 })).toBe("'tab01'");
    expect(formatA1('2024', { startRow: 0, startColumn: 0 })).toBe("'2024'");
    expect(formatA1('Lighthouse Results', { startRow: 0, startColumn: 0 })).toBe("'Lighthouse Results'");
  });
});
