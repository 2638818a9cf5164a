/** What the facts of a form are called and how their values compare. */
import { type Fact, isObject } from './language.ts';

/** How values compare, which decides the comparisons to choose from. `choice` is one option, `options` are several. */
export type Kind = 'number' | 'text' | 'boolean' | 'date' | 'time' | 'time of day' | 'choice' | 'options' | 'presence';

export interface Option {
  /** The value that responses and rules have. */
  name: string;
  label: string;
}

export interface Named {
  /** The name that rules use: a key, or a path such as `people/age`. */
  fact: string;
  /** No two have the same label, and no label is the fact of another. */
  label: string;
  kind: Kind;
  options: readonly Option[];
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
  time_of_day: 'time of day',
  select_one: 'choice',
  choice: 'choice',
  select_multiple: 'options',
  geopoint: 'presence',
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

/** A question's options. An option without a label is called by its name. */
export const optionsOf = (question: Record<string, unknown>): Option[] =>
  [question['options'] ?? []].flat().map((option: unknown) => {
    const name = isObject(option) ? nameOf(option) : String(option);
    return { name, label: (isObject(option) ? textOf(option['label']) : undefined) ?? name };
  });

export const childrenOf = (question: Record<string, unknown>): Record<string, unknown>[] =>
  [question['questions'] ?? []].flat().filter(isObject);

/** A question, and the expression of a calculation. */
type Asked = Named & { value?: unknown };

function questionsIn(questions: readonly Record<string, unknown>[], around: readonly string[], path: string): Asked[] {
  return questions.flatMap((question) => {
    const fact = path + keyOf(question);
    const type = stringIn(question, 'type') ?? '';
    const label = [labelOf(question), ...around].join(', ');
    const inside = questionsIn(childrenOf(question), [labelOf(question), ...around], `${fact}/`);
    if (type === 'group' || type === 'note') return inside;
    const own = { fact, label, kind: KINDS[type] ?? 'text', options: optionsOf(question), value: question['value'] };
    return [type === 'repeat' ? { ...own, label: `the number of the entry in ${label}` } : own, ...inside];
  });
}

const MIN_OR_MAX = new Set(['min', 'max']);

/** `min` and `max` give the kind of their operand, `now` gives a time, and other operators give numbers. */
function kindOfExpression(value: unknown, known: readonly Named[]): Kind {
  if (typeof value === 'string') return known.find(({ fact }) => fact === value)?.kind ?? 'number';
  if (!isObject(value)) return 'number';
  const [[operator, operand] = ['', undefined]] = Object.entries(value);
  if (operator === 'now') return 'time';
  return MIN_OR_MAX.has(operator) ? kindOfExpression([operand].flat()[0], known) : 'number';
}

/** Appends the path to a label that is also the label or the fact of another question. */
function distinct(all: readonly Named[]): Named[] {
  const times = Map.groupBy(all, ({ label }) => label);
  const facts = new Set(all.map(({ fact }) => fact));
  return all.map((each) => {
    const isClear = times.get(each.label)?.length === 1 && (each.label === each.fact || !facts.has(each.label));
    return isClear ? each : { ...each, label: `${each.label} (${each.fact})` };
  });
}

/** All that rules can compare: questions, metadata, and derived facts by their names. */
export function namedIn({ questions, facts }: Definition): Named[] {
  const metadata: Named[] = METADATA.map(([fact, label, kind]) => ({ fact, label, kind, options: [] }));
  const named: Named[] = [];
  for (const { value, ...own } of questionsIn(questions.filter(isObject), [], '')) {
    named.push(value === undefined ? own : { ...own, kind: kindOfExpression(value, [...named, ...metadata]) });
  }
  named.push(...metadata);
  for (const { name, value } of facts) {
    const kind = value === undefined ? 'number' : kindOfExpression(value, named);
    named.push({ fact: name, label: name.replaceAll('_', ' '), kind, options: [] });
  }
  return distinct(named);
}
