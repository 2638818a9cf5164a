import * as z from 'zod';
import { accept, refuse } from '../values/answer.ts';
import { DATE } from '../language/kinds.ts';
import { DATE_ADVICE, isDate } from '../values/time.ts';
import { oneColumn, questionMembers, type QuestionType } from './question-type.ts';

const schema = z.strictObject({ ...questionMembers, type: z.literal('date') });

/** A day of the calendar, without a time zone. */
export const date: QuestionType<typeof schema> = {
  schema,
  takes: 'a date that exists, `YYYY-MM-DD`',
  kind: DATE,
  parser: () => (value) => (typeof value === 'string' && isDate(value) ? accept(value) : refuse(DATE_ADVICE)),
  columns: oneColumn('date'),
  jsonSchema: () => ({ type: 'string', format: 'date' }),
};
