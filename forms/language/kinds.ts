/** How rules compare values. Several question types may share a kind. */
import { Big } from 'big.js';
import { amountAdvice, amountText, MAX_PLACES } from '../values/amount.ts';
import { isList, isPoint } from '../values/answer.ts';
import { type Operator, OPERATORS } from './operators.ts';
import {
  DATE_ADVICE,
  isDate,
  shiftDays,
  TIME_ADVICE,
  TIME_OF_DAY_ADVICE,
  toInstant,
  toTimeOfDay,
} from '../values/time.ts';

/**
 * A fact as rules compare it: a number as an exact decimal, a time as an instant, chosen options as a set, a text or
 * boolean as it is.
 */
export type FactValue = Big | string | boolean | ReadonlySet<string>;

export type Kind = {
  readonly name: 'number' | 'text' | 'time' | 'date' | 'time of day' | 'boolean' | 'options' | 'place' | 'nothing';
  readonly isOrdered: boolean;
  readonly operators: readonly Operator[];
  /** The value of an answer or of a rule's constant, as sent or as stored; undefined if it has another kind. */
  readonly valueOf: (input: unknown) => FactValue | undefined;
  /** The value of a stored answer, if answers of another type are accepted too. By default `valueOf`. */
  readonly valueOfAnswer?: (answer: unknown) => FactValue | undefined;
  /**
   * Whether a value lies between two values of the kind, both excluded; undefined means no bound. Omit it if there is
   * always such a value.
   */
  readonly hasBetween?: (low: string | undefined, high: string | undefined) => boolean;
  /** Advice for a constant of another kind. */
  readonly advice: string;
};

const PRESENCE: readonly Operator[] = ['answered', 'notAnswered'];
const EQUALITY: readonly Operator[] = ['equal', 'notEqual'];
const LISTS: readonly Operator[] = [...EQUALITY, 'in', 'notIn'];
const ORDERED = OPERATORS.filter((operator) => operator !== 'selected' && operator !== 'matches');

export const NUMBER: Kind = {
  name: 'number',
  isOrdered: true,
  operators: ORDERED,
  valueOf: (input) => {
    const text = amountText(input);
    return text === undefined ? undefined : new Big(text);
  },
  advice: amountAdvice(MAX_PLACES),
};

export const TEXT: Kind = {
  name: 'text',
  isOrdered: false,
  operators: [...LISTS, 'matches', ...PRESENCE],
  valueOf: (input) => (typeof input === 'string' ? input : undefined),
  advice: 'Send text; it is compared with text.',
};

/** A text that is one of a question's options. It can be compared with any text. */
export const CHOICE: Kind = { ...TEXT, operators: [...LISTS, 'selected', ...PRESENCE] };

export const TIME: Kind = {
  name: 'time',
  isOrdered: true,
  operators: ORDERED,
  valueOf: (input) => (typeof input === 'string' ? toInstant(input) : undefined),
  advice: TIME_ADVICE,
};

export const BOOLEAN: Kind = {
  name: 'boolean',
  isOrdered: false,
  operators: [...EQUALITY, ...PRESENCE],
  valueOf: (input) => (typeof input === 'boolean' ? input : undefined),
  advice: 'Send true or false.',
};

export const DATE: Kind = {
  name: 'date',
  isOrdered: true,
  operators: ORDERED,
  valueOf: (input) => (typeof input === 'string' && isDate(input) ? input : undefined),
  hasBetween: stepwise('0000-01-01', '9999-12-31', (date) => shiftDays(`${date}T00:00:00Z`, 1).slice(0, date.length)),
  advice: DATE_ADVICE,
};

export const TIME_OF_DAY: Kind = {
  name: 'time of day',
  isOrdered: true,
  operators: ORDERED,
  valueOf: (input) => (typeof input === 'string' ? toTimeOfDay(input) : undefined),
  hasBetween: stepwise('00:00:00.000', '23:59:59.999', (time) =>
    new Date(Date.parse(`1970-01-01T${time}Z`) + 1).toISOString().slice('1970-01-01T'.length, -1),
  ),
  advice: TIME_OF_DAY_ADVICE,
};

/**
 * The names of the chosen options; a constant is one name. An answer that is text was stored when the question took a
 * single choice: it is one chosen option, or none if it is blank.
 */
export const OPTIONS: Kind = {
  name: 'options',
  isOrdered: false,
  operators: ['selected', ...PRESENCE],
  valueOf: (input) => (isList(input) ? new Set(input) : typeof input === 'string' ? input : undefined),
  valueOfAnswer: (answer) =>
    OPTIONS.valueOf(typeof answer === 'string' ? (answer.trim() === '' ? [] : [answer]) : answer),
  advice: 'Send the name of an option.',
};

export const PLACE: Kind = {
  name: 'place',
  isOrdered: false,
  operators: PRESENCE,
  valueOf: (input) => (isPoint(input) ? JSON.stringify(input) : undefined),
  advice: 'Places are not compared.',
};

/** The kind of a question that takes no answer. Rules cannot name it. */
export const NOTHING: Kind = {
  name: 'nothing',
  isOrdered: false,
  operators: [],
  valueOf: () => undefined,
  advice: 'This question takes no answer.',
};

/** `hasBetween` of a kind with discrete values. @param next the value after another; not called with `last` */
function stepwise(first: string, last: string, next: (value: string) => string): NonNullable<Kind['hasBetween']> {
  return (low, high) => {
    if (low === last) return false;
    const following = low === undefined ? first : next(low);
    return high === undefined || following < high;
  };
}
