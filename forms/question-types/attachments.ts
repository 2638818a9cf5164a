/** The questions that take a file: the answer is the name of an attachment. */
import * as z from 'zod';
import { accept, refuse } from '../values/answer.ts';
import { TEXT } from '../language/kinds.ts';
import { textFault } from '../values/text.ts';
import { type FieldType, oneColumn, questionMembers, type QuestionType, textLimits } from './question-type.ts';

const MAX_LENGTH = 255;

const imageSchema = z.strictObject({ ...questionMembers, type: z.literal('image') });
const audioSchema = z.strictObject({ ...questionMembers, type: z.literal('audio') });
const videoSchema = z.strictObject({ ...questionMembers, type: z.literal('video') });
const fileSchema = z.strictObject({ ...questionMembers, type: z.literal('file') });

/** What is wrong with the name of an attachment, as a sentence. */
export function nameFault(name: string): string | undefined {
  if (name.trim() === '' || name === '.' || name === '..') return 'Send the name of a file.';
  if (/[/\\]/.test(name)) return 'Send the name of a file without a path.';
  return textFault(name, { max_length: MAX_LENGTH, multiline: false });
}

const attachment: FieldType<{ key: string }> & Pick<QuestionType<z.ZodType>, 'kind' | 'takes' | 'limits'> = {
  takes: `the name of an attachment: 1 to ${MAX_LENGTH} characters, without a path`,
  kind: TEXT,
  parser: () => (value) => {
    if (typeof value !== 'string') return refuse('Send the name of a file as text.');
    const fault = nameFault(value);
    return fault === undefined ? accept(value) : refuse(fault);
  },
  limits: () => textLimits(`names of files, of 1 to ${MAX_LENGTH} characters, without a path`, nameFault),
  columns: oneColumn('text'),
  jsonSchema: () => ({
    type: 'string',
    minLength: 1,
    maxLength: MAX_LENGTH,
    pattern: String.raw`^[^/\\]*[^/\\\s][^/\\]*$`,
    not: { enum: ['.', '..'] },
  }),
};

export const image: QuestionType<typeof imageSchema> = { ...attachment, schema: imageSchema };
export const audio: QuestionType<typeof audioSchema> = { ...attachment, schema: audioSchema };
export const video: QuestionType<typeof videoSchema> = { ...attachment, schema: videoSchema };
export const file: QuestionType<typeof fileSchema> = { ...attachment, schema: fileSchema };
