/** The questions of a definition as rows, each with its depth, and with its conditions in words. */
import { isObject } from './rules/language.ts';
import { childrenOf, keyOf, nameOf, optionsOf, textOf, type Definition } from './rules/names.ts';
import { createWording, type Sentence, type Wording } from './rules/sentences.ts';

export interface QuestionRow {
  /** The path that rules use. */
  path: string;
  /** 1 for a question of the form itself. */
  depth: number;
  label: string;
  hint: string | undefined;
  name: string;
  /** Its type and bounds: `whole number, 0 to 130`. */
  type: string;
  options: string[];
  /** `yes`, `no`, or when. */
  required: Sentence;
  /** When it is asked; undefined if always. */
  relevant: Sentence | undefined;
  /** When its constraint flags, and the message. */
  constraint: { flags: Sentence; message: string } | undefined;
}

/** The types of questions, in words. */
export const TYPES: Readonly<Record<string, string>> = {
  text: 'text',
  integer: 'whole number',
  decimal: 'amount',
  boolean: 'yes or no',
  date: 'date',
  time_of_day: 'time of day',
  datetime: 'date and time',
  time: 'date and time',
  select_one: 'one option',
  choice: 'one option',
  select_multiple: 'several options',
  geopoint: 'place',
  image: 'photo',
  audio: 'recording',
  video: 'video',
  file: 'file',
  calculate: 'calculated',
  note: 'note',
  group: 'group',
  repeat: 'repeat',
};

const asText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

function boundsOf({ min, max }: Record<string, unknown>): string | undefined {
  const low = asText(min);
  const high = asText(max);
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  if (low !== undefined) return `at least ${low}`;
  return high === undefined ? undefined : `at most ${high}`;
}

function typeOf(question: Record<string, unknown>): string {
  const type = String(question['type']);
  const pattern = asText(question['pattern']);
  return [TYPES[type] ?? type, boundsOf(question), pattern && `pattern ${pattern}`].filter(Boolean).join(', ');
}

const NEVER_REQUIRED = new Set(['group', 'repeat', 'note', 'calculate']);

function requiredOf(question: Record<string, unknown>, wording: Wording): Sentence {
  const { required = true, type } = question;
  if (NEVER_REQUIRED.has(String(type)) || required === false) return [{ text: 'no' }];
  return required === true ? [{ text: 'yes' }] : [{ text: 'when ' }, ...wording.condition(required)];
}

function rowOf(question: Record<string, unknown>, path: string, depth: number, wording: Wording): QuestionRow {
  const { relevant, constraint, value } = question;
  const type = typeOf(question);
  return {
    path,
    depth,
    label: textOf(question['label']) ?? keyOf(question),
    hint: textOf(question['hint']),
    name: nameOf(question),
    type: value === undefined ? type : `${type}: ${wording.expression(value)}`,
    options: optionsOf(question).map((option) => option.label),
    required: requiredOf(question, wording),
    relevant: relevant === undefined ? undefined : wording.condition(relevant),
    constraint: isObject(constraint)
      ? {
          flags: wording.rule(constraint['conditions']) ?? [{ text: JSON.stringify(constraint['conditions']) }],
          message: String(constraint['message']),
        }
      : undefined,
  };
}

/** All questions, groups and repeats, in the order of the form. */
export function questionRows(definition: Definition): QuestionRow[] {
  const wording = createWording(definition);
  const rowsIn = (questions: readonly unknown[], around: string, depth: number): QuestionRow[] =>
    questions.filter(isObject).flatMap((question) => {
      const path = around + keyOf(question);
      return [rowOf(question, path, depth, wording), ...rowsIn(childrenOf(question), `${path}/`, depth + 1)];
    });
  return rowsIn(definition.questions, '', 1);
}
