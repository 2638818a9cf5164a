import * as z from 'zod';
import { accept, refuse } from '../answer.ts';
import { TIME } from '../kinds.ts';
import { TIME_ADVICE, toInstant } from '../time.ts';
import { type JsonSchema, oneColumn, questionMembers, type QuestionType } from './question-type.ts';

const schema = z.strictObject({ ...questionMembers, type: z.literal('time') });

/** The JSON schema of every time. */
export const TIME_SCHEMA: JsonSchema = {
  type: 'string',
  format: 'date-time',
  description: 'A time with its offset in RFC 3339 format, with up to nine fractional digits.',
};

/** An RFC 3339 time with its offset. The answer keeps the offset; its canonical form is the instant. */
export const time: QuestionType<typeof schema> = {
  schema,
  takes: 'RFC 3339 with an offset; rules compare the instant',
  kind: TIME,
  parser: () => (value) => {
    const instant = typeof value === 'string' ? toInstant(value) : undefined;
    return typeof value === 'string' && instant !== undefined ? accept(value, instant) : refuse(TIME_ADVICE);
  },
  columns: oneColumn('time'),
  jsonSchema: () => TIME_SCHEMA,
};
