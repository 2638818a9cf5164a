/** The registry of question types. Code that depends on a question's type goes through it. */
import * as z from 'zod';
import type { AnswerResult, Answers } from '../values/answer.ts';
import { kindOfExpression } from '../language/expression.ts';
import { type Kind, TEXT } from '../language/kinds.ts';
import { LIMITS } from '../values/limits.ts';
import { audio, file, image, video } from './attachments.ts';
import { boolean } from './boolean.ts';
import { calculate } from './calculate.ts';
import { date } from './date.ts';
import { datetime, time } from './datetime.ts';
import { decimal } from './decimal.ts';
import { geopoint } from './geopoint.ts';
import { id, type IdField } from './id.ts';
import { integer, limitsOfWholeNumbers } from './integer.ts';
import { note } from './note.ts';
import {
  type AnswerColumn,
  type AnswerLimits,
  type FieldType,
  type itemMembers,
  type JsonSchema,
  nameOf,
  oneColumn,
  type OptionCell,
  type QuestionType,
} from './question-type.ts';
import { sectionSchemas } from './sections.ts';
import { selectMultiple } from './select-multiple.ts';
import { choice, selectOne } from './select-one.ts';
import { text } from './text.ts';
import { timeOfDay } from './time-of-day.ts';

const leaves = [
  text.schema,
  integer.schema,
  decimal.schema,
  boolean.schema,
  date.schema,
  timeOfDay.schema,
  datetime.schema,
  time.schema,
  selectOne.schema,
  choice.schema,
  selectMultiple.schema,
  geopoint.schema,
  image.schema,
  audio.schema,
  video.schema,
  file.schema,
  calculate.schema,
  note.schema,
] as const;

type Keyed<D> = D & { readonly key: string };

/** A question as a form defines it: what all questions have, its type, and the members that its type adds. */
export type Definition = z.infer<(typeof leaves)[number]>;
export type Question = Keyed<Definition>;

type Nested = { readonly [member in keyof typeof itemMembers]?: z.infer<(typeof itemMembers)[member]> } & {
  readonly key: string;
  readonly questions: readonly Item[];
};
export type Group = Nested & { readonly type: 'group' };
export type Repeat = Nested & {
  readonly type: 'repeat';
  readonly min?: number | undefined;
  readonly max?: number | undefined;
};
export type Section = Group | Repeat;

/** A question, or a group or repeat of questions. */
export type Item = Question | Section;

export const questionsSchema: z.ZodType<Item[]> = z.lazy(() => z.array(itemSchema).min(1).max(LIMITS.questions));

const sections = sectionSchemas(questionsSchema);

/** An item as a form defines it. */
export const itemDefinition = z.discriminatedUnion('type', [...leaves, sections.group, sections.repeat]);

/** An item with its key, which is its name if the definition has no other. */
export const itemSchema: z.ZodType<Item> = itemDefinition.transform((item, context) => {
  const { key, name } = item;
  const column = 'column' in item ? item.column : undefined;
  if (name === undefined && column === undefined) {
    context.addIssue({ code: 'custom', path: ['name'], message: 'This is missing; send the name of the question.' });
  }
  if (name !== undefined && column !== undefined) {
    const message = 'Leave this out; it is the older word for name.';
    context.addIssue({ code: 'custom', path: ['column'], message });
  }
  return { ...item, key: key ?? nameOf({ ...item, key: '' }) };
});

export function isSection(item: Field | Item): item is Section {
  return item.type === 'group' || item.type === 'repeat';
}

/** The compiler requires exactly one member for each type of the union. */
export const QUESTION_TYPES: {
  readonly [T in Definition['type']]: QuestionType<z.ZodType<Extract<Definition, { type: T }>>>;
} = {
  text,
  integer,
  decimal,
  boolean,
  date,
  time_of_day: timeOfDay,
  datetime,
  time,
  select_one: selectOne,
  choice,
  select_multiple: selectMultiple,
  geopoint,
  image,
  audio,
  video,
  file,
  calculate,
  note,
};

const FIELD_TYPES = { ...QUESTION_TYPES, id };

/** A field of a response: metadata, or the answer to a question. */
export type Field = Question | IdField;

/** Makes the parser of a field's answers: see `FieldType`. */
export function parserOf(
  field: Field,
): (value: unknown, earlier: Answers, faulty?: ReadonlySet<string>) => AnswerResult {
  return typeOf(field).parser(field);
}

/**
 * The columns of a field's answers in exports. Answers to a question of an unknown type are exported as text: a newer
 * release may have stored such a question before a rollback.
 *
 * @param kindOf the kinds of the facts that a calculation may use. A calculation from another fact is exported as text
 */
export function columnsOf(
  field: Field,
  kindOf: (fact: string) => Kind | undefined = () => undefined,
): readonly AnswerColumn[] {
  const known: FieldType<Field> | undefined = FIELD_TYPES[field.type];
  return known === undefined ? oneColumn('text')(field) : known.columns(field, kindOf);
}

/** The options of a question that can have columns of their own; none if an answer has at most one option. */
export function optionCellsOf(question: Question): readonly OptionCell[] {
  const type: Pick<QuestionType<z.ZodType<Question>>, 'optionCells'> | undefined = QUESTION_TYPES[question.type];
  return type?.optionCells?.(question) ?? [];
}

/** The JSON schema of a field's answers. */
export function jsonSchemaOf(field: Field): JsonSchema {
  return typeOf(field).jsonSchema(field);
}

/**
 * How rules compare the values of a field.
 *
 * @param kindOf the kinds of the facts that a calculation may use
 * @returns undefined if it is a calculation from a fact whose kind is not known, or if its type is unknown
 */
export function kindOfField(field: Field, kindOf: (fact: string) => Kind | undefined): Kind | undefined {
  if (field.type === 'id') return TEXT;
  if (field.type === 'calculate') return kindOfExpression(field.value, kindOf);
  const known: Pick<QuestionType<z.ZodType<Question>>, 'kind'> | undefined = QUESTION_TYPES[field.type];
  return known?.kind;
}

/** The values that a field can have; undefined if it can have every value of its kind. */
export function limitsOf(field: Field): AnswerLimits | undefined {
  if (field.type === 'id') return id.limits(field);
  const type: Pick<QuestionType<z.ZodType<Question>>, 'limits'> = QUESTION_TYPES[field.type];
  return type.limits?.(field);
}

/** The possible values of a count: whole numbers from `min`. */
export function limitsOfCount(min: 0 | 1): AnswerLimits {
  return limitsOfWholeNumbers({ min });
}

function typeOf({ type }: Field): FieldType<Field> {
  return FIELD_TYPES[type];
}

export { type AnswerColumn, type AnswerLimits, nameOf } from './question-type.ts';
