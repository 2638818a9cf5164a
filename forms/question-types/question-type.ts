/** The members that a question type declares. Each type has a file here; index.ts lists them all. */
import * as z from 'zod';
import type { Answer, AnswerResult } from '../answer.ts';
import type { Kind } from '../kinds.ts';
import { line, unreserved } from '../names.ts';

export type JsonSchema = { [keyword: string]: unknown };

type AnswerCell = string | number | boolean | null;

/** A column of an export. `number` cells are exact decimals, as a number or as text; `time` cells are RFC 3339. */
export type AnswerColumn = {
  readonly name: string;
  /** The column's name in exports with `"headers": "names"`. */
  readonly short_name: string;
  readonly type: 'text' | 'number' | 'time' | 'boolean';
  /** Reads the column's cell from a stored response. */
  readonly cell: (response: Readonly<Record<string, AnswerCell>>) => AnswerCell;
};

/** The members that the type of a field declares. A field is a question or metadata. */
export type FieldType<F> = {
  /**
   * Makes the parser of a field's answers; called once per form, not per response.
   *
   * @returns a function that accepts any JSON value except null
   */
  parser(field: F): (value: unknown) => AnswerResult;
  /** The columns of an answer in exports. */
  columns(field: F): readonly AnswerColumn[];
  /** The JSON schema of an answer: as strict as `parser`, as far as JSON schema can express it. */
  jsonSchema(field: F): JsonSchema;
};

/** The members that the type of a question declares. `S` is the schema of the question's definition. */
export type QuestionType<S extends z.ZodType> = FieldType<z.infer<S>> & {
  readonly schema: S;
  /** The answers that it accepts, in words, for its row in docs/forms.md. */
  readonly takes: string;
  /** How rules compare the answers. */
  readonly kind: Kind;
  /** The values of its kind that can be answers. Omit it if all can. */
  limits?(question: z.infer<S>): AnswerLimits;
};

/** The values that can be answers to a question. They show whether a rule holds for every answer or for none. */
export type AnswerLimits = {
  /** Completes the sentence "The answers are ...". */
  readonly description: string;
  readonly allows: (constant: Answer) => boolean;
  /** Why a constant cannot be an answer, if more precise than `description`. Completes "Choose another constant; ...". */
  readonly explain?: (constant: Answer) => string | undefined;
  /** The number of possible answers above `low` and below `high`. A kind without an order ignores these bounds. */
  readonly count: (low: number, high: number) => number;
};

/**
 * Members of every question's definition: its key in the payload and in exports, a column name, and whether it is
 * required.
 */
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

/** `columns` of a type with one column, which is named after the question's key. */
export function oneColumn(
  type: AnswerColumn['type'],
): (field: { key: string; column: string }) => readonly AnswerColumn[] {
  return ({ key, column }) => [{ name: key, short_name: column, type, cell: (response) => response[key] ?? null }];
}
