import * as z from 'zod';
import { accept, refuse } from '../values/answer.ts';
import { TIME_OF_DAY } from '../language/kinds.ts';
import { TIME_OF_DAY_ADVICE, TIME_OF_DAY_PATTERN, toTimeOfDay } from '../values/time.ts';
import { oneColumn, questionMembers, type QuestionType } from './question-type.ts';

const schema = z.strictObject({ ...questionMembers, type: z.literal('time_of_day') });

/** A time on the clock, without a date and a time zone. */
export const timeOfDay: QuestionType<typeof schema> = {
  schema,
  takes: '`HH:MM`, `HH:MM:SS` or `HH:MM:SS.fff`; without an offset',
  kind: TIME_OF_DAY,
  parser: () => (value) => {
    const canonical = typeof value === 'string' ? toTimeOfDay(value) : undefined;
    return typeof value === 'string' && canonical !== undefined ? accept(value, canonical) : refuse(TIME_OF_DAY_ADVICE);
  },
  columns: oneColumn('text'),
  jsonSchema: () => ({ type: 'string', pattern: TIME_OF_DAY_PATTERN.source }),
};
