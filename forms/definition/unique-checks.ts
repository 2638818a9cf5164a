/** Checks of the lists of `unique` in a form. */
import { type Fault, pointerTo } from '../values/fault.ts';
import { checkNames, type Element, type FactCatalogue, memberOf, PLACEHOLDERS } from './form-checks.ts';
import type { Rule, UniqueList } from './form-definition.ts';
import { PLACE } from '../language/kinds.ts';
import { isMetadata } from './metadata.ts';
import type { PlacedElement } from './question-checks.ts';
import { ROOT } from '../language/scope.ts';

/** Stands for the id of the other response in a message. */
export const OTHER_PLACEHOLDER = '{other}';

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
  const places = [...message.matchAll(PLACEHOLDERS)].map(([place, fact = '']) => ({ place, fact }));
  const unknown = places.find(({ place, fact }) => place !== OTHER_PLACEHOLDER && questions.get(fact)?.scope !== ROOT);
  if (unknown !== undefined)
    return `Put the path of a question outside of repeats, or the key of metadata, in ${unknown.place}.`;
  if (/[{}]/.test(message.replaceAll(PLACEHOLDERS, '')))
    return 'Close every { with a }; braces only mark placeholders.';
  return places.filter(({ place }) => place === OTHER_PLACEHOLDER).length === 1
    ? undefined
    : `Put ${OTHER_PLACEHOLDER} into the message once; it stands for the id of the other response.`;
}
