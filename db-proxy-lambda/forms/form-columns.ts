/** The tables of a form and their columns, merged from the form's versions. */
import { isDeepStrictEqual } from 'node:util';
import type { Column } from '../contract.ts';
import { METADATA } from '../../forms/definition/metadata.ts';
import { type Kind, NUMBER } from '../../forms/language/kinds.ts';
import type { Answers } from '../../forms/values/answer.ts';
import {
  type AnswerColumn,
  columnsOf,
  kindOfField,
  nameOf,
  optionCellsOf,
  type Question,
} from '../../forms/question-types/index.ts';
import type { Lists } from '../database/json-lists.ts';
import { type Block, isNested } from './entries.ts';

/** The members of a stored definition that tables need. Definitions are checked when they are stored. */
interface StoredDefinition {
  title?: string;
  spreadsheet_id?: string;
  questions?: readonly Item[];
}

/** A group or a repeat: a question that contains others. */
interface Section {
  type: 'group' | 'repeat';
  key: string;
  name?: string;
  label?: Question['label'];
  questions?: readonly Item[];
}

type Item = Question | Section;

/** The tables of a form: its own, then one for each repeat. */
export interface FormTables {
  spreadsheetId: string | null;
  tables: readonly AnswerTable[];
}

/** A form's answers, or the entries of a repeat. */
export interface AnswerTable {
  /** The form's id; for a repeat, also the names on the way to it, as in `clinic.members.visits`. */
  name: string;
  title: string;
  /** Where the entries are in a response. Empty for the form's own table, whose only entry is the response. */
  lists: Lists;
  /** The positions of an entry, the outermost first. */
  positions: readonly Column[];
  answers: readonly Column[];
  /** Reads the cells of `answers`. */
  blocks: readonly Block[];
}

/** A question in its versions, the newest first, and the groups around it in its table. */
interface Placed {
  versions: [Question, ...Question[]];
  groups: readonly Section[];
  /** The kinds of the facts of the newest version. */
  kinds: Kinds;
}

/** The kinds of metadata, questions and repeats of a version, by path; undefined if a kind is not known. */
type Kinds = Map<string, Kind | undefined>;

const METADATA_KINDS: Kinds = new Map(METADATA.map((field) => [field.key, kindOfField(field, () => undefined)]));

/** The questions of a table, and the sections on the way to it: those of the newest version that has the table. */
interface MergedTable {
  lists: Lists;
  sections: readonly Section[];
  questions: Map<string, Placed>;
}

/**
 * Max characters of a question's label in a heading, and of the label of a group around it. With 2,000 questions, the
 * columns of a table still fit into a reply.
 */
const MAX_LABEL = 200;
const MAX_GROUP_LABEL = 50;

/**
 * Merges the versions of a form into its tables. Columns and tables are in the order of the last version. At the end
 * are those that only earlier versions have, so that no answer is left out. A question is the same in two versions if
 * its keys and the repeats on the way to it are the same.
 *
 * @param withOptions adds a column for each option of the questions whose answers can have several
 */
export function mergeVersions(formId: string, lastFirst: readonly string[], withOptions: boolean): FormTables {
  const definitions = lastFirst.map((definition): StoredDefinition => JSON.parse(definition));
  const [{ title = formId, spreadsheet_id: spreadsheetId = null } = {}] = definitions;
  const merged = new Map<string, MergedTable>();
  const pathsOfSections = new Set<string>();
  for (const { questions = [] } of definitions) {
    mergeItems(questions, [], merged, pathsOfSections, new Map(METADATA_KINDS));
  }

  const taken = new Set<string>();
  const tables = Array.from(merged.values(), ({ lists, sections, questions }): AnswerTable => {
    const columns = Array.from(questions.values(), (placed) =>
      placedColumns(sections, placed, pathsOfSections, withOptions),
    ).flat();
    return {
      name: unusedName([formId, ...sections.map(nameOf)].join('.'), taken),
      title: [title, ...sections.map(({ label, key }) => headingOf(label) ?? key)].join(': '),
      lists,
      positions: positionColumns(sections),
      answers: columns.map(({ column }) => column),
      blocks: blocksOf(columns),
    };
  });
  return { spreadsheetId, tables };
}

/** Adds the questions of a version that newer versions lack, and the tables that they are in. */
function mergeItems(
  items: readonly Item[],
  around: readonly Section[],
  merged: Map<string, MergedTable>,
  pathsOfSections: Set<string>,
  kinds: Kinds,
): void {
  const lastRepeat = around.findLastIndex(({ type }) => type === 'repeat');
  const sections = around.slice(0, lastRepeat + 1);
  const groups = around.slice(lastRepeat + 1);
  const lists = listsOf(sections);
  const nameOfTable = JSON.stringify(lists);
  const table = merged.get(nameOfTable) ?? { lists, sections, questions: new Map<string, Placed>() };
  merged.set(nameOfTable, table);
  for (const item of items) {
    const fact = [...around, item].map(({ key }) => key).join('/');
    if (isSection(item)) {
      pathsOfSections.add(pathOf([...around, item]));
      if (item.type === 'repeat') kinds.set(fact, NUMBER);
      mergeItems(item.questions ?? [], [...around, item], merged, pathsOfSections, kinds);
      continue;
    }
    const kind = kindOfField(item, (earlier) => kinds.get(earlier));
    kinds.set(fact, kind);
    const path = pathOf([...groups, item]);
    const later = table.questions.get(path);
    if (later === undefined) table.questions.set(path, { versions: [item], groups, kinds });
    else later.versions.push(item);
  }
}

function isSection(item: Item): item is Section {
  const type: string = item.type;
  return type === 'group' || type === 'repeat';
}

function pathOf(items: readonly Item[]): string {
  return JSON.stringify(items.map(({ key }) => key));
}

/** For each repeat, the keys on the way to its list from the entry around it. */
function listsOf(sections: readonly Section[]): Lists {
  const lists: string[][] = [];
  let keys: string[] = [];
  for (const { type, key } of sections) {
    keys.push(key);
    if (type === 'group') continue;
    lists.push(keys);
    keys = [];
  }
  return lists;
}

/** The name, or the name with a number if a table has it. Google ignores case when it compares the titles of tabs. */
function unusedName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${name}_${number}`;
  taken.add(free.toLowerCase());
  return free;
}

/**
 * The innermost position is `position`; those around it are `members_position`, `members/visits_position` and so on.
 */
function positionColumns(sections: readonly Section[]): Column[] {
  return sections.flatMap(({ type }, index) => {
    if (type === 'group') return [];
    if (index === sections.length - 1) return [{ name: 'position', type: 'number' as const }];
    const path = sections.slice(0, index + 1);
    const named = path.map(({ key }) => key).join('/');
    return [
      describe({ name: `${named}_position`, short_name: `${path.map(nameOf).join('/')}_position`, type: 'number' }),
    ];
  });
}

/** A column, the keys of the groups around its question, and how to read its cell from the innermost of them. */
interface PlacedColumn {
  column: Column;
  keys: readonly string[];
  cell: AnswerColumn['cell'];
}

/**
 * The columns of a question, named by its path in the form. Labels of groups come before its heading, as in
 * `House/Roof`. Groups without a label are left out there: most of them only share a page of the phone.
 */
function placedColumns(
  sections: readonly Section[],
  { versions, groups, kinds }: Placed,
  pathsOfSections: ReadonlySet<string>,
  withOptions: boolean,
): PlacedColumn[] {
  const [question, ...earlier] = versions;
  const path = [...sections, ...groups];
  const keys = groups.map(({ key }) => key);
  const prefix = path.map(({ key }) => `${key}/`).join('');
  const shortPrefix = path.map((section) => `${nameOf(section)}/`).join('');
  const labels = groups.flatMap((group) => headingOf(group.label, MAX_GROUP_LABEL) ?? []);
  // Whether a group or a repeat of another version has this path: its answers have their own columns.
  const wasSection = pathsOfSections.has(pathOf([...path, question]));
  const columns = [...labelledColumns(question, kinds), ...(withOptions ? optionColumns(question, earlier) : [])];
  return columns.map(({ name, short_name: shortName, label, type, cell }) => ({
    column: describe({
      name: prefix + name,
      short_name: shortPrefix + shortName,
      ...((label !== undefined || labels.length > 0) && { label: [...labels, label ?? name].join('/') }),
      type,
    }),
    keys,
    cell: wasSection ? (answers: Answers) => (isNested(answers[question.key]) ? null : cell(answers)) : cell,
  }));
}

/** `short_name` is left out if it equals the name. */
function describe({ name, short_name: shortName, ...column }: Column): Column {
  return { name, ...(shortName !== name && { short_name: shortName }), ...column };
}

/** A column of a question, headed by the question's label if it has one. */
type LabelledColumn = AnswerColumn & { readonly label?: string };

/** The columns of a question. A question with several columns adds the part to its label, as in `Where? latitude`. */
function labelledColumns(question: Question, kinds: Kinds): readonly LabelledColumn[] {
  const label = headingOf(question.label);
  return columnsOf(question, (fact) => kinds.get(fact)).map((column) => {
    if (label === undefined) return column;
    const part = column.name.slice(question.key.length).replace('_', ' ');
    return { ...column, label: label + part };
  });
}

/**
 * A column for each option of a question, such as `symptoms/fever`. At the end are the options that only earlier
 * versions have, so that no answer is left out.
 */
function optionColumns(question: Question, earlier: readonly Question[]): LabelledColumn[] {
  const { key } = question;
  const label = headingOf(question.label);
  const columns = new Map<string, LabelledColumn>();
  for (const option of [question, ...earlier].flatMap(optionCellsOf)) {
    if (columns.has(option.name)) continue;
    const optionLabel = headingOf(option.label);
    columns.set(option.name, {
      name: `${key}/${option.name}`,
      short_name: `${nameOf(question)}/${option.name}`,
      ...((label ?? optionLabel) !== undefined && { label: `${label ?? key}/${optionLabel ?? option.name}` }),
      type: 'number',
      cell: option.cell,
    });
  }
  return [...columns.values()];
}

/** A label as a heading: in English, or in its first language if it has no English text; on one line. */
function headingOf(label: Question['label'], maxLength = MAX_LABEL): string | undefined {
  const text = typeof label === 'object' ? (label['en'] ?? Object.values(label)[0]) : label;
  const line = text?.replaceAll(/\s+/g, ' ').trim() ?? '';
  return Array.from(line).slice(0, maxLength).join('') || undefined;
}

/** Joins neighbouring columns in the same group, so that the group is looked up once a row. */
function blocksOf(columns: readonly PlacedColumn[]): Block[] {
  const blocks: { keys: readonly string[]; cells: AnswerColumn['cell'][] }[] = [];
  for (const { keys, cell } of columns) {
    const last = blocks.at(-1);
    if (last !== undefined && isDeepStrictEqual(last.keys, keys)) last.cells.push(cell);
    else blocks.push({ keys, cells: [cell] });
  }
  return blocks;
}
