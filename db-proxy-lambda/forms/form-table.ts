import type { Kysely } from 'kysely';
import type { Cell, Column } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import { METADATA, STATE_HEADERS } from '../../forms/metadata.ts';
import type { Answers } from '../../forms/answer.ts';
import {
  columnsOf,
  nameOf,
  optionCellsOf,
  type AnswerColumn,
  type Question,
} from '../../forms/question-types/index.ts';
import { countAtBound, readAtBound, type State } from '../responses/at-bound-queries.ts';
import type { Table } from '../exports/table.ts';
import { WRITTEN_RESPONSES } from '../exports/table-queries.ts';
import { findDefinitions, findLastVersion } from './queries.ts';

const STATE_TYPES: Record<(typeof STATE_HEADERS)[number], Column['type']> = {
  revision: 'number',
  status: 'text',
  flags: 'text',
  form_version: 'number',
  saved_at: 'time',
};

/** Bytes of an empty cell in a reply: `null,`. */
const NULL_BYTES = 5;

const metadataColumns = METADATA.flatMap(columnsOf);
const metadataCells = metadataColumns.map(({ cell }) => cell);

/** The members of a stored definition that a table needs. Definitions are checked when they are stored. */
interface StoredDefinition {
  title?: string;
  spreadsheet_id?: string;
  questions?: Question[];
}

/** The title and the columns of a form's table, merged from the form's versions. */
interface FormColumns {
  title: string;
  spreadsheetId: string | null;
  answers: readonly LabelledColumn[];
}

/** A version is immutable, so its columns are cached. The oldest entry is evicted. */
const cache = new Map<string, FormColumns>();
const MAX_CACHED = 50;

/** Max characters of a label as a heading. With 2,000 questions, the columns of a table still fit into a reply. */
const MAX_HEADING = 200;

/**
 * A form's responses as a table: metadata, then the state of the response and its flags, then a column for each question, in
 * the order of the form's last version. Questions that only earlier versions have come last, so that no answer is left out.
 *
 * @param upTo the last version to consider, or undefined for all
 * @param withOptions adds a column for each option of the questions whose answers can have several
 */
export async function findFormTable(
  db: Kysely<Schema>,
  formId: string,
  upTo: number | undefined,
  withOptions: boolean,
): Promise<(Table & { version: number }) | undefined> {
  const last = await findLastVersion(db, formId, upTo);
  if (last === undefined) return undefined;
  const { title, spreadsheetId, answers } = await readForm(db, formId, last, withOptions);
  const cells = answers.map(({ cell }) => cell);
  return {
    version: last.version,
    name: formId,
    kind: 'form',
    title,
    spreadsheetId,
    columns: [
      ...metadataColumns.map(description),
      ...STATE_HEADERS.map((name) => ({ name, type: STATE_TYPES[name] })),
      ...answers.map(description),
    ],
    written: WRITTEN_RESPONSES,
    count: (source, bound, filter) => countAtBound(source, formId, bound, filter),
    page: async (source, bound, filter, after) => {
      const { items, next } = await readAtBound(
        source,
        formId,
        bound,
        filter,
        Number(after ?? 0),
        (state) => toRow(state, cells),
        answers.length * NULL_BYTES,
      );
      return { rows: items, next: next === null ? null : String(next) };
    },
  };
}

/**
 * Reads the definitions once per version. The key has the version's time, because a restored database may have another
 * version with the same number.
 */
async function readForm(
  db: Kysely<Schema>,
  formId: string,
  { version, created_at: createdAt }: { version: number; created_at: string },
  withOptions: boolean,
): Promise<FormColumns> {
  const key = `${formId} ${version} ${createdAt} ${withOptions}`;
  let columns = cache.get(key);
  if (columns === undefined) {
    columns = mergeVersions(formId, await findDefinitions(db, formId, version), withOptions);
    const [oldest] = cache.keys();
    if (cache.size >= MAX_CACHED && oldest !== undefined) cache.delete(oldest);
    cache.set(key, columns);
  }
  return columns;
}

function mergeVersions(formId: string, lastFirst: readonly string[], withOptions: boolean): FormColumns {
  const definitions = lastFirst.map((definition): StoredDefinition => JSON.parse(definition));
  const versions = new Map<string, [Question, ...Question[]]>();
  for (const question of definitions.flatMap((definition) => definition.questions ?? [])) {
    const later = versions.get(question.key);
    if (later === undefined) versions.set(question.key, [question]);
    else later.push(question);
  }
  const [{ title = formId, spreadsheet_id: spreadsheetId = null } = {}] = definitions;
  const answers = [...versions.values()].flatMap(([question, ...earlier]) => [
    ...labelledColumns(question),
    ...(withOptions ? optionColumns(question, earlier) : []),
  ]);
  return { title, spreadsheetId, answers };
}

/** A column of a form's table, headed by the label of its question if it has one. */
type LabelledColumn = AnswerColumn & { readonly label?: string };

/** The columns of a question. A question with several columns adds the part to its label, as in `Where? latitude`. */
function labelledColumns(question: Question): readonly LabelledColumn[] {
  const label = headingOf(question.label);
  return columnsOf(question).map((column) => {
    if (label === undefined) return column;
    const part = column.name.slice(question.key.length).replace('_', ' ');
    return { ...column, label: label + part };
  });
}

/**
 * A column for each option of a question, such as `symptoms/fever`. Options that only earlier versions have come last, so that
 * no answer is left out.
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
function headingOf(label: Question['label']): string | undefined {
  const text = typeof label === 'object' ? (label['en'] ?? Object.values(label)[0]) : label;
  const line = text?.replaceAll(/\s+/g, ' ').trim() ?? '';
  return Array.from(line).slice(0, MAX_HEADING).join('') || undefined;
}

function description({ name, short_name: shortName, label, type }: LabelledColumn): Column {
  return {
    name,
    ...(name !== shortName && { short_name: shortName }),
    ...(label !== undefined && { label }),
    type,
  };
}

function toRow(state: State, answers: readonly AnswerColumn['cell'][]): Cell[] {
  const response = answersOf(state);
  const row: Cell[] = [];
  for (const cell of metadataCells) row.push(cell(response));
  row.push(state.revision, state.status, ruleNames(state), state.form_version, state.saved_at);
  for (const cell of answers) row.push(cell(response));
  return row;
}

/** A tombstone has only the ids of the response and its collector. */
function answersOf(state: State): Answers {
  const { response_id, user_id } = state;
  return state.status === 'erased' ? { response_id, user_id } : JSON.parse(state.response);
}

function ruleNames({ status, flags }: State): string {
  if (status !== 'flagged') return '';
  const parsed: { rule: string }[] = JSON.parse(flags);
  return parsed.map((flag) => flag.rule).join(', ');
}
