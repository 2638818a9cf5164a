/** What a question type declares. Each type has a file here; index.ts lists them all. */
import * as z from 'zod';
import type { Answer, AnswerResult } from '../answer.ts';
import type { Kind } from '../kinds.ts';
import { line, unreserved } from '../names.ts';

export type JsonSchema = { [keyword: string]: unknown };

/** A column of an export. `number` cells are exact decimals, as a number or as text; `time` cells are RFC 3339. */
export type AnswerColumn = { readonly name: string; readonly type: 'text' | 'number' | 'time' | 'boolean' };

/** What a response's field declares, be it a question or metadata. */
export type FieldType<F> = {
  /**
   * Makes the reader of a field's answers. Called once for a form, not for each response.
   *
   * @returns a function of any JSON value but null and undefined
   */
  reader(field: F): (value: unknown) => AnswerResult;
  /** The columns of an answer in exports. */
  columns(field: F): readonly AnswerColumn[];
  /** The JSON schema of an answer, the same as `reader` as far as JSON schema can say it. */
  jsonSchema(field: F): JsonSchema;
};

/** What a question declares besides. `S` is the schema of its definition. */
export type QuestionType<S extends z.ZodType> = FieldType<z.infer<S>> & {
  readonly schema: S;
  /** How rules compare the answers. */
  readonly kind: Kind;
  /** Which values of its kind can be answers. Leave it out where all can. */
  limits?(question: z.infer<S>): AnswerLimits;
};

/** Which values can be answers to a question: finds the rules that no answer, or every answer, keeps. */
export type AnswerLimits = {
  /** Completes the sentence "The answers are ...". */
  readonly description: string;
  readonly allows: (constant: Answer) => boolean;
  /** How many answers there are, or more; of ordered kinds, those above `low` and below `high`. */
  readonly count: (low: number, high: number) => number;
};

/** What every question says of itself: its key in the payload and in exports, a column name of its own, whether it is required. */
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

/** For types whose answers take one column, headed by the question's key. */
export function oneColumn(type: AnswerColumn['type']): (field: { key: string }) => readonly AnswerColumn[] {
  return ({ key }) => [{ name: key, type }];
}
