/** Conditions: their types, and how to walk through them. */
import * as z from 'zod';
import type { Scalar } from '../values/answer.ts';
import { type Operator, PRESENCE_OPERATORS } from './operators.ts';

/**
 * A constant, or a list of them for `in`, `notIn` and `between`. A time is RFC 3339 text; an amount is a number or
 * text.
 */
export type Constants = Scalar | readonly Scalar[];

/**
 * One comparison: the fact on the left, a constant or another fact on the right. A fact is the path of a question or
 * repeat, the key of metadata, or the name of a derived fact. `answered` and `notAnswered` have no right side.
 */
export type Comparison = {
  readonly fact: string;
  readonly operator: Operator;
  readonly value?: Constants | { readonly fact: string };
};

/** A condition: comparisons joined by all, any and not, at most `LIMITS.depth` levels deep. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | Comparison;

/** Accepts any value; `readConditions` checks it. */
export const conditionSchema = z.custom<Condition>(
  (value) => value !== undefined,
  'Send a condition: all, any, not or a comparison.',
);

/** The comparisons in a condition, in the order in which they are written. */
export function comparisonsOf(condition: Condition): Comparison[] {
  if ('all' in condition) return condition.all.flatMap(comparisonsOf);
  if ('any' in condition) return condition.any.flatMap(comparisonsOf);
  if ('not' in condition) return comparisonsOf(condition.not);
  return [condition];
}

/** The facts on both sides of a comparison. */
export function factsOf({ fact, value }: Comparison): string[] {
  return isFact(value) ? [fact, value.fact] : [fact];
}

/** Whether the right side of a comparison is another fact. */
export function isFact(value: Comparison['value']): value is { readonly fact: string } {
  return typeof value === 'object' && 'fact' in value;
}

/** Whether a comparison only asks if a question is answered. */
export function isPresence({ operator }: Comparison): boolean {
  return PRESENCE_OPERATORS.has(operator);
}

/** A single constant as a list, or the constants of a list; none if the right side is a fact or absent. */
export function constantsOf(value: Comparison['value']): readonly Scalar[] {
  if (value === undefined || isFact(value)) return [];
  return typeof value === 'object' ? value : [value];
}
