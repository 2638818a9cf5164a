import { Big } from 'big.js';
import * as fc from 'fast-check';
import { amountText, canonicalAmount, USUAL_PLACES } from './amount.ts';
import { JsonNumber } from './json.ts';

/** Texts of plain decimals with at most 15 digits. */
const amounts = fc
  .tuple(fc.boolean(), fc.stringMatching(/^\d{1,11}$/), fc.stringMatching(/^(\.\d{1,4})?$/))
  .map(([negative, whole, fraction]) => `${negative ? '-' : ''}${whole}${fraction}`);

describe('amountText', () => {
  test.each([
    [0, '0'],
    [-12.5, '-12.5'],
    ['12.10', '12.10'],
    ['007', '007'],
    ['0.0001', '0.0001'],
    [123456789012345, '123456789012345'],
    ['-12345678901.2345', '-12345678901.2345'],
    [new JsonNumber('12.10'), '12.10'],
    [new JsonNumber('-0'), '-0'],
  ])('accepts %p as it was written', (value, text) => {
    expect(amountText(value, USUAL_PLACES)).toBe(text);
  });

  test.each([
    [
      '',
      ' 5',
      '5 ',
      '5\n',
      '+5',
      '.5',
      '5.',
      '1,5',
      '12,5',
      '1 000',
      '0x10',
      '٥',
      '5.00000',
      '--5',
      '-',
      '1e2',
      'NaN',
      'Infinity',
    ],
    [1e21, 1e-7, Number.NaN, Number.POSITIVE_INFINITY, 0.12345, 1_234_567_890_123_456],
    ['1234567890123456', '123456789012.3456', '-000000000000000.1'],
    [new JsonNumber('1e2'), new JsonNumber('1E400'), new JsonNumber('0.12345678901234567'), new JsonNumber('1.00000')],
    [null, undefined, true, [], [5], {}, { source: '5' }],
  ])('refuses anything but a plain decimal of at most 15 digits, such as %p', (...values) => {
    expect(values.filter((value) => amountText(value, USUAL_PLACES) !== undefined)).toEqual([]);
  });

  test.each([
    [1e-7, '0.0000001'],
    [-1.25e-8, '-0.0000000125'],
    [1e-10, '0.0000000001'],
    [1e-11, undefined],
    [1e21, undefined],
    [Number.NaN, undefined],
    [Number.NEGATIVE_INFINITY, undefined],
    ['1e-7', undefined],
  ])('reads the number %p as %p, although JavaScript writes it with an exponent', (value, text) => {
    expect(amountText(value)).toBe(text);
  });

  test('accepts every plain decimal of at most 15 digits as text', () => {
    fc.assert(fc.property(amounts, (text) => expect(amountText(text)).toBe(text)));
  });
});

describe('canonicalAmount', () => {
  test.each([
    ['5.00', '5'],
    ['05', '5'],
    ['-0.00', '0'],
    ['-0', '0'],
    ['00', '0'],
    ['-00.50', '-0.5'],
    ['100', '100'],
    ['0.1', '0.1'],
    ['10.010', '10.01'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalAmount(text)).toBe(canonical);
  });

  test('gives two amounts the same text if and only if they are equal', () => {
    fc.assert(
      fc.property(amounts, (text) => {
        expect(canonicalAmount(text)).toBe(new Big(text).toFixed());
      }),
    );
  });
});
