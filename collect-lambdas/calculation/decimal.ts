/**
 * Decimal arithmetic like Python's `decimal` in its default context: 28 significant digits, rounded half-even,
 * exponents up to ±999,999. The library decimal.js calculates. It drops trailing zeros and has no subnormal numbers, so
 * this file tracks the exponents: 1.10 + 1.10 is 2.20, not 2.2.
 *
 * Source: General Decimal Arithmetic Specification 1.70, https://speleotrove.com/decimal/decarith.html
 */
import { Decimal as Unscaled } from 'decimal.js';

/** A number, and the power of ten of its last digit, which may be a zero: 2.20 has the exponent -2. */
export interface Decimal {
  readonly value: Unscaled;
  readonly exponent: number;
}

const PRECISION = 28;
export const MAX_EXPONENT = 999_999;
/** The exponent of the smallest subnormal number. */
const TINY = -MAX_EXPONENT - PRECISION + 1;

const unlimited = { minE: -9e15, maxE: 9e15, rounding: Unscaled.ROUND_HALF_EVEN };
const Rounded = Unscaled.clone({ ...unlimited, precision: PRECISION });
/** Enough digits for any product, and for any sum that is subnormal. */
const Exact = Unscaled.clone({ ...unlimited, precision: 1_000 });

/** The text of a decimal, plain or with an exponent: `-12.50`, `.5`, `1e-3`, `1.234E+30`. */
export const DECIMAL = /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,7}))?$/;

/** Thrown for a result of at least 10 ** 1,000,000, positive or negative. */
export class ExponentOverflow extends Error {}

/** Parses a decimal without rounding; undefined if the text is not a decimal or exceeds the exponent range. */
export function readDecimal(text: string): Decimal | undefined {
  const [matched, , , fraction = '', power = '0'] = DECIMAL.exec(text) ?? [];
  if (matched === undefined) return undefined;
  const decimal = { value: new Exact(text), exponent: Number(power) - fraction.length };
  return Math.abs(adjustedExponent(decimal)) > MAX_EXPONENT ? undefined : decimal;
}

/** @throws {ExponentOverflow} */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return round(Exact.mul(a.value, b.value), a.exponent + b.exponent);
}

/** @throws {ExponentOverflow} */
export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { ...b, value: b.value.neg() });
}

/** @throws {ExponentOverflow} */
export function add(a: Decimal, b: Decimal): Decimal {
  const sum = Rounded.add(a.value, b.value);
  // A subnormal result has fewer than 28 digits. The exact sum is rounded directly to that number of digits, because
  // rounding to 28 first can give a different result.
  return round(sum.e < -MAX_EXPONENT ? Exact.add(a.value, b.value) : sum, Math.min(a.exponent, b.exponent));
}

/**
 * Rounds half-even to the precision and into the exponent range. A number that is too small becomes subnormal or zero.
 *
 * @param exponent of the result; raised where the precision requires it
 * @throws {ExponentOverflow}
 */
function round(exact: Unscaled, exponent: number): Decimal {
  const value = exact.e < -MAX_EXPONENT ? exact.toDecimalPlaces(-TINY) : exact.toSignificantDigits(PRECISION);
  if (value.isZero()) return { value, exponent: Math.min(Math.max(exponent, TINY), MAX_EXPONENT) };
  if (value.e > MAX_EXPONENT) throw new ExponentOverflow();
  return { value, exponent: Math.max(exponent, value.e - PRECISION + 1, TINY) };
}

/**
 * Writes a decimal as Python does: scientific (`-1.20E+30`) if it is below 0.000001 or its exponent is positive, else
 * plain.
 */
export function writeDecimal(decimal: Decimal): string {
  const { value, exponent } = decimal;
  const adjusted = adjustedExponent(decimal);
  const sign = value.isNegative() ? '-' : '';
  if (exponent <= 0 && adjusted >= -6) return sign + value.abs().toFixed(-exponent);
  if (value.isZero()) return `${sign}0E${exponent < 0 ? '' : '+'}${exponent}`;
  return value.toExponential(adjusted - exponent).toUpperCase();
}

/** The exponent of the first digit: 3 of 1234, -2 of 0.012. */
export function adjustedExponent({ value, exponent }: Decimal): number {
  return value.isZero() ? exponent : value.e;
}
