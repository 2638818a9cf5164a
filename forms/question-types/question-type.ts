/** What a question type declares. Each type has a file here; index.ts lists them all. */
import * as z from 'zod';
import type { Answer, AnswerResult } from '../answer.ts';
import type { Kind } from '../kinds.ts';
import { line, unreserved } from '../names.ts';

export type JsonSchema = { [keyword: string]: unknown };

/** A column of an export. `number` cells are exact decimals, as a number or as text; `time` cells are RFC 3339. */
export type AnswerColumn = { readonly name: string; readonly type: 'text' | 'number' | 'time' | 'boolean' };

/** What the type of a field declares; a field is a question or metadata. */
export type FieldType<F> = {
  /**
   * Makes the reader of a field's answers: once per form, not per response.
   *
   * @returns a function that takes any JSON value but null
   */
  reader(field: F): (value: unknown) => AnswerResult;
  /** The columns of an answer in exports. */
  columns(field: F): readonly AnswerColumn[];
  /** The JSON schema of an answer: as strict as `reader`, as far as JSON schema can express it. */
  jsonSchema(field: F): JsonSchema;
};

/** What the type of a question declares. `S` is the schema of the question's definition. */
export type QuestionType<S extends z.ZodType> = FieldType<z.infer<S>> & {
  readonly schema: S;
  /** What it takes: completes its row in docs/forms.md. */
  readonly takes: string;
  /** How rules compare the answers. */
  readonly kind: Kind;
  /** Which values of its kind can be answers. Leave it out if all can. */
  limits?(question: z.infer<S>): AnswerLimits;
};

/** Which values can be answers to a question. It shows which rules every answer keeps, or none. */
export type AnswerLimits = {
  /** Completes the sentence "The answers are ...". */
  readonly description: string;
  readonly allows: (constant: Answer) => boolean;
  /** Why a constant cannot be an answer, if that says more than `description`: follows "Choose another constant; ". */
  readonly explain?: (constant: Answer) => string | undefined;
  /** How many answers there can be above `low` and below `high`; a kind without an order ignores the bounds. */
  readonly count: (low: number, high: number) => number;
};

/** Members of every question's definition: its key in the payload and in exports, a column name, and whether it is required. */
export const questionMembers = {
  key: unreserved(line(200)).refine((key) => !/[{}]/.test(key), 'Leave out { and }; they mark places in messages.'),
  column: unreserved(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/, {
      abort: true,
      error: 'Use a letter, then up to 62 letters, digits or underscores.',
    }),
  ),
  required: z.boolean().default(true),
};

/** `columns` of a type whose answers take one column, under the question's key. */
export function oneColumn(type: AnswerColumn['type']): (field: { key: string }) => readonly AnswerColumn[] {
  return ({ key }) => [{ name: key, type }];
}
