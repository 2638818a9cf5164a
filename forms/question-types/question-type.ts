/** The members that a question type declares. Each type has a file here; index.ts lists them all. */
import * as z from 'zod';
import { type Answers, type AnswerResult, isScalar, type Scalar } from '../values/answer.ts';
import { conditionSchema } from '../language/condition.ts';
import type { Kind } from '../language/kinds.ts';
import { LIMITS } from '../values/limits.ts';
import { elementName, identifier, line, unreserved } from '../values/names.ts';
import { texts } from '../values/texts.ts';

export type JsonSchema = { [keyword: string]: unknown };

type AnswerCell = Scalar | null;

/**
 * A column of an export. `number` cells are exact decimals, as a number or as text; `time` cells are RFC 3339, `date`
 * cells are `YYYY-MM-DD`.
 */
export type AnswerColumn = {
  readonly name: string;
  /** The column's name in exports with `"headers": "names"`. */
  readonly short_name: string;
  readonly type: 'text' | 'number' | 'time' | 'date' | 'boolean';
  /** Reads the column's cell from a stored response. */
  readonly cell: (response: Answers) => AnswerCell;
};

/** An option of a question that takes several options, and whether a response has it. */
export type OptionCell = {
  readonly name: string;
  readonly label?: z.infer<typeof texts> | undefined;
  /** 1 if the answer has the option, 0 if not, null without an answer. */
  readonly cell: (response: Answers) => 1 | 0 | null;
};

/** The members that the type of a field declares. A field is a question or metadata. */
export type FieldType<F> = {
  /**
   * Makes the parser of a field's answers; called once per form, not per response.
   *
   * @returns a function that takes any JSON value except null, the response's earlier answers, and the paths of those
   * that have a fault
   */
  parser(field: F): (value: unknown, earlier: Answers, faulty?: ReadonlySet<string>) => AnswerResult;
  /**
   * The columns of an answer in exports.
   *
   * @param kindOf the kinds of the facts that a calculation may use
   */
  columns(field: F, kindOf: (fact: string) => Kind | undefined): readonly AnswerColumn[];
  /** The JSON schema of an answer: as strict as `parser`, as far as JSON schema can express it. */
  jsonSchema(field: F): JsonSchema;
};

/** The limits of texts. @param description see `AnswerLimits` @param faultOf finds what is wrong with a text */
export function textLimits(description: string, faultOf: (text: string) => string | undefined): AnswerLimits {
  return {
    description,
    allows: (constant) => faultOf(String(constant)) === undefined,
    explain: (constant) => {
      const fault = faultOf(String(constant));
      return fault && `no answer can be this text. ${fault}`;
    },
    count: () => Infinity,
  };
}

/** What names a field: `name`, `column` in older definitions, and its key. */
type Named = { readonly name?: string | undefined; readonly column?: string | undefined; readonly key: string };

/** The name of a field: a short word, unique in the form. */
export function nameOf({ name, column, key }: Named): string {
  return name ?? column ?? key;
}

/** A question as read: its key is filled in. */
type Keyed<Q> = Q & { readonly key: string };

/** The members that the type of a question declares. `S` is the schema of the question's definition. */
export type QuestionType<S extends z.ZodType> = FieldType<Keyed<z.infer<S>>> & {
  readonly schema: S;
  /** The answers that it accepts, in words, for its row in docs/forms.md. */
  readonly takes: string;
  /** How rules compare the answers; undefined for a calculation, whose expression decides. */
  readonly kind: Kind | undefined;
  /** The options, each of which can have a column of its own. Omit it if an answer has at most one option. */
  optionCells?(question: Keyed<z.infer<S>>): readonly OptionCell[];
  /** The values of its kind that can be answers. Omit it if all can. */
  limits?(question: Keyed<z.infer<S>>): AnswerLimits | undefined;
};

/** The values that can be answers to a question. They show whether a rule holds for every answer or for none. */
export type AnswerLimits = {
  /** Completes the sentence "The answers are ...". */
  readonly description: string;
  readonly allows: (constant: Scalar) => boolean;
  /**
   * Why a constant cannot be an answer, if more precise than `description`. Completes "Choose another constant; ...".
   */
  readonly explain?: (constant: Scalar) => string | undefined;
  /** The number of possible answers above `low` and below `high`. A kind without an order ignores these bounds. */
  readonly count: (low: number, high: number) => number;
  /** How many of the options an answer has, if it can have several. */
  readonly chosen?: { readonly min: number; readonly max: number; readonly options: number };
};

/**
 * Members of the definition of every question, group and repeat. `name` heads its column in exports by name. `key` is
 * its key in the payload and in rules, and heads its column in other exports if it has no label. While `relevant` is
 * not true, there must be no answer. `node` is the name of its element in an uploaded XForm, if that is not the key.
 */
export const itemMembers = {
  key: unreserved(line(200))
    .refine((key) => !/[{}]/.test(key), 'Leave out { and }; they mark placeholders in messages.')
    .optional(),
  name: identifier.optional(),
  label: texts.optional(),
  hint: texts.optional(),
  relevant: conditionSchema.optional(),
  node: elementName.optional(),
};

/** A condition that an answer must meet. If it does not, the response is flagged, as by a rule. */
export const constraintSchema = z.strictObject({ message: line(LIMITS.message), conditions: conditionSchema });

/**
 * Members of every question's definition. `column` is the older word for `name`. The server does not fill in `default`.
 */
export const questionMembers = {
  ...itemMembers,
  column: unreserved(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/, {
      abort: true,
      error: 'Use a letter, then up to 62 letters, digits or underscores.',
    }),
  ).optional(),
  /** Whether an answer is required, or the condition under which it is. */
  required: z.union([z.boolean(), conditionSchema]).default(true),
  constraint: constraintSchema.optional(),
  default: z.unknown().optional(),
};

/**
 * `columns` of a type with one column, which is named after the question's key. An export of a million rows calls
 * `cell` 20 million times, so `cell` captures the key and returns texts and numbers without a call.
 */
export function oneColumn(type: AnswerColumn['type']): (field: Named) => readonly AnswerColumn[] {
  return (field) => {
    const { key } = field;
    const cell = (response: Answers): AnswerCell => {
      const value = response[key];
      return typeof value === 'string' || typeof value === 'number' ? value : cellOf(value);
    };
    return [{ name: key, short_name: nameOf(field), type, cell }];
  };
}

/** An answer as a cell. A value of an unknown type, such as that of a newer release, becomes JSON. */
export function cellOf(value: unknown): AnswerCell {
  if (isScalar(value)) return value;
  return value === undefined || value === null ? null : JSON.stringify(value);
}
