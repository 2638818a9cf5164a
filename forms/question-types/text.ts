import * as z from 'zod';
import { accept, refuse } from '../values/answer.ts';
import { TEXT } from '../language/kinds.ts';
import { LIMITS } from '../values/limits.ts';
import { compilePattern, patternFault } from '../values/pattern.ts';
import { textFault } from '../values/text.ts';
import { oneColumn, questionMembers, type QuestionType, textLimits } from './question-type.ts';

const schema = z
  .strictObject({
    ...questionMembers,
    type: z.literal('text'),
    max_length: z.int().min(1).max(LIMITS.text).default(500),
    multiline: z.boolean().default(false),
    pattern: z
      .string()
      .superRefine((pattern, context) => {
        const message = patternFault(pattern);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      .optional(),
  })
  .refine(({ pattern, max_length }) => pattern === undefined || max_length <= LIMITS.matched_text, {
    path: ['max_length'],
    error: `Set max_length to ${LIMITS.matched_text} or less, because the question has a pattern.`,
  });

/** Text of at most `max_length` code points; a required question cannot be answered with blanks only. */
export const text: QuestionType<typeof schema> = {
  schema,
  takes: 'text; with `pattern`, only text that the pattern matches as a whole',
  kind: TEXT,
  parser: (question) => {
    const faultOf = faultFinder(question);
    return (value) => {
      if (typeof value !== 'string') return refuse('Send text.');
      const fault = faultOf(value);
      return fault === undefined ? accept(value) : refuse(fault);
    };
  },
  limits: (question) =>
    textLimits(
      `texts of at most ${question.max_length} characters, without control characters${question.multiline ? ' other than tabs and line feeds' : ''}`,
      faultFinder(question),
    ),
  columns: oneColumn('text'),
  jsonSchema: ({ max_length, required, pattern }) => ({
    type: 'string',
    maxLength: max_length,
    ...(required === true && { pattern: String.raw`\S` }),
    ...(pattern !== undefined && { allOf: [{ pattern: `^(?:${pattern})$` }] }),
  }),
};

/** @returns a function that finds what is wrong with a text, as a sentence */
function faultFinder({ max_length, multiline, pattern, required }: z.infer<typeof schema>) {
  const limits = { max_length, multiline };
  const matches = pattern === undefined ? undefined : compilePattern(pattern);
  return (value: string) => {
    if (required === true && value.trim() === '') return 'Send an answer that is not blank; this question is required.';
    return (
      textFault(value, limits) ??
      (matches?.(value) === false ? `Send text that matches the pattern ${pattern} as a whole.` : undefined)
    );
  };
}
