/** What the facts of a form are called and how their values compare. */
import { type Fact, isObject } from './language.ts';

/** How values compare, which decides the comparisons to choose from. */
export type Kind = 'number' | 'text' | 'boolean' | 'date' | 'time' | 'options' | 'presence';

export interface Named {
  /** As rules name it: a key, or a path such as `people/age`. */
  fact: string;
  label: string;
  kind: Kind;
  /** The names of the options, if it has some. */
  options: readonly string[];
}

/** The definition of a form, as far as names need it. */
export interface Definition {
  questions: readonly unknown[];
  facts: readonly Fact[];
}

const METADATA: readonly [string, string, Kind][] = [
  ['response_id', 'response id', 'text'],
  ['response_family_id', 'response family id', 'text'],
  ['user_id', 'collector', 'text'],
  ['username', 'username', 'text'],
  ['location', 'location', 'text'],
  ['submitted_time', 'submitted time', 'time'],
  ['synced_time', 'synced time', 'time'],
  ['last_modified_time', 'last modified time', 'time'],
];

const KINDS: Record<string, Kind> = {
  integer: 'number',
  decimal: 'number',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  datetime: 'time',
  time_of_day: 'time',
  select_multiple: 'options',
  geopoint: 'presence',
  calculate: 'number',
  repeat: 'number',
};

/** A text in English, else in its first language. */
export function textOf(texts: unknown): string | undefined {
  if (typeof texts === 'string') return texts;
  if (!isObject(texts)) return undefined;
  const text = texts['en'] ?? Object.values(texts)[0];
  return typeof text === 'string' ? text : undefined;
}

const stringIn = (object: Record<string, unknown>, member: string): string | undefined => {
  const value = object[member];
  return typeof value === 'string' ? value : undefined;
};

export const nameOf = (question: Record<string, unknown>): string =>
  stringIn(question, 'name') ?? stringIn(question, 'column') ?? stringIn(question, 'key') ?? '';

export const keyOf = (question: Record<string, unknown>): string => stringIn(question, 'key') ?? nameOf(question);

/** The label of a question; without one, its name with blanks: `monthly expenditure`. */
export const labelOf = (question: Record<string, unknown>): string =>
  textOf(question['label']) ?? nameOf(question).replaceAll('_', ' ');

/** The names of a question's options. */
export const optionsOf = (question: Record<string, unknown>): string[] =>
  [question['options'] ?? []]
    .flat()
    .map((option: unknown) => (isObject(option) ? nameOf(option) : typeof option === 'string' ? option : ''));

export const childrenOf = (question: Record<string, unknown>): Record<string, unknown>[] =>
  [question['questions'] ?? []].flat().filter(isObject);

function questionsIn(questions: readonly Record<string, unknown>[], around: readonly string[], path: string): Named[] {
  return questions.flatMap((question) => {
    const fact = path + keyOf(question);
    const type = stringIn(question, 'type') ?? '';
    const label = [labelOf(question), ...around].join(', ');
    const inside = questionsIn(childrenOf(question), [labelOf(question), ...around], `${fact}/`);
    if (type === 'group' || type === 'note') return inside;
    const own = { fact, label, kind: KINDS[type] ?? 'text', options: optionsOf(question) };
    return [type === 'repeat' ? { ...own, label: `the number of the entry in ${label}` } : own, ...inside];
  });
}

const MIN_OR_MAX = new Set(['min', 'max']);

/** Expressions give numbers; `min` and `max` give what their operand is. */
function kindOfExpression(value: unknown, known: readonly Named[]): Kind {
  if (typeof value === 'string') return known.find(({ fact }) => fact === value)?.kind ?? 'number';
  if (!isObject(value)) return 'number';
  const [[operator, operand] = ['', undefined]] = Object.entries(value);
  if (operator === 'now') return 'time';
  return MIN_OR_MAX.has(operator) ? kindOfExpression([operand].flat()[0], known) : 'number';
}

/** The questions and the metadata that rules can compare. A label that occurs twice gets its path. */
export function questionsOf({ questions }: Definition): Named[] {
  const own = questionsIn(questions.filter(isObject), [], '');
  const metadata = METADATA.map(([fact, label, kind]) => ({ fact, label, kind, options: [] }));
  const all = [...own, ...metadata];
  const times = Map.groupBy(all, ({ label }) => label);
  return all.map((each) =>
    (times.get(each.label)?.length ?? 0) > 1 ? { ...each, label: `${each.label} (${each.fact})` } : each,
  );
}

/** All that rules can compare: questions, metadata, and derived facts by their names. */
export function namedIn(definition: Definition): Named[] {
  const named = questionsOf(definition);
  for (const { name, value } of definition.facts) {
    const kind = value === undefined ? 'number' : kindOfExpression(value, named);
    named.push({ fact: name, label: name.replaceAll('_', ' '), kind, options: [] });
  }
  return named;
}
