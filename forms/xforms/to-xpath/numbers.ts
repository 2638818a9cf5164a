/**
 * Numbers in XPath. Phones calculate in doubles, and Collect in decimals. A number is therefore written as a whole
 * number of units of its smallest decimal place, which doubles hold exactly up to 2^53. A number that needs a division
 * or many places is written with bounds, so that a phone never treats a near miss as a broken rule.
 */
import { Big } from 'big.js';
import { MAX_XPATH } from './text.ts';

/** `units` is a whole number: the value times 10 to the power of `places`. */
export type ExactNumber = { readonly units: string; readonly places: number; readonly constant?: Big };
/** The true value lies between `low` and `high`; `value` is the best guess. */
export type BoundedNumber = { readonly low: string; readonly value: string; readonly high: string };
export type XPathNumber = ExactNumber | BoundedNumber;

/** More places than this, multiplied, leave too few digits of a double for the amounts themselves. */
const MAX_EXACT_PLACES = 6;

/**
 * A tolerance, relative to the value, or to 1 if the value is smaller. It exceeds the errors of doubles and of
 * quotients with ten places.
 */
const TOLERANCE = '0.000000001';

export function isExact(number: XPathNumber): number is ExactNumber {
  return 'units' in number;
}

export function constantNumber(constant: Big): ExactNumber {
  const places = Math.max(0, constant.c.length - 1 - constant.e);
  return { units: literal(constant.times(new Big(10).pow(places))), places, constant };
}

/** The number of an answer. @param places the most decimals of an answer */
export function answeredNumber(path: string, places: number): ExactNumber {
  return { units: places === 0 ? path : `round(${path} * ${power(places)})`, places };
}

export function addNumbers(numbers: readonly XPathNumber[]): XPathNumber | undefined {
  return combine(numbers, ' + ', (parts) => sumOf(parts));
}

export function subtractNumbers(left: XPathNumber, right: XPathNumber): XPathNumber | undefined {
  return combine(
    [left, right],
    ' - ',
    ([from, taken]) =>
      from &&
      taken && {
        low: `(${from.low} - ${taken.high})`,
        value: `(${from.value} - ${taken.value})`,
        high: `(${from.high} - ${taken.low})`,
      },
  );
}

export function multiplyNumbers(left: XPathNumber, right: XPathNumber): XPathNumber | undefined {
  if (isExact(left) && isExact(right)) {
    const places = left.places + right.places;
    if (places <= MAX_EXACT_PLACES || left.constant !== undefined || right.constant !== undefined) {
      return short({ units: `(${left.units} * ${right.units})`, places });
    }
    return around(`(${left.units} * ${right.units} div ${power(places)})`);
  }
  const [constant, other] = isExact(left) ? [left.constant, right] : isExact(right) ? [right.constant, left] : [];
  if (constant === undefined || other === undefined) return undefined;
  return scaled(bounded(other), ` * ${literal(constant)}`, constant.lt(0));
}

/** The caller makes sure that the divisor is not 0. */
export function divideNumbers(left: XPathNumber, right: XPathNumber): XPathNumber | undefined {
  if (isExact(left) && isExact(right)) {
    const shift = right.places - left.places;
    const [more, less] = shift >= 0 ? [power(shift), '1'] : ['1', power(-shift)];
    return around(`(${left.units} * ${more} div (${right.units} * ${less}))`);
  }
  const divisor = isExact(right) ? right.constant : undefined;
  if (divisor === undefined || divisor.eq(0)) return undefined;
  return scaled(bounded(left), ` div ${literal(divisor)}`, divisor.lt(0));
}

/** A number as XPath, for people and for calculations of the phone. */
export function plainNumberOf(number: XPathNumber): string {
  if (!isExact(number)) return `(round(${number.value} * 10000000000) div 10000000000)`;
  return number.places === 0 ? number.units : `(${number.units} div ${power(number.places)})`;
}

/**
 * A number as people write it. Engines write amounts from ten million, and small amounts, with an exponent, so these
 * are put together from their digits.
 */
export function shownNumber(number: XPathNumber): string {
  if (!isExact(number) || number.places === 0) return plainNumberOf(number);
  const { units, places } = number;
  const [unit, usual] = [power(places), power(places + 7)];
  const smallest = places > 3 ? `abs(${units}) >= ${power(places - 3)}` : 'true()';
  const digits = `concat(if(${units} < 0, '-', ''), int(abs(${units}) div ${unit}), '.', substr(string(${unit} + abs(${units}) mod ${unit}), 1))`;
  return `if(${units} = 0 or (abs(${units}) < ${usual} and ${smallest}), ${units} div ${unit}, ${digits})`;
}

/** Two exact numbers in the same units. */
export function inSameUnits(left: ExactNumber, right: ExactNumber): readonly [string, string] {
  const places = Math.max(left.places, right.places);
  return [unitsOf(left, places), unitsOf(right, places)];
}

export function bounded(number: XPathNumber): BoundedNumber {
  return isExact(number) ? boundsAround(plainNumberOf(number)) : number;
}

/** A number that a phone computes approximately. */
export function boundsAround(value: string): BoundedNumber {
  const error = `${TOLERANCE} * (1 + abs(${value}))`;
  return { low: `(${value} - ${error})`, value, high: `(${value} + ${error})` };
}

function around(value: string): BoundedNumber | undefined {
  return short(boundsAround(value));
}

function scaled({ low, value, high }: BoundedNumber, by: string, isNegative: boolean): BoundedNumber | undefined {
  const [least, most] = isNegative ? [high, low] : [low, high];
  return short({ low: `(${least}${by})`, value: `(${value}${by})`, high: `(${most}${by})` });
}

function combine(
  numbers: readonly XPathNumber[],
  operator: string,
  ofBounds: (parts: readonly BoundedNumber[]) => BoundedNumber | undefined,
): XPathNumber | undefined {
  const exact = numbers.filter(isExact);
  if (exact.length < numbers.length) return short(ofBounds(numbers.map(bounded)));
  const places = Math.max(...exact.map((each) => each.places));
  return short({ units: `(${exact.map((each) => unitsOf(each, places)).join(operator)})`, places });
}

function sumOf(parts: readonly BoundedNumber[]): BoundedNumber {
  const sum = (part: keyof BoundedNumber) => `(${parts.map((each) => each[part]).join(' + ')})`;
  return { low: sum('low'), value: sum('value'), high: sum('high') };
}

function short<N extends XPathNumber>(number: N | undefined): N | undefined {
  if (number === undefined) return undefined;
  return ('units' in number ? number.units : number.high).length > MAX_XPATH ? undefined : number;
}

function unitsOf({ units, places, constant }: ExactNumber, wanted: number): string {
  if (constant !== undefined) return literal(constant.times(new Big(10).pow(wanted)));
  return places === wanted ? units : `(${units} * ${power(wanted - places)})`;
}

function literal(number: Big): string {
  return number.lt(0) ? `(${number.toFixed()})` : number.toFixed();
}

function power(places: number): string {
  return new Big(10).pow(places).toFixed();
}
