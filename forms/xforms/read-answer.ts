/** Reads an answer from the text of an element, as the engines of field apps write it. */
import { Big } from 'big.js';
import type { Question } from '../question-types/index.ts';
import { MAX_AMOUNT_DIGITS, plainNumber, USUAL_PLACES } from '../values/amount.ts';

/**
 * An answer as JSON for the readers of submissions. If it was rounded, `rounded` has the result. `isCalculated` says
 * that a phone seems to have calculated the number, because it has as many digits as a double.
 */
export type ReadAnswer = {
  readonly value: unknown;
  readonly rounded?: { readonly counts: string; readonly isCalculated: boolean };
};

/** The members of a question that decide how its answers are read. */
type Readable = { readonly type: Question['type']; readonly places?: number | undefined };

/** The texts of true and false. `OK` is what an acknowledgement writes. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
  ['yes', true],
  ['no', false],
  ['OK', true],
]);

/**
 * The answer in an element's text. A text that is not an answer to the question is returned unchanged, so that the
 * reader of submissions reports the fault.
 *
 * @param text not blank
 */
export function readAnswer(question: Readable, text: string): ReadAnswer {
  const trimmed = text.trim();
  switch (question.type) {
    case 'integer':
      return readAmount(trimmed, 0);
    case 'decimal':
      return readAmount(trimmed, question.places ?? USUAL_PLACES);
    case 'boolean':
      return { value: BOOLEANS.get(trimmed) ?? trimmed };
    case 'date':
      return { value: /^\d{4}-\d\d-\d\d(?=T|Z|[+-]|$)/.exec(trimmed)?.[0] ?? trimmed };
    case 'time_of_day':
      return { value: readTimeOfDay(trimmed) };
    case 'datetime':
    case 'time':
      return { value: readTime(trimmed) };
    case 'select_multiple':
      return { value: trimmed.split(/\s+/) };
    case 'geopoint':
      return { value: readPoint(trimmed) };
    case 'text':
    case 'calculate':
    case 'note':
      return { value: text };
    case 'select_one':
    case 'choice':
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      return { value: trimmed };
  }
}

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** Reads a number without a double: `1.5E7`, `5.0` and `0.30000000000000004` are exact. */
function readDecimal(text: string): Big | undefined {
  return NUMBER.test(text) ? new Big(text) : undefined;
}

/** Rounds to `places` decimals, or fewer if there would be too many digits; halves to the even digit. */
function readAmount(text: string, places: number): ReadAnswer {
  const number = readDecimal(text);
  if (number === undefined) return { value: text };
  const room = MAX_AMOUNT_DIGITS - Math.max(1, number.e + 1);
  if (room < 0) return { value: text };
  const rounded = number.round(Math.min(places, room), Big.roundHalfEven);
  const plain = rounded.toFixed();
  const value = plainNumber(plain);
  return rounded.eq(number)
    ? { value }
    : { value, rounded: { counts: plain, isCalculated: hasDigitsOfDouble(number) } };
}

/**
 * Whether a number looks calculated in binary floating point. Engines write most such numbers with 16 or 17 digits; ODK
 * Collect takes at most 15 digits from a collector.
 */
function hasDigitsOfDouble({ c: digits }: Big): boolean {
  return digits.length > MAX_AMOUNT_DIGITS && digits.length <= MAX_DOUBLE_DIGITS;
}

const MAX_DOUBLE_DIGITS = 17;

/** Engines add the phone's offset to a time of day. It belongs to the phone, not to the answer. */
function readTimeOfDay(text: string): string {
  const [, time, fraction = ''] = /^(\d\d:\d\d(?::\d\d)?)(\.\d+)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)?$/.exec(text) ?? [];
  return time === undefined ? text : time + fraction.slice(0, '.fff'.length);
}

/**
 * A time with its offset. Engines write offsets of whole hours as `+03` too.
 *
 * @returns the text unchanged if it is not such a time
 */
export function readTime(text: string): string {
  const [, time, hours, minutes = '00'] = /^(.*T[\d:.]+)([+-]\d\d)(?::?(\d\d))?$/.exec(text) ?? [];
  return time === undefined || hours === undefined ? text : `${time}${hours}:${minutes}`;
}

const POINT_PARTS = ['latitude', 'longitude', 'altitude', 'accuracy'] as const;

/** Reads `latitude longitude altitude accuracy`; the last two may be missing. */
function readPoint(text: string): unknown {
  const numbers = text.split(/\s+/).map(readDecimal);
  if (numbers.length < 2 || numbers.length > POINT_PARTS.length || numbers.includes(undefined)) return text;
  const parts = numbers.map(Number);
  if (!parts.every(Number.isFinite)) return text;
  return Object.fromEntries(parts.map((part, index) => [POINT_PARTS[index], part]));
}
