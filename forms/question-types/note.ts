import * as z from 'zod';
import { refuse } from '../values/answer.ts';
import { NOTHING } from '../language/kinds.ts';
import { itemMembers, questionMembers, type QuestionType } from './question-type.ts';

const schema = z.strictObject({
  ...itemMembers,
  column: questionMembers.column,
  type: z.literal('note'),
  required: z.literal(false, { error: 'Leave this out; a note takes no answer.' }).default(false),
});

/** A text that the form shows. It has no answer and no column. */
export const note: QuestionType<typeof schema> = {
  schema,
  takes: 'no answer; the form shows its label',
  kind: NOTHING,
  parser: () => () => refuse('Leave this key out; a note takes no answer.'),
  columns: () => [],
  jsonSchema: () => ({ type: 'null' }),
};
