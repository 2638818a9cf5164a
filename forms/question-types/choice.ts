import * as z from 'zod';
import { accept, refuse } from '../answer.ts';
import { CHOICE } from '../kinds.ts';
import { LIMITS } from '../limits.ts';
import { line } from '../names.ts';
import { oneColumn, questionMembers, type QuestionType } from './question-type.ts';

const schema = z.strictObject({
  ...questionMembers,
  type: z.literal('choice'),
  options: z
    .array(line(200))
    .min(1)
    .max(LIMITS.options)
    .superRefine((options, context) => {
      for (const [position, option] of options.entries()) {
        if (options.indexOf(option) === position) continue;
        const message = 'Remove this option; it is listed already.';
        context.addIssue({ code: 'custom', path: [position], message });
      }
    }),
});

/** One of `options`. */
export const choice: QuestionType<typeof schema> = {
  schema,
  takes: 'one of `options`',
  kind: CHOICE,
  parser: ({ options }) => {
    const known: ReadonlySet<unknown> = new Set(options);
    const advice = `Send one of: ${list(options, 20)}.`;
    return (value) => (typeof value === 'string' && known.has(value) ? accept(value) : refuse(advice));
  },
  limits: ({ options }) => ({
    description: `the options ${list(options, 10)}`,
    allows: (constant) => options.some((option) => option === constant),
    count: () => options.length,
  }),
  columns: oneColumn('text'),
  jsonSchema: ({ options }) => ({ type: 'string', enum: options }),
};

function list(options: readonly string[], shown: number): string {
  return options.slice(0, shown).join(', ') + (options.length > shown ? ', ...' : '');
}
