import { Big } from 'big.js';
import type { Operator, Question } from './form-schema.ts';
import { textFault } from './text.ts';

/**
 * What is wrong with comparing a question with a constant that decides nothing: one that is never its answer, or a
 * bound that all its answers keep or all break.
 *
 * @param literal of the question's kind, and an element of the list for `in` and `notIn`
 * @returns undefined where answers can make the comparison true as well as false
 */
export function neverFault(
  question: Question,
  operator: Operator,
  literal: string | number | boolean,
): string | undefined {
  switch (question.type) {
    case 'choice':
      return question.options.some((option) => option === literal)
        ? undefined
        : `Use one of the options of the question: ${question.options.slice(0, 10).join(', ')}.`;
    case 'text': {
      const fault = textFault(String(literal), question);
      return fault === undefined ? undefined : `No answer can be this text. ${fault}`;
    }
    case 'integer':
      return integerFault(question, operator, new Big(String(literal)));
    default:
      return undefined;
  }
}

function integerFault(
  { min, max }: { min?: number | undefined; max?: number | undefined },
  operator: Operator,
  literal: Big,
) {
  const below = min !== undefined && literal.lt(min);
  const above = max !== undefined && literal.gt(max);
  const atMin = min !== undefined && literal.eq(min);
  const atMax = max !== undefined && literal.eq(max);
  const range = `the answers are whole numbers${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` up to ${max}`}`;
  const never = `Choose another number; no answer meets this, ${range}.`;
  const always = `Choose another number; every answer meets this, ${range}.`;
  switch (operator) {
    case 'equal':
    case 'in':
      return below || above || !isWhole(literal) ? never : undefined;
    case 'notEqual':
    case 'notIn':
      return below || above || !isWhole(literal) ? always : undefined;
    case 'lessThan':
      return below || atMin ? never : above ? always : undefined;
    case 'lessThanInclusive':
      return below ? never : above || atMax ? always : undefined;
    case 'greaterThan':
      return above || atMax ? never : below ? always : undefined;
    case 'greaterThanInclusive':
      break;
  }
  return above ? never : below || atMin ? always : undefined;
}

function isWhole(literal: Big): boolean {
  return literal.round(0).eq(literal);
}
