/** The tables of forms: a form's responses, and the entries of each of its repeats. */
import type { Kysely } from 'kysely';
import type { Cell, Column } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import { METADATA, STATE_HEADERS } from '../../forms/definition/metadata.ts';
import type { Answers } from '../../forms/values/answer.ts';
import { type AnswerColumn, columnsOf } from '../../forms/question-types/index.ts';
import { countAtBound, readAtBound } from '../responses/at-bound-queries.ts';
import type { StoredState } from '../responses/queries.ts';
import type { Table } from '../exports/table.ts';
import { WRITTEN_RESPONSES } from '../exports/table-queries.ts';
import { addCells, type Block } from './entries.ts';
import { type AnswerTable, type FormTables, mergeVersions } from './form-columns.ts';
import { findDefinitions, findLastVersion } from './queries.ts';
import { repeatRows } from './repeat-rows.ts';

const STATE_TYPES: Record<(typeof STATE_HEADERS)[number], Column['type']> = {
  revision: 'number',
  status: 'text',
  flags: 'text',
  form_version: 'number',
  saved_at: 'time',
};

/** Bytes of an empty cell in a reply: `null,`. */
const NULL_BYTES = 5;

const metadataColumns = METADATA.flatMap((field) => columnsOf(field));
const metadataCells = metadataColumns.map(({ cell }) => cell);

/** A version is immutable, so its tables are cached. The oldest entry is evicted. */
const cache = new Map<string, FormTables>();
const MAX_CACHED = 50;

type FormTable = Table & { version: number };

/**
 * The tables of a form; none if there is no such form. The first table has a row for each response: metadata, then the
 * state of the response and its flags, then a column for each question outside of repeats. Then each repeat has a
 * table, with a row for each entry.
 *
 * @param upTo the last version to consider, or undefined for all
 * @param withOptions adds a column for each option of the questions whose answers can have several
 */
export async function findFormTables(
  db: Kysely<Schema>,
  formId: string,
  upTo: number | undefined,
  withOptions = false,
): Promise<FormTable[]> {
  const last = await findLastVersion(db, formId, upTo);
  if (last === undefined) return [];
  const { tables, spreadsheetId } = await readForm(db, formId, last, withOptions);
  return tables.map((table) => ({
    version: last.version,
    name: table.name,
    title: table.title,
    spreadsheetId,
    written: WRITTEN_RESPONSES,
    ...(table.lists.length === 0 ? responseRows(formId, table) : repeatRows(formId, table)),
  }));
}

/**
 * The columns of a form's table, and how to make a response's row from its state; undefined if there is no such form.
 *
 * @param version the last version to consider, or undefined for all
 */
export async function findResponseTable(db: Kysely<Schema>, formId: string, version: number | undefined) {
  const last = await findLastVersion(db, formId, version);
  if (last === undefined) return undefined;
  const [table] = (await readForm(db, formId, last, false)).tables;
  if (table === undefined) return undefined;
  return {
    version: last.version,
    columns: columnsOfResponses(table),
    toRow: (state: StoredState) => toRow(state, table.blocks),
  };
}

function columnsOfResponses({ answers }: AnswerTable): Column[] {
  return [
    ...metadataColumns.map(description),
    ...STATE_HEADERS.map((name) => ({ name, type: STATE_TYPES[name] })),
    ...answers,
  ];
}

/** A row for each response. */
function responseRows(formId: string, table: AnswerTable): Pick<Table, 'kind' | 'columns' | 'count' | 'page'> {
  const { answers, blocks } = table;
  return {
    kind: 'form',
    columns: columnsOfResponses(table),
    count: (source, bound, filter) => countAtBound(source, formId, bound, filter),
    page: async (source, bound, filter, after) => {
      const { items, next } = await readAtBound(
        source,
        formId,
        bound,
        filter,
        Number(after ?? 0),
        (state) => toRow(state, blocks),
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
): Promise<FormTables> {
  const key = `${formId} ${version} ${createdAt} ${withOptions}`;
  let tables = cache.get(key);
  if (tables === undefined) {
    tables = mergeVersions(formId, await findDefinitions(db, formId, version), withOptions);
    const [oldest] = cache.keys();
    if (cache.size >= MAX_CACHED && oldest !== undefined) cache.delete(oldest);
    cache.set(key, tables);
  }
  return tables;
}

function description({ name, type }: AnswerColumn): Column {
  return { name, type };
}

function toRow(state: StoredState, blocks: readonly Block[]): Cell[] {
  const response = answersOf(state);
  const row: Cell[] = [];
  for (const cell of metadataCells) row.push(cell(response));
  row.push(state.revision, state.status, ruleNames(state), state.form_version, state.saved_at);
  addCells(row, response, blocks);
  return row;
}

/** A tombstone has only the ids of the response and its collector. */
function answersOf(state: StoredState): Answers {
  const { response_id, user_id } = state;
  return state.status === 'erased' ? { response_id, user_id } : JSON.parse(state.response);
}

/** A rule may flag several entries of a repeat; it is named once. */
function ruleNames({ flags }: StoredState): string {
  if (flags === '[]') return '';
  const parsed: { rule: string }[] = JSON.parse(flags);
  return [...new Set(parsed.map((flag) => flag.rule))].join(', ');
}
