import { accept, refuse } from '../values/answer.ts';
import { textFault } from '../values/text.ts';
import { type AnswerLimits, type FieldType, oneColumn, textLimits } from './question-type.ts';

/** A metadata field that holds an id. No question has this type. */
export type IdField = {
  readonly key: string;
  readonly column: string;
  readonly type: 'id';
  readonly required: true;
  readonly max_length: number;
};

/** What is wrong with an id, as a sentence; undefined if nothing is. @param maxLength in Unicode code points */
export function idFault(text: string, maxLength: number): string | undefined {
  if (text === '') return `Send an id of 1 to ${maxLength} characters.`;
  if (text !== text.trim()) return 'Remove the blanks at the start and the end.';
  // Browsers and proxies resolve these two path segments, so a server would not see them.
  if (text === '.' || text === '..') return 'Send another id; "." and ".." cannot be part of a URL.';
  return textFault(text, { max_length: maxLength, multiline: false });
}

/** A text of 1 to `max_length` characters, without blanks around it. */
export const id: FieldType<IdField> & { limits: (field: IdField) => AnswerLimits } = {
  parser:
    ({ max_length }) =>
    (value) => {
      if (typeof value !== 'string') return refuse('Send an id as text.');
      const fault = idFault(value, max_length);
      return fault === undefined ? accept(value) : refuse(fault);
    },
  limits: ({ max_length }) =>
    textLimits(`texts of 1 to ${max_length} characters, without blanks around them`, (text) =>
      idFault(text, max_length),
    ),
  columns: oneColumn('text'),
  jsonSchema: ({ max_length }) => ({
    type: 'string',
    minLength: 1,
    maxLength: max_length,
    pattern: String.raw`^\S(?:[\s\S]*\S)?$`,
    not: { enum: ['.', '..'] },
  }),
};
