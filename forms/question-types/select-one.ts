import * as z from 'zod';
import { accept, refuse } from '../values/answer.ts';
import { CHOICE } from '../language/kinds.ts';
import { choiceChecker, listNames, namesOf, type Option, optionsSchema } from './options.ts';
import { oneColumn, questionMembers, type QuestionType } from './question-type.ts';

const schema = z.strictObject({ ...questionMembers, type: z.literal('select_one'), options: optionsSchema });
const olderSchema = z.strictObject({ ...questionMembers, type: z.literal('choice'), options: optionsSchema });

/** One of `options`, by its name. */
const choices: Omit<QuestionType<z.ZodType<{ key: string; options: Option[] }>>, 'schema' | 'takes'> = {
  kind: CHOICE,
  parser: ({ options }) => {
    const faultOf = choiceChecker(options);
    return (value, earlier, faulty) => {
      const fault = faultOf(value, earlier, faulty);
      return typeof value === 'string' && fault === undefined ? accept(value) : refuse(fault ?? '');
    };
  },
  limits: ({ options }) => {
    const names = new Set<unknown>(namesOf(options));
    return {
      description: `the options ${listNames(options, 10)}`,
      allows: (constant) => names.has(constant),
      count: () => names.size,
    };
  },
  columns: oneColumn('text'),
  jsonSchema: ({ options }) => ({ type: 'string', enum: namesOf(options) }),
};

export const selectOne: QuestionType<typeof schema> = {
  ...choices,
  schema,
  takes: 'the name of one of `options`',
};

/** The older word for `select_one`. */
export const choice: QuestionType<typeof olderSchema> = {
  ...choices,
  schema: olderSchema,
  takes: 'the older word for `select_one`',
};
