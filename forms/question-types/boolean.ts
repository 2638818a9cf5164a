import * as z from 'zod';
import { accept, refuse } from '../values/answer.ts';
import { BOOLEAN } from '../language/kinds.ts';
import { oneColumn, questionMembers, type QuestionType } from './question-type.ts';

const schema = z.strictObject({ ...questionMembers, type: z.literal('boolean') });

/** True or false. */
export const boolean: QuestionType<typeof schema> = {
  schema,
  takes: 'true or false',
  kind: BOOLEAN,
  parser: () => (value) => (typeof value === 'boolean' ? accept(value) : refuse('Send true or false, without quotes.')),
  limits: () => ({ description: 'true and false', allows: () => true, count: () => 2 }),
  columns: oneColumn('boolean'),
  jsonSchema: () => ({ type: 'boolean' }),
};
