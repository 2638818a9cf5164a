/**
 * Decimal arithmetic like Python's `decimal` in its default context: 28 significant digits, rounded half-even,
 * exponents up to ±999,999. Trailing zeros are kept: 1.10 + 1.10 is 2.20, not 2.2. Decimal libraries for JavaScript
 * drop such zeros, and have no subnormal numbers.
 *
 * Source: General Decimal Arithmetic Specification 1.70, https://speleotrove.com/decimal/decarith.html
 */

/** (negative ? -1 : 1) * coefficient * 10 ** exponent. Zero has a sign too. */
export interface Decimal {
  readonly negative: boolean;
  readonly coefficient: bigint;
  readonly exponent: number;
}

const PRECISION = 28;
export const MAX_EXPONENT = 999_999;
/** The exponent of the smallest subnormal number. */
const TINY = -MAX_EXPONENT - PRECISION + 1;

/** The text of a decimal, plain or with an exponent: `-12.50`, `.5`, `1e-3`, `1.234E+30`. */
export const DECIMAL = /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,7}))?$/;

/** A result of more than 999,999 digits before the point. */
export class ExponentOverflow extends Error {}

/** Parses a decimal without rounding; undefined if the text is not a decimal or exceeds the exponent range. */
export function readDecimal(text: string): Decimal | undefined {
  const [matched, sign, whole = '', fraction = '', power = '0'] = DECIMAL.exec(text) ?? [];
  if (matched === undefined) return undefined;
  const decimal = {
    negative: sign === '-',
    coefficient: BigInt(whole + fraction),
    exponent: Number(power) - fraction.length,
  };
  return Math.abs(adjustedExponent(decimal)) > MAX_EXPONENT ? undefined : decimal;
}

/** @throws {ExponentOverflow} */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return round({
    negative: a.negative !== b.negative,
    coefficient: a.coefficient * b.coefficient,
    exponent: a.exponent + b.exponent,
  });
}

/** @throws {ExponentOverflow} */
export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { ...b, negative: !b.negative });
}

/** @throws {ExponentOverflow} */
export function add(a: Decimal, b: Decimal): Decimal {
  if (a.coefficient === 0n && b.coefficient === 0n) {
    const exponent = Math.min(a.exponent, b.exponent);
    return round({ negative: a.negative && b.negative, coefficient: 0n, exponent });
  }
  const [high, low] = a.exponent >= b.exponent ? [a, b] : [b, a];
  const near = low.coefficient === 0n ? nearZero(low, high) : nearNumber(low, high);
  const shift = high.coefficient === 0n ? 0 : high.exponent - near.exponent;
  const sum = signed(high) * 10n ** BigInt(shift) + signed(near);
  return round({ negative: sum < 0n, coefficient: sum < 0n ? -sum : sum, exponent: near.exponent });
}

/** Adding a zero gives the sum the exponent of the zero, but not more trailing zeros than the precision allows. */
function nearZero(low: Decimal, high: Decimal): Decimal {
  return { ...low, exponent: Math.max(low.exponent, high.exponent - PRECISION - 1) };
}

/**
 * If `low` is too small to change the digits of the sum, it affects only how the sum is rounded. Any number that is too
 * small and has the same sign has the same effect, so a larger one replaces it, and 10 ** (difference of exponents)
 * stays small.
 */
function nearNumber(low: Decimal, high: Decimal): Decimal {
  if (high.coefficient === 0n) return low;
  const floor = high.exponent + Math.min(-1, digitsOf(high) - PRECISION - 2);
  return adjustedExponent(low) < floor ? { ...low, coefficient: 1n, exponent: floor } : low;
}

/**
 * Rounds half-even to the precision and into the exponent range. A number that is too small becomes subnormal or zero.
 *
 * @throws {ExponentOverflow}
 */
export function round(decimal: Decimal, precision = PRECISION): Decimal {
  const { negative, coefficient, exponent } = decimal;
  if (coefficient === 0n) {
    return { negative, coefficient, exponent: Math.min(Math.max(exponent, TINY), MAX_EXPONENT) };
  }
  const least = Math.max(exponent + digitsOf(decimal) - precision, TINY);
  const rounded =
    exponent >= least ? decimal : { negative, coefficient: dropDigits(decimal, least - exponent), exponent: least };
  if (adjustedExponent(rounded) > MAX_EXPONENT) throw new ExponentOverflow();
  // Rounding 9.99 up to 10.0 adds a digit; the last one is zero and is dropped.
  return digitsOf(rounded) > precision
    ? { negative, coefficient: rounded.coefficient / 10n, exponent: rounded.exponent + 1 }
    : rounded;
}

function dropDigits(decimal: Decimal, count: number): bigint {
  if (count > digitsOf(decimal)) return 0n;
  const unit = 10n ** BigInt(count);
  const quotient = decimal.coefficient / unit;
  const twice = (decimal.coefficient % unit) * 2n;
  return twice > unit || (twice === unit && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/**
 * Writes a decimal as Python does: scientific (`-1.20E+30`) if it is below 0.000001 or its exponent is positive, else
 * plain.
 */
export function writeDecimal(decimal: Decimal): string {
  const sign = decimal.negative ? '-' : '';
  const digits = decimal.coefficient.toString();
  const adjusted = adjustedExponent(decimal);
  const places = -decimal.exponent;
  if (places < 0 || adjusted < -6) {
    const rest = digits.slice(1);
    return `${sign}${digits.charAt(0)}${rest === '' ? '' : `.${rest}`}E${adjusted < 0 ? '' : '+'}${adjusted}`;
  }
  if (places === 0) return sign + digits;
  const padded = digits.padStart(places + 1, '0');
  return `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

/** The exponent of the first digit: 3 of 1234, -2 of 0.012. */
export function adjustedExponent(decimal: Decimal): number {
  return decimal.exponent + digitsOf(decimal) - 1;
}

function digitsOf({ coefficient }: Decimal): number {
  return coefficient.toString().length;
}

function signed({ negative, coefficient }: Decimal): bigint {
  return negative ? -coefficient : coefficient;
}
