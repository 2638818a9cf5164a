/** The options of the questions that offer a choice. */
import * as z from 'zod';
import type { Answers } from '../values/answer.ts';
import { LIMITS } from '../values/limits.ts';
import { line } from '../values/names.ts';
import { texts } from '../values/texts.ts';

export const optionSchema = z.union(
  [
    line(200),
    z.strictObject({
      name: line(200),
      label: texts.optional(),
      if: z.strictObject({ question: z.string(), is: z.array(z.string()).min(1).max(LIMITS.options) }).optional(),
    }),
  ],
  { error: 'Send an option as text, or as an object with its name and, optionally, label and if.' },
);
export type Option = z.infer<typeof optionSchema>;

export const optionsSchema = z
  .array(optionSchema)
  .min(1)
  .max(LIMITS.options)
  .superRefine((options, context) => {
    const names = new Set<string>();
    for (const [position, name] of options.map(nameOf).entries()) {
      if (names.has(name)) {
        const message = 'Remove this option; it is listed already.';
        context.addIssue({ code: 'custom', path: [position], message });
      }
      names.add(name);
    }
  });

export function namesOf(options: readonly Option[]): string[] {
  return options.map(nameOf);
}

function nameOf(option: Option): string {
  return typeof option === 'string' ? option : option.name;
}

/**
 * Compiles the check of one chosen option.
 *
 * @returns a function that finds what is wrong with a choice, given the response's earlier answers. An option that
 * depends on a faulty answer is accepted: that answer has a fault of its own
 */
export function choiceChecker(options: readonly Option[]) {
  const needs = new Map(
    options.map((each) => {
      const need = typeof each === 'string' ? undefined : each.if;
      return [nameOf(each), need && { question: need.question, is: new Set(need.is) }];
    }),
  );
  const advice = `Send one of: ${listNames(options, 20)}.`;
  return (value: unknown, earlier: Answers, faulty?: ReadonlySet<string>): string | undefined => {
    if (typeof value !== 'string' || !needs.has(value)) return advice;
    const need = needs.get(value);
    if (
      need === undefined ||
      faulty?.has(need.question) === true ||
      [earlier[need.question]].flat().some((answer) => typeof answer === 'string' && need.is.has(answer))
    )
      return undefined;
    return `Send another option; ${value} is only for the answer ${[...need.is].slice(0, 10).join(' or ')} to ${JSON.stringify(need.question)}.`;
  };
}

/** The first names, for people. */
export function listNames(options: readonly Option[], shown: number): string {
  return namesOf(options).slice(0, shown).join(', ') + (options.length > shown ? ', ...' : '');
}
