import { Big } from 'big.js';
import * as fc from 'fast-check';
import { add, ExponentOverflow, multiply, readDecimal, subtract, writeDecimal, type Decimal } from './decimal.ts';
import python from './decimal.test-data.json' with { type: 'json' };

const HALF_EVEN = 2;

function decimal(text: string): Decimal {
  const read = readDecimal(text);
  if (read === undefined) throw new Error(`${text} is not a decimal.`);
  return read;
}

function resultOf(calculate: () => Decimal): string {
  try {
    return writeDecimal(calculate());
  } catch (error) {
    if (error instanceof ExponentOverflow) return 'overflow';
    throw error;
  }
}

const decimals = fc
  .record({
    sign: fc.constantFrom('', '-'),
    digits: fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 0n, max: 999n })),
    exponent: fc.integer({ min: -60, max: 60 }),
  })
  .map(({ sign, digits, exponent }) => decimal(`${sign}${digits}E${exponent}`));

const big = (value: Decimal): Big => Big(writeDecimal(value));
const rounded = (value: Big): Big => (value.eq(0) ? value : value.prec(28, HALF_EVEN));

describe('decimal arithmetic', () => {
  test.each(python.operations)(
    '%s and %s have the same sum, difference and product as in Python',
    (a, b, sum, difference, product) => {
      expect(resultOf(() => add(decimal(a), decimal(b)))).toBe(sum);
      expect(resultOf(() => subtract(decimal(a), decimal(b)))).toBe(difference);
      expect(resultOf(() => multiply(decimal(a), decimal(b)))).toBe(product);
    },
  );

  test('equals exact arithmetic, rounded once to 28 digits, half-even', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        expect(big(add(a, b)).eq(rounded(big(a).plus(big(b))))).toBe(true);
        expect(big(subtract(a, b)).eq(rounded(big(a).minus(big(b))))).toBe(true);
        expect(big(multiply(a, b)).eq(rounded(big(a).times(big(b))))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('does not depend on the order of two operands', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        expect(writeDecimal(add(a, b))).toBe(writeDecimal(add(b, a)));
        expect(writeDecimal(multiply(a, b))).toBe(writeDecimal(multiply(b, a)));
      }),
    );
  });

  test.each([
    ['0E+999999', '1E-999999'],
    ['1E+999999', '0E-999999'],
    ['1E+999999', '1E-999999'],
    ['1E-999999', '-1E+999999'],
  ])('does not write out the zeros between %s and %s', (a, b) => {
    const started = performance.now();

    for (let times = 0; times < 1_000; times += 1) add(decimal(a), decimal(b));

    // A million zeros take milliseconds each time.
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('the text of a decimal', () => {
  test('gives the same decimal when it is parsed again', () => {
    fc.assert(fc.property(decimals, (value) => expect(decimal(writeDecimal(value))).toEqual(value)));
  });

  test.each([
    ['1', '1'],
    ['-0', '-0'],
    ['+1.50', '1.50'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['1e3', '1E+3'],
    ['1.5E+3', '1.5E+3'],
    ['0.000001', '0.000001'],
    ['0.0000001', '1E-7'],
    ['123456789012345678901234567890.5', '123456789012345678901234567890.5'],
    ['9E999999', '9E+999999'],
    ['1E-999999', '1E-999999'],
  ])('%s is read, and written %s', (text, written) => {
    expect(writeDecimal(decimal(text))).toBe(written);
  });

  test.each([
    '',
    '.',
    '-',
    'e5',
    '1e',
    '1e5.5',
    '1,5',
    '1_000',
    ' 1',
    '1 ',
    '1\n',
    '--1',
    '0x10',
    'NaN',
    'sNaN',
    'Infinity',
    '-inf',
    '١',
    '1E1000000',
    '10E999999',
    '1E-1000000',
    '1E99999999',
  ])('%j is not read', (text) => {
    expect(readDecimal(text)).toBeUndefined();
  });
});
