import { accept, refuse } from '../answer.ts';
import { textFault } from '../text.ts';
import { type FieldType, oneColumn } from './question-type.ts';

/** A metadata field that holds an id. No question has this type. */
export type IdField = {
  readonly key: string;
  readonly column: string;
  readonly type: 'id';
  readonly required: true;
  readonly max_length: number;
};

/** A text of 1 to `max_length` characters, without blanks around it. */
export const id: FieldType<IdField> = {
  parser:
    ({ max_length }) =>
    (value) => {
      if (typeof value !== 'string') return refuse('Send an id as text.');
      if (value === '') return refuse(`Send an id of 1 to ${max_length} characters.`);
      if (value !== value.trim()) return refuse('Remove the blanks at the start and the end.');
      // Browsers and proxies resolve these two path segments, so a server would not see them.
      if (value === '.' || value === '..') return refuse('Send another id; "." and ".." cannot stand in an address.');
      const fault = textFault(value, { max_length, multiline: false });
      return fault === undefined ? accept(value) : refuse(fault);
    },
  columns: oneColumn('text'),
  jsonSchema: ({ max_length }) => ({
    type: 'string',
    minLength: 1,
    maxLength: max_length,
    pattern: String.raw`^\S(?:[\s\S]*\S)?$`,
    not: { enum: ['.', '..'] },
  }),
};
