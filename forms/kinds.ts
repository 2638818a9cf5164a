/** How rules compare values. Several question types may share a kind. */
import { Big } from 'big.js';
import { AMOUNT_ADVICE, amountText } from './amount.ts';
import { type Operator, OPERATORS } from './operators.ts';
import { TIME_ADVICE, toInstant } from './time.ts';

/** A fact as rules compare it: a number as an exact decimal, a time as an instant, a text or boolean as it is. */
export type FactValue = Big | string | boolean;

export type Kind = {
  readonly name: 'number' | 'text' | 'time' | 'boolean';
  readonly isOrdered: boolean;
  readonly operators: readonly Operator[];
  /** The value of an answer or of a rule's constant, as sent or as stored; undefined if it has another kind. */
  readonly valueOf: (input: unknown) => FactValue | undefined;
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
  advice: AMOUNT_ADVICE,
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
