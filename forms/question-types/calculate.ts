import * as z from 'zod';
import { accept, isScalar, refuse } from '../answer.ts';
import { expressionSchema, kindOfExpression } from '../expression.ts';
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
const COLUMN_TYPES: Readonly<Record<string, AnswerColumn['type']>> = { number: 'number', time: 'time' };

/** A value that the server computes from the answers. What the phone sent is kept beside it. */
export const calculate: QuestionType<typeof schema> = {
  schema,
  takes:
    'what the phone computed, if anything; the server computes the answer from `value`, an [expression](#expressions)',
  kind: undefined,
  parser: () => (value) =>
    isScalar(value) ? accept(value) : refuse('Send what the device computed: text, a number, true or false.'),
  columns: ({ key, value, ...names }) => {
    const shortName = nameOf({ key, ...names });
    const type = COLUMN_TYPES[kindOfExpression(value, () => undefined)?.name ?? ''] ?? 'text';
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
  jsonSchema: () => ({ type: ['string', 'number', 'boolean'] }),
};
