/** The file of a collector's flagged and returned responses, from which the corrections form fills in the answers. */
import { createHash } from 'node:crypto';
import type { FormDefinition } from '../../definition/form-definition.ts';
import type { Question } from '../../question-types/index.ts';
import { type Answers, isAnswer, textOf } from '../../values/answer.ts';
import { isJsonObject } from '../../values/json.ts';
import { plainCorrectionsInstance } from './corrections-instance.ts';
import { instanceText } from './instance-xml.ts';
import type { InstanceNode } from '../instance-nodes.ts';
import type { Steps } from '../to-xpath/places.ts';

/** The name of the file in the form's manifest. */
export const FLAGGED_CSV = 'flagged.csv';

/** A flagged or returned response as the database has it. */
export type FlaggedResponse = {
  readonly response_id: string;
  readonly revision: number;
  /** Metadata and answers by key. */
  readonly response: Answers;
  readonly flags: readonly { readonly message: string }[];
  /** What managers and collectors wrote about it, oldest first. */
  readonly reviews?: readonly { readonly text: string | null }[];
};

/** A question whose answer is filled in: the column of the file, and its element. */
export type FilledQuestion = {
  readonly column: string;
  readonly steps: Steps;
  readonly keys: readonly string[];
  readonly question: Question;
};

/** Max answers in the label of a response, and max characters of each. */
const LABEL_ANSWERS = 3;
const LABEL_CHARACTERS = 40;

/**
 * The file's content: a line for each response. A line has the response's id as `name`, a label, the texts of its
 * reviews and flags, its revision, and its answers as the form's elements have them. Every value is quoted, so blanks,
 * quotes, line breaks and leading equals signs are preserved.
 */
export function flaggedCsv(definition: FormDefinition, flagged: readonly FlaggedResponse[]): string {
  const questions = filledQuestions(definition);
  const lines = flagged.map(({ response_id, revision, response, flags, reviews = [] }) => [
    response_id,
    labelOf(response, questions),
    [...reviews.flatMap(({ text }) => text ?? []), ...flags.map(({ message }) => message)].join('\n'),
    String(revision),
    ...questions.map(({ keys, question }) => instanceText(question.type, answerAt(response, keys))),
  ]);
  return [['name', 'label', 'reasons', 'revision', ...questions.map(({ column }) => column)], ...lines]
    .map((values) => `${values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')}\n`)
    .join('');
}

/** The version of a corrections form: it changes with its file, and with nothing else. */
export function correctionsVersion(csv: string): string {
  return createHash('sha256').update(csv).digest('hex').slice(0, 16);
}

/** The questions whose answers the corrections form fills in, in the order of the columns. */
export function filledQuestions(definition: FormDefinition): FilledQuestion[] {
  const found: Omit<FilledQuestion, 'column'>[] = [];
  const visit = (nodes: readonly InstanceNode[], around: Steps, keys: readonly string[]) => {
    for (const each of nodes) {
      const steps = [...around, each.node];
      if (each.kind === 'section') visit(each.nodes, steps, [...keys, each.section.key]);
      if (each.kind !== 'question') continue;
      const { question } = each;
      if (question.type === 'note' || question.type === 'calculate') continue;
      found.push({ steps, keys: [...keys, question.key], question });
    }
  };
  visit(plainCorrectionsInstance(definition, '', '').nodes, [], []);
  return found.map((each, index) => ({ ...each, column: `answer_${index + 1}` }));
}

function answerAt(response: Answers, keys: readonly string[]): unknown {
  let value: unknown = response;
  for (const key of keys) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** A label by which the collector recognizes a response: the day on which it was submitted, and its first answers. */
export function labelOf(response: Answers, questions: readonly FilledQuestion[]): string {
  const { submitted_time: submitted } = response;
  const answers = questions
    .map(({ keys }) => answerAt(response, keys))
    .filter(isAnswer)
    .map((answer) => shortened(textOf(answer)))
    .filter((answer) => answer !== '')
    .slice(0, LABEL_ANSWERS);
  return [...(typeof submitted === 'string' ? [submitted.slice(0, 'YYYY-MM-DD'.length)] : []), ...answers].join(', ');
}

function shortened(text: string): string {
  const characters = Array.from(text.replaceAll(/\s+/g, ' ').trim());
  if (characters.length <= LABEL_CHARACTERS) return characters.join('');
  return `${characters.slice(0, LABEL_CHARACTERS - 1).join('')}…`;
}
