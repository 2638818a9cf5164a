/** Answers that no two responses of a form should share, such as the number of an identity card. */
import { hash } from 'node:crypto';
import { canonicalAmount } from '../values/amount.ts';
import { type Answer, type Answers, isAnswer, textOf } from '../values/answer.ts';
import { kindsOf } from './facts.ts';
import { cutText, fitFlags, type Flag, MAX_FIGURE_BYTES, MAX_FLAGS_BYTES, MAX_MESSAGE_BYTES } from './flags.ts';
import { PLACEHOLDERS } from '../definition/form-checks.ts';
import type { FormDefinition } from '../definition/form-definition.ts';
import { answerAt } from '../language/frame.ts';
import { type Kind, TEXT } from '../language/kinds.ts';
import { placesOf } from '../definition/question-tree.ts';
import { shiftDays, toInstant } from '../values/time.ts';
import { OTHER_PLACEHOLDER } from '../definition/unique-checks.ts';

/**
 * One list of `unique` for one response: all that the database needs to find another response with the same answers.
 */
export type UniqueKey = {
  /** SHA-256, in hex, of the questions and their canonical answers. */
  readonly hash: string;
  /** The `submitted_time` as an instant. */
  readonly at: string;
  /** Only responses submitted from `from` to `to` count; without it, all do. */
  readonly within?: { readonly from: string; readonly to: string };
  /** The flag if there is another response. Its message has {@link OTHER} in place of that response's id. */
  readonly flag: Flag;
};

/** The control character SUBSTITUTE. No answer may contain control characters, so it is never part of a figure. */
const OTHER = '\u001A';

/** A flag that names the other response. */
export function flagNaming({ flag }: Pick<UniqueKey, 'flag'>, otherId: string): Flag {
  return {
    ...flag,
    message: cutText(
      flag.message.replaceAll(OTHER, () => otherId),
      MAX_MESSAGE_BYTES,
    ),
  };
}

/**
 * Prepares the lists of `unique`.
 *
 * @returns a function that takes a response's answers, as submitted or as stored, and returns a key for each list whose
 * questions are all answered. The same answers give the same keys in every version of the form, whatever the list is
 * called.
 */
export function compileUnique(definition: FormDefinition): (answers: Answers) => UniqueKey[] {
  const { questions } = placesOf(definition.questions);
  const kinds = kindsOf(questions);
  const keysOf = new Map(questions.map(({ path, keys }) => [path, keys]));
  const answerTo = (path: string, answers: Answers) => answerAt(answers, keysOf.get(path) ?? [path]);
  const lists = (definition.unique ?? []).map((list) => ({
    ...list,
    message: list.message ?? `Response ${OTHER_PLACEHOLDER} has the same answers to: ${list.questions.join(', ')}.`,
    sorted: list.questions.toSorted(),
  }));

  const keyOf = (list: (typeof lists)[number], answers: Answers, at: string): UniqueKey[] => {
    const same: [string, unknown][] = [];
    for (const key of list.sorted) {
      const canonical = canonicalOf(kinds.get(key), answerTo(key, answers));
      if (canonical === undefined) return [];
      same.push([key, canonical]);
    }
    const { name, within } = list;
    const values = list.questions.map((key) => [key, answerTo(key, answers)]).filter(isAnswered);
    return [
      {
        hash: hash('sha256', JSON.stringify(same)),
        at,
        ...(within !== undefined && { within: { from: shiftDays(at, -within), to: shiftDays(at, within) } }),
        flag: {
          rule: name,
          message: messageOf(list.message, (path) => answerTo(path, answers)),
          questions: list.questions,
          values: Object.fromEntries(values),
        },
      },
    ];
  };

  return (answers) => {
    if (lists.length === 0) return [];
    const submitted = answers['submitted_time'];
    const at = typeof submitted === 'string' ? toInstant(submitted) : undefined;
    if (at === undefined) return [];
    const keys = lists.flatMap((list) => keyOf(list, answers, at));
    const flags = fitFlags(
      keys.map(({ flag }) => flag),
      MAX_FLAGS_BYTES,
    );
    return keys.map((key, index) => ({ ...key, flag: flags[index] ?? key.flag }));
  };
}

/**
 * The canonical form of an answer, the same for equal answers; undefined if it is missing or not of the question's
 * type.
 */
function canonicalOf(kind: Kind | undefined, answer: unknown): string | boolean | string[] | undefined {
  if (kind === undefined) return undefined;
  const { valueOf, valueOfAnswer = valueOf } = kind;
  const value = valueOfAnswer(answer);
  if (typeof value === 'string') return (kind === TEXT ? folded(value) : value) || undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  if ('toFixed' in value) return canonicalAmount(value.toFixed());
  return value.size === 0 ? undefined : [...value].toSorted();
}

/** Removes differences in how people type a text: case, and blanks around and between words. */
function folded(text: string): string {
  return text.normalize('NFC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
}

function messageOf(message: string, answerTo: (path: string) => unknown): string {
  const figureOf = (path: string) => {
    const answer = answerTo(path);
    return isAnswer(answer) ? cutText(textOf(answer), MAX_FIGURE_BYTES) : 'no answer';
  };
  const filled = message.replaceAll(PLACEHOLDERS, (place, path: string) =>
    place === OTHER_PLACEHOLDER ? OTHER : figureOf(path),
  );
  return cutText(filled, MAX_MESSAGE_BYTES);
}

function isAnswered(entry: unknown[]): entry is [string, Answer] {
  return isAnswer(entry[1]);
}
