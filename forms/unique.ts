/** Answers that no two responses of a form should share, such as the number of an identity card. */
import { hash } from 'node:crypto';
import { canonicalAmount } from './amount.ts';
import { type Answer, type Answers, isAnswer, textOf } from './answer.ts';
import { type Fault, pointerTo } from './fault.ts';
import { cutText, fitFlags, type Flag, MAX_FIGURE_BYTES, MAX_FLAGS_BYTES, MAX_MESSAGE_BYTES } from './flags.ts';
import { checkNames, type Element, type FactCatalogue, memberOf, PLACES } from './form-checks.ts';
import type { FormDefinition, Rule, UniqueList } from './form-definition.ts';
import { kindsOf } from './facts.ts';
import { answerAt } from './frame.ts';
import { type Kind, PLACE, TEXT } from './kinds.ts';
import { isMetadata } from './metadata.ts';
import type { PlacedElement } from './question-checks.ts';
import { placesOf } from './question-tree.ts';
import { ROOT } from './scope.ts';
import { shiftDays, toInstant } from './time.ts';

/** What one list of `unique` says of one response: all that the database needs to find another with the same answers. */
export type UniqueKey = {
  /** SHA-256, in hex, of the questions and the answers, in a form in which equal answers are equal. */
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

/** Stands for the id of the other response in a message. */
const OTHER_PLACE = '{other}';

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
 * Checks the lists of `unique`: names that no rule and no question has, questions of the form that can be equal, and
 * messages that name the other response once.
 *
 * @param questions with metadata, and without derived facts
 */
export function checkUnique(
  lists: readonly Element<UniqueList>[],
  rules: readonly Element<Rule>[],
  items: readonly PlacedElement[],
  questions: FactCatalogue,
  faults: Fault[],
): void {
  checkNames(lists, 'name', faults);
  const names = new Map(lists.map(({ pointer, raw }) => [memberOf(raw, 'name') ?? '', pointer]));
  for (const { pointer, raw } of rules) {
    const list = names.get(memberOf(raw, 'name') ?? '');
    if (list === undefined) continue;
    const detail = `Choose another name; ${list} has this one.`;
    faults.push({ pointer: pointer + pointerTo('name'), detail });
  }
  const itemNames = new Set(items.flatMap(({ name, path }) => [name, path]));
  const sets = new Map<string, string>();
  for (const { pointer, value } of lists) {
    if (value === undefined) continue;
    const add = (detail: string, ...path: (string | number)[]) =>
      faults.push({ pointer: pointer + pointerTo(...path), detail });
    if (itemNames.has(value.name)) add('Choose another name; a question has this name or key.', 'name');
    for (const [position, key] of value.questions.entries()) {
      const detail = questionFault(key, value.questions.indexOf(key) < position, questions);
      if (detail !== undefined) add(detail, 'questions', position);
    }
    const set = JSON.stringify(value.questions.toSorted());
    const same = sets.get(set);
    if (same === undefined) sets.set(set, pointer);
    else add(`Name other questions; ${same} has the same.`, 'questions');
    const detail = value.message === undefined ? undefined : messageFault(value.message, questions);
    if (detail !== undefined) add(detail, 'message');
  }
}

function questionFault(key: string, isRepeated: boolean, questions: FactCatalogue): string | undefined {
  const found = questions.get(key);
  if (found === undefined || isMetadata(key)) return 'Name a question of the form by its path.';
  if (found.scope !== ROOT) return 'Name a question outside of repeats; in a repeat it has several answers.';
  if (found.question?.type === 'calculate') return 'Name the questions from which this one is calculated.';
  if (isRepeated) return 'Name each question once.';
  return found.kind === PLACE ? 'Name another question; two measured places are never equal.' : undefined;
}

function messageFault(message: string, questions: FactCatalogue): string | undefined {
  const places = [...message.matchAll(PLACES)].map(([place, fact = '']) => ({ place, fact }));
  const unknown = places.find(({ place, fact }) => place !== OTHER_PLACE && questions.get(fact)?.scope !== ROOT);
  if (unknown !== undefined)
    return `Put the path of a question outside of repeats, or the key of metadata, in ${unknown.place}.`;
  if (/[{}]/.test(message.replaceAll(PLACES, ''))) return 'Close every { with a }; braces only mark placeholders.';
  return places.filter(({ place }) => place === OTHER_PLACE).length === 1
    ? undefined
    : `Put ${OTHER_PLACE} into the message once; it stands for the id of the other response.`;
}

/**
 * Prepares the lists of `unique`.
 *
 * @returns a function of a response's answers, as submitted or as stored: a key for each list whose questions are all
 * answered. The same answers give the same keys in every version of the form, whatever the list is called.
 */
export function compileUnique(definition: FormDefinition): (answers: Answers) => UniqueKey[] {
  const { questions } = placesOf(definition.questions);
  const kinds = kindsOf(questions);
  const keysOf = new Map(questions.map(({ path, keys }) => [path, keys]));
  const answerTo = (path: string, answers: Answers) => answerAt(answers, keysOf.get(path) ?? [path]);
  const lists = (definition.unique ?? []).map((list) => ({
    ...list,
    message: list.message ?? `Response ${OTHER_PLACE} has the same answers to: ${list.questions.join(', ')}.`,
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

/** An answer in a form in which equal answers are equal; undefined if there is none, or none of the question's type. */
function canonicalOf(kind: Kind | undefined, answer: unknown): string | boolean | string[] | undefined {
  if (kind === undefined) return undefined;
  const { valueOf, valueOfAnswer = valueOf } = kind;
  const value = valueOfAnswer(answer);
  if (typeof value === 'string') return (kind === TEXT ? folded(value) : value) || undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  if ('toFixed' in value) return canonicalAmount(value.toFixed());
  return value.size === 0 ? undefined : [...value].toSorted();
}

/** A text without what people type differently: case, and blanks around and between words. */
function folded(text: string): string {
  return text.normalize('NFC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
}

function messageOf(message: string, answerTo: (path: string) => unknown): string {
  const figureOf = (path: string) => {
    const answer = answerTo(path);
    return isAnswer(answer) ? cutText(textOf(answer), MAX_FIGURE_BYTES) : 'no answer';
  };
  const filled = message.replaceAll(PLACES, (place, path: string) => (place === OTHER_PLACE ? OTHER : figureOf(path)));
  return cutText(filled, MAX_MESSAGE_BYTES);
}

function isAnswered(entry: unknown[]): entry is [string, Answer] {
  return isAnswer(entry[1]);
}
