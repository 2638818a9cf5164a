import * as z from 'zod';
import { accept, isList, refuse } from '../values/answer.ts';
import { OPTIONS } from '../language/kinds.ts';
import { LIMITS } from '../values/limits.ts';
import { choiceChecker, listNames, namesOf, optionsSchema } from './options.ts';
import { cellOf, nameOf, questionMembers, type QuestionType } from './question-type.ts';

const number = z.int().min(0).max(LIMITS.options);

const schema = z
  .strictObject({
    ...questionMembers,
    type: z.literal('select_multiple'),
    options: optionsSchema.superRefine((options, context) => {
      for (const [position, name] of namesOf(options).entries()) {
        if (!/\s/.test(name)) continue;
        const message = 'Choose a name without blanks; exports separate the chosen names by blanks.';
        context.addIssue({ code: 'custom', path: [position], message });
      }
    }),
    min: number.optional(),
    max: number.optional(),
  })
  .superRefine(({ options, min = 0, max = options.length }, context) => {
    const message =
      min > options.length ? 'Set min to the number of options or less.' : 'Set max to min or more, and to 1 or more.';
    if (min > options.length || max < Math.max(min, 1)) {
      context.addIssue({ code: 'custom', path: [min > options.length ? 'min' : 'max'], message });
    }
  });

/**
 * The names of several of `options`. The answer keeps the order in which they were sent; its canonical form has the
 * order of the options.
 */
export const selectMultiple: QuestionType<typeof schema> = {
  schema,
  takes: 'a list of the names of some of `options`: `min` to `max` of them, each once; at least one if required',
  kind: OPTIONS,
  parser: (question) => {
    const names = namesOf(question.options);
    const faultOf = choiceChecker(question.options);
    const { min, max } = boundsOf(question);
    return (value, earlier, faulty) => {
      if (!isList(value)) return refuse('Send a list of the names of options, such as ["a", "b"].');
      const fault = value.map((name) => faultOf(name, earlier, faulty)).find((detail) => detail !== undefined);
      if (fault !== undefined) return refuse(fault);
      const chosen = new Set(value);
      if (chosen.size < value.length) return refuse('Send each option once.');
      if (value.length < min || value.length > max) return refuse(`Send ${min} to ${max} options.`);
      return accept(
        value,
        names.filter((name) => chosen.has(name)),
      );
    };
  },
  limits: (question) => {
    const { options } = question;
    const names = new Set<unknown>(namesOf(options));
    return {
      description: `the options ${listNames(options, 10)}`,
      allows: (constant) => names.has(constant),
      count: () => Infinity,
      chosen: { ...boundsOf(question), options: options.length },
    };
  },
  columns: ({ key, ...names }) => [
    {
      name: key,
      short_name: nameOf({ key, ...names }),
      type: 'text',
      cell: (response) => {
        const value = response[key];
        return isList(value) ? value.join(' ') : cellOf(value);
      },
    },
  ],
  optionCells: ({ key, options }) =>
    options.map((option) => {
      const { name, label } = typeof option === 'string' ? { name: option, label: undefined } : option;
      return { name, label, cell: (response) => chosenIn(response[key], name) };
    }),
  jsonSchema: (question) => {
    const { min, max } = boundsOf(question);
    const items = { type: 'string', enum: namesOf(question.options) };
    return { type: 'array', items, uniqueItems: true, minItems: min, maxItems: max };
  },
};

/** An answer from a version of the form in which the question took one option is a text. */
function chosenIn(answer: unknown, name: string): 1 | 0 | null {
  if (typeof answer === 'string') return answer === name ? 1 : 0;
  if (!isList(answer)) return null;
  return answer.includes(name) ? 1 : 0;
}

function boundsOf({ options, required, min = 0, max = options.length }: z.infer<typeof schema>) {
  return { min: Math.max(min, required === true ? 1 : 0), max };
}
