/** The registry of question types. Code that depends on a question's type goes through it. */
import * as z from 'zod';
import type { AnswerResult } from '../answer.ts';
import { type Kind, TEXT } from '../kinds.ts';
import { boolean } from './boolean.ts';
import { choice } from './choice.ts';
import { decimal } from './decimal.ts';
import { id, type IdField } from './id.ts';
import { integer } from './integer.ts';
import {
  type AnswerColumn,
  type AnswerLimits,
  type FieldType,
  type JsonSchema,
  oneColumn,
  type QuestionType,
} from './question-type.ts';
import { text } from './text.ts';
import { time } from './time.ts';

/**
 * A question as a form defines it: its key in the payload and in exports, a column name, its type, and the members that
 * its type adds.
 */
export const questionSchema = z.discriminatedUnion('type', [
  text.schema,
  integer.schema,
  decimal.schema,
  time.schema,
  choice.schema,
  boolean.schema,
]);
export type Question = z.infer<typeof questionSchema>;

/** The compiler requires exactly one member for each type of the union. */
export const QUESTION_TYPES: {
  readonly [T in Question['type']]: QuestionType<z.ZodType<Extract<Question, { type: T }>>>;
} = { text, integer, decimal, time, choice, boolean };

const FIELD_TYPES = { ...QUESTION_TYPES, id };

/** A field of a response: metadata, or the answer to a question. */
export type Field = Question | IdField;

/** Makes the parser of a field's answers: see `FieldType`. */
export function parserOf(field: Field): (value: unknown) => AnswerResult {
  return typeOf(field).parser(field);
}

/**
 * The columns of a field's answers in exports. Answers to a question of an unknown type are exported as text: a newer
 * release may have stored such a question before a rollback.
 */
export function columnsOf(field: Field): readonly AnswerColumn[] {
  const known: FieldType<Field> | undefined = FIELD_TYPES[field.type];
  return known === undefined ? oneColumn('text')(field) : known.columns(field);
}

/** The JSON schema of a field's answers. */
export function jsonSchemaOf(field: Field): JsonSchema {
  return typeOf(field).jsonSchema(field);
}

/** How rules compare the answers to a question. */
export function kindOf({ type }: Question): Kind {
  return QUESTION_TYPES[type].kind;
}

/** How rules compare the values of a field. */
export function kindOfField(field: Field): Kind {
  return field.type === 'id' ? TEXT : kindOf(field);
}

/** The values that can be answers to a question; undefined if every value of its kind can. */
export function limitsOf(question: Question): AnswerLimits | undefined {
  const type: Pick<QuestionType<z.ZodType<Question>>, 'limits'> = QUESTION_TYPES[question.type];
  return type.limits?.(question);
}

function typeOf({ type }: Field): FieldType<Field> {
  return FIELD_TYPES[type];
}

export type { AnswerColumn, AnswerLimits } from './question-type.ts';
