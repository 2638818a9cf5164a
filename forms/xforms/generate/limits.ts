/** The limits of a question's type as a constraint: a phone refuses what the server would not accept. */
import { Big } from 'big.js';
import type { Question } from '../../question-types/index.ts';
import { canonicalAmount } from '../../values/amount.ts';
import type { Said } from './wording.ts';
import { answeredNumber, constantNumber, inSameUnits } from '../to-xpath/numbers.ts';
import { phonePattern } from '../to-xpath/pattern.ts';
import { allOf, xpathText } from '../to-xpath/text.ts';
import { placesOf } from '../to-xpath/facts-of-form.ts';

/** A condition on the answer, `.`, and what to enter. */
type Limit = { readonly condition: string; readonly said: Said };

/** Widgets of integers take nine digits. */
const MAX_INTEGER = 999_999_999;

/** Whether an integer question needs a wider element than those of the type `int`. */
export function isWide(question: Question): boolean {
  return (
    question.type === 'integer' && Math.max(Math.abs(question.min ?? 0), Math.abs(question.max ?? 0)) > MAX_INTEGER
  );
}

/** @returns the constraint and its message; undefined if every answer that the widget takes is accepted */
export function limitsOnPhone(question: Question): { constraint: string; said: readonly Said[] } | undefined {
  const limits = limitsOf(question);
  if (limits.length === 0) return undefined;
  return { constraint: allOf(limits.map(({ condition }) => condition)), said: limits.map(({ said }) => said) };
}

function limitsOf(question: Question): Limit[] {
  if (question.type === 'integer') {
    const { min, max } = question;
    const whole: Limit[] = isWide(question) ? [{ condition: '. = round(.)', said: ['whole'] }] : [];
    return [...whole, ...range(question, min, max)];
  }
  if (question.type === 'decimal') {
    const places = placesOf(question);
    const unit = new Big(10).pow(places).toFixed();
    // The error of a double is less than 0.07 units; a decimal too many is at least 0.1 units.
    const condition = `abs(. * ${unit} - round(. * ${unit})) < 0.09`;
    const said: Said = places === 0 ? ['whole'] : ['places', String(places)];
    return [{ condition, said }, ...range(question, question.min, question.max)];
  }
  if (question.type === 'select_multiple') {
    const { min = 0, max = question.options.length, options } = question;
    if (min <= 1 && max >= options.length) return [];
    const condition = `count-selected(.) >= ${min} and count-selected(.) <= ${max}`;
    return [{ condition, said: ['options', String(min), String(max)] }];
  }
  return question.type === 'text' ? textLimits(question) : [];
}

function range(question: Question, min: number | string | undefined, max: number | string | undefined): Limit[] {
  const own = answeredNumber('.', placesOf(question));
  const bound = (limit: number | string, operator: string) =>
    inSameUnits(own, constantNumber(new Big(limit))).join(operator);
  const conditions = [min === undefined ? [] : bound(min, ' >= '), max === undefined ? [] : bound(max, ' <= ')].flat();
  if (min !== undefined && max !== undefined) {
    return [{ condition: allOf(conditions), said: ['range', shown(min), shown(max)] }];
  }
  if (min !== undefined) return [{ condition: allOf(conditions), said: ['at_least', shown(min)] }];
  return max === undefined ? [] : [{ condition: allOf(conditions), said: ['at_most', shown(max)] }];
}

function shown(limit: number | string): string {
  return canonicalAmount(new Big(limit).toFixed());
}

function textLimits({ max_length, pattern, required }: Extract<Question, { type: 'text' }>): Limit[] {
  const phone = pattern === undefined ? undefined : phonePattern(pattern);
  const length: Limit = { condition: `string-length(.) <= ${max_length}`, said: ['length', String(max_length)] };
  const isBlank: Limit[] = required === true ? [{ condition: "normalize-space(.) != ''", said: ['not_blank'] }] : [];
  if (pattern === undefined || phone === undefined) return [length, ...isBlank];
  return [length, ...isBlank, { condition: `regex(., ${xpathText(phone)})`, said: ['pattern', pattern] }];
}
