import { Big } from 'big.js';
import { JsonNumber } from './json.ts';

/** Max digits of an amount. A double holds 15 decimal digits exactly, so a JSON number loses none. */
export const MAX_AMOUNT_DIGITS = 15;

/** The largest whole number with that many digits. Integer answers are from -MAX_WHOLE_NUMBER to MAX_WHOLE_NUMBER. */
export const MAX_WHOLE_NUMBER = 10 ** MAX_AMOUNT_DIGITS - 1;

/** Decimals of an amount whose question does not say how many. */
export const USUAL_PLACES = 4;

/** Max decimals that a question can ask for. Rules compare amounts with up to this many decimals. */
export const MAX_PLACES = 10;

const PLAIN_DECIMALS = Array.from(
  { length: MAX_PLACES + 1 },
  (_, places) => new RegExp(String.raw`^-?\d+${places === 0 ? '' : String.raw`(?:\.\d{1,${places}})?`}$`),
);

/** The syntax of an amount, without the limit on its digits. @param places max decimals, 0 to {@link MAX_PLACES} */
export function plainDecimal(places: number): RegExp {
  const pattern = PLAIN_DECIMALS[places];
  if (pattern === undefined) throw new RangeError(`An amount cannot have ${places} decimals.`);
  return pattern;
}

/** Advice for a value that is not an amount. */
export function amountAdvice(places: number): string {
  const decimals = places === 0 ? '' : ` and "." with 1 to ${places} decimals`;
  return `Send an amount as a number or as text: digits, optionally a leading "-"${decimals}, at most ${MAX_AMOUNT_DIGITS} digits in all.`;
}

/**
 * The text of a plain decimal: `-?` digits, optional `.` and 1 to `places` digits, at most 15 digits in all; no
 * exponent, no blanks, no separators, no NaN or Infinity. Leading zeros count as digits.
 *
 * JSON.stringify writes the number 0.0000001 as 1e-7. Such a number gets its plain notation back here, so that stored
 * forms can be read.
 *
 * @param value a JSON number, a {@link JsonNumber} or text, as submitted
 * @returns the amount as sent, or undefined if the value is not an amount
 */
export function amountText(value: unknown, places = MAX_PLACES): string | undefined {
  const text = value instanceof JsonNumber ? value.source : typeof value === 'number' ? numberText(value) : value;
  if (typeof text !== 'string' || PLAIN_DECIMALS[places]?.test(text) !== true) return undefined;
  const marks = (text.startsWith('-') ? 1 : 0) + (text.includes('.') ? 1 : 0);
  return text.length - marks > MAX_AMOUNT_DIGITS ? undefined : text;
}

function numberText(number: number): string {
  const text = String(number);
  return text.includes('e') ? new Big(text).toFixed() : text;
}

// Most amounts are canonical already; this test costs a fifth of the stripping below.
const CANONICAL = /^(?:0|-?(?:[1-9]\d*|0(?=\.))(?:\.\d*[1-9])?)$/;

/** The canonical text of an amount: `5`, `05` and `5.00` become `5`; `-0.00` becomes `0`. */
export function canonicalAmount(text: string): string {
  if (CANONICAL.test(text)) return text;
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = (negative ? text.slice(1) : text).split('.');
  const digits = whole.replace(/^0+(?=\d)/, '');
  const decimals = fraction.replace(/0+$/, '');
  const plain = decimals === '' ? digits : `${digits}.${decimals}`;
  return negative && plain !== '0' ? `-${plain}` : plain;
}

/** Numbers nearer to 0 are written with an exponent: ECMA-262, Number::toString. */
const SMALLEST_PLAIN = 1e-6;

/**
 * An amount as it is stored. With at most 15 digits, the double has the same decimal value as the text. Adding 0 turns
 * -0 into 0. A number that JSON would write with an exponent stays text.
 */
export function plainNumber(text: string): number | string {
  const number = Number(text) + 0;
  return number !== 0 && Math.abs(number) < SMALLEST_PLAIN ? text : number;
}

/**
 * A computed number as an amount: rounded to {@link MAX_PLACES} decimals and {@link MAX_AMOUNT_DIGITS} digits, halves
 * to the even digit; undefined if its whole part has more digits.
 */
export function toAmount(number: Big): number | string | undefined {
  const places = Math.min(MAX_PLACES, MAX_AMOUNT_DIGITS - Math.max(1, number.e + 1));
  return places < 0 ? undefined : plainNumber(number.round(places, Big.roundHalfEven).toFixed());
}
