import * as z from 'zod';
import { accept, refuse } from '../values/answer.ts';
import { TIME } from '../language/kinds.ts';
import { TIME_ADVICE, toInstant } from '../values/time.ts';
import { type FieldType, type JsonSchema, oneColumn, questionMembers, type QuestionType } from './question-type.ts';

const schema = z.strictObject({ ...questionMembers, type: z.literal('datetime') });
const olderSchema = z.strictObject({ ...questionMembers, type: z.literal('time') });

/** The JSON schema of every time. */
export const TIME_SCHEMA: JsonSchema = {
  type: 'string',
  format: 'date-time',
  description: 'A time with its offset in RFC 3339 format, with up to nine fractional digits.',
};

/** An RFC 3339 time with its offset. The answer keeps the offset; its canonical form is the instant. */
const instants: FieldType<{ key: string }> & Pick<QuestionType<z.ZodType>, 'kind'> = {
  kind: TIME,
  parser: () => (value) => {
    const instant = typeof value === 'string' ? toInstant(value) : undefined;
    return typeof value === 'string' && instant !== undefined ? accept(value, instant) : refuse(TIME_ADVICE);
  },
  columns: oneColumn('time'),
  jsonSchema: () => TIME_SCHEMA,
};

export const datetime: QuestionType<typeof schema> = {
  ...instants,
  schema,
  takes: 'RFC 3339 with an offset; rules compare the instant',
};

/** The older word for `datetime`. */
export const time: QuestionType<typeof olderSchema> = {
  ...instants,
  schema: olderSchema,
  takes: 'the older word for `datetime`',
};
