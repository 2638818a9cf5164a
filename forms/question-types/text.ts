import * as z from 'zod';
import { accept, refuse } from '../answer.ts';
import { TEXT } from '../kinds.ts';
import { LIMITS } from '../limits.ts';
import { textFault } from '../text.ts';
import { oneColumn, questionMembers, type QuestionType } from './question-type.ts';

const schema = z.strictObject({
  ...questionMembers,
  type: z.literal('text'),
  max_length: z.int().min(1).max(LIMITS.text).default(500),
  multiline: z.boolean().default(false),
});

/** Text of at most `max_length` code points; a required question cannot be answered with blanks only. */
export const text: QuestionType<typeof schema> = {
  schema,
  takes: 'text',
  kind: TEXT,
  parser: ({ required, max_length, multiline }) => {
    const limits = { max_length, multiline };
    return (value) => {
      if (typeof value !== 'string') return refuse('Send text.');
      if (required && value.trim() === '')
        return refuse('Send an answer that is not blank; this question is required.');
      const fault = textFault(value, limits);
      return fault === undefined ? accept(value) : refuse(fault);
    };
  },
  limits: (question) => ({
    description: `texts of at most ${question.max_length} characters, without control characters${question.multiline ? ' other than tabs and line feeds' : ''}`,
    allows: (constant) => textFault(String(constant), question) === undefined,
    explain: (constant) => {
      const fault = textFault(String(constant), question);
      return fault && `no answer can be this text. ${fault}`;
    },
    count: () => Infinity,
  }),
  columns: oneColumn('text'),
  jsonSchema: ({ max_length, required }) => ({
    type: 'string',
    maxLength: max_length,
    ...(required && { pattern: String.raw`\S` }),
  }),
};
