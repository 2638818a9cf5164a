import * as z from 'zod';
import { accept, isList, isScalar, refuse, type Scalar } from '../values/answer.ts';
import { expressionSchema, kindOfExpression } from '../language/expression.ts';
import { JsonNumber } from '../values/json.ts';
import { LIMITS } from '../values/limits.ts';
import { textFault } from '../values/text.ts';
import { type AnswerColumn, cellOf, itemMembers, nameOf, type QuestionType } from './question-type.ts';

const schema = z.strictObject({
  ...itemMembers,
  type: z.literal('calculate'),
  required: z.literal(false, { error: 'Leave this out; the server computes the value.' }).default(false),
  value: expressionSchema,
});

/** The key of the value that the phone computed. */
export function sentKey(key: string): string {
  return `${key}_sent`;
}

/** The types of columns by the names of kinds; columns of other kinds have text. */
const COLUMN_TYPES: Readonly<Record<string, AnswerColumn['type']>> = {
  number: 'number',
  time: 'time',
  date: 'date',
  boolean: 'boolean',
};

/** A number that JSON cannot write stays text. */
function plainOf(number: JsonNumber): Scalar {
  const value = number.toJSON();
  return Number.isFinite(value) ? value : number.source;
}

function faultOf(value: Scalar): string | undefined {
  return typeof value === 'string' ? textFault(value, { max_length: LIMITS.text, multiline: true }) : undefined;
}

/** A value that the server computes from the answers. What the phone sent is kept beside it. */
export const calculate: QuestionType<typeof schema> = {
  schema,
  takes:
    'what the phone computed, if anything; the server computes the answer from `value`, an [expression](#expressions)',
  kind: undefined,
  parser: (question) => {
    // The value can be a list if the expression is just the name of another question.
    const mayBeList = typeof question.value === 'string';
    return (value) => {
      const sent = value instanceof JsonNumber ? plainOf(value) : value;
      if (!isScalar(sent) && !(mayBeList && isList(sent))) {
        return refuse('Send what the device computed: text, a number, true or false.');
      }
      const detail = [sent]
        .flat()
        .map(faultOf)
        .find((fault) => fault !== undefined);
      return detail === undefined ? accept(sent) : refuse(detail);
    };
  },
  columns: ({ key, value, ...names }, kindOf) => {
    const shortName = nameOf({ key, ...names });
    const type = COLUMN_TYPES[kindOfExpression(value, kindOf)?.name ?? ''] ?? 'text';
    return [
      { name: key, short_name: shortName, type, cell: (response) => cellOf(response[key]) },
      {
        name: sentKey(key),
        short_name: sentKey(shortName),
        type: 'text',
        cell: (response) => cellOf(response[sentKey(key)]),
      },
    ];
  },
  jsonSchema: ({ value }) => {
    const scalar = { type: ['string', 'number', 'boolean'] };
    return typeof value === 'string' ? { anyOf: [scalar, { type: 'array', items: { type: 'string' } }] } : scalar;
  },
};
