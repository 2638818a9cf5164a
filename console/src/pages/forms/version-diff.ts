/** What differs between two versions of a form, in words. */
import type { components } from '../../../shared/openapi.d.ts';
import { isObject } from './rules/language.ts';
import { childrenOf, keyOf, type Definition } from './rules/names.ts';
import { createWording, plain } from './rules/sentences.ts';

export type StoredForm = components['schemas']['StoredForm'];

export interface Change {
  kind: 'added' | 'removed' | 'changed';
  /** `Question`, `Rule` and so on. */
  what: string;
  name: string;
  before?: string;
  after?: string;
}

type Parts = Map<string, string>;

const sorted = (_: string, value: unknown): unknown =>
  isObject(value) ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value;

/** An object as text, whatever the order of its members. */
const textOfObject = (value: unknown): string => JSON.stringify(value, sorted, 1);

/** Whether two values are the same, whatever the order of their members. */
export const isSame = (one: unknown, other: unknown): boolean => textOfObject(one) === textOfObject(other);

function questionParts(questions: readonly unknown[], around = ''): [string, string][] {
  return questions.filter(isObject).flatMap((question) => {
    const { questions: _, ...own } = question;
    const path = around + keyOf(question);
    return [[path, textOfObject(own)] as [string, string], ...questionParts(childrenOf(question), `${path}/`)];
  });
}

const SETTINGS: readonly [string, keyof StoredForm][] = [
  ['Title', 'title'],
  ['State', 'state'],
  ['Spreadsheet', 'spreadsheet_id'],
  ['XForm', 'xform'],
];

/** A setting as text. A missing setting has its default. */
const settingOf = (form: StoredForm, member: keyof StoredForm): string => {
  const value = form[member] ?? (member === 'state' ? 'open' : '');
  return typeof value === 'string' ? value : textOfObject(value);
};

function ruleParts(form: StoredForm): Parts {
  const wording = createWording(form);
  return new Map(
    form.rules.map(({ name, message, conditions }) => {
      const sentence = wording.rule(conditions);
      return [name, `${sentence === undefined ? textOfObject(conditions) : plain(sentence)}.\n${message}`];
    }),
  );
}

/** The parts of a form, by kind and name. */
function partsOf(form: StoredForm): Map<string, Parts> {
  const wording = createWording(form);
  return new Map([
    ['Setting', new Map(SETTINGS.map(([label, member]) => [label, settingOf(form, member)]))],
    ['Question', new Map(questionParts(form.questions))],
    ['Derived fact', new Map(form.facts.map((fact) => [fact.name, plain(wording.fact(fact))]))],
    ['Rule', ruleParts(form)],
    ['No duplicates', new Map((form.unique ?? []).map((list) => [list.name, textOfObject(list)]))],
  ]);
}

/** @returns the changes from one version to another; none if they are the same */
export function changesBetween(before: StoredForm, after: StoredForm): Change[] {
  const next = partsOf(after);
  return [...partsOf(before)].flatMap(([what, old]) => {
    const now = next.get(what) ?? new Map<string, string>();
    const names = [...new Set([...old.keys(), ...now.keys()])];
    return names.flatMap((name) => changeOf(what, name, old.get(name), now.get(name)) ?? []);
  });
}

function changeOf(
  what: string,
  name: string,
  before: string | undefined,
  after: string | undefined,
): Change | undefined {
  if (before === after) return undefined;
  if (before === undefined) return after === undefined ? undefined : { kind: 'added', what, name, after };
  return after === undefined ? { kind: 'removed', what, name, before } : { kind: 'changed', what, name, before, after };
}

/** The number of questions of a definition, without groups and notes. */
export const countQuestions = ({ questions }: Pick<Definition, 'questions'>): number =>
  questions.filter(isObject).reduce((sum: number, question) => {
    const inside = countQuestions({ questions: childrenOf(question) });
    return sum + inside + (['group', 'repeat', 'note'].includes(String(question['type'])) ? 0 : 1);
  }, 0);
