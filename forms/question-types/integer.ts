import * as z from 'zod';
import { MAX_WHOLE_NUMBER } from '../values/amount.ts';
import { accept, refuse } from '../values/answer.ts';
import { JsonNumber } from '../values/json.ts';
import { NUMBER } from '../language/kinds.ts';
import { type AnswerLimits, oneColumn, questionMembers, type QuestionType } from './question-type.ts';

const wholeNumber = z.int().min(-MAX_WHOLE_NUMBER).max(MAX_WHOLE_NUMBER);

const schema = z
  .strictObject({
    ...questionMembers,
    type: z.literal('integer'),
    min: wholeNumber.optional(),
    max: wholeNumber.optional(),
  })
  .refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
    path: ['max'],
    error: 'Set max to min or more.',
  });

/** A whole JSON number from `min` to `max`, of at most 15 digits: a double holds them exactly. */
export const integer: QuestionType<typeof schema> = {
  schema,
  takes: 'a whole JSON number',
  kind: NUMBER,
  parser: (question) => {
    const { min, max } = boundsOf(question);
    const advice = `Send a whole number from ${min} to ${max}, without quotes, point or exponent.`;
    return (value) => {
      const number = value instanceof JsonNumber && /^-?\d+$/.test(value.source) ? Number(value.source) : value;
      if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) {
        return refuse(advice);
      }
      // Adding 0 turns -0 into 0, which is how JSON writes it.
      return accept(number + 0, String(number));
    };
  },
  limits: limitsOfWholeNumbers,
  columns: oneColumn('number'),
  jsonSchema: (question) => {
    const { min, max } = boundsOf(question);
    return { type: 'integer', minimum: min, maximum: max };
  },
};

type Bounds = { readonly min?: number | undefined; readonly max?: number | undefined };

export function limitsOfWholeNumbers(bounds: Bounds): AnswerLimits {
  const { min, max } = boundsOf(bounds);
  return {
    description: describe(bounds),
    allows: (constant) => Number.isInteger(Number(constant)) && Number(constant) >= min && Number(constant) <= max,
    count: (low, high) => Math.min(max, Math.ceil(high) - 1) - Math.max(min, Math.floor(low) + 1) + 1,
  };
}

/** Names only the bounds that the question has. */
function describe({ min, max }: Bounds): string {
  return ['whole numbers', min !== undefined && `from ${min}`, max !== undefined && `up to ${max}`]
    .filter((part) => part !== false)
    .join(' ');
}

function boundsOf({ min = -MAX_WHOLE_NUMBER, max = MAX_WHOLE_NUMBER }: Bounds) {
  return { min, max };
}
