import type { Kysely } from 'kysely';
import type { Cell, Column } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import { METADATA, STATE_HEADERS } from '../../forms/metadata.ts';
import { columnsOf, type Question } from '../../forms/question-types/index.ts';
import { countSnapshot, readSnapshot, type State } from '../responses/snapshot-queries.ts';
import type { Table } from '../exports/table.ts';

const STATE_TYPES: Record<(typeof STATE_HEADERS)[number], Column['type']> = {
  revision: 'number',
  status: 'text',
  flags: 'text',
  form_version: 'number',
  saved_at: 'time',
};

/**
 * What a table needs of a stored definition. It was checked when it was stored; checking it again for each version and
 * page takes longer than reading the page.
 */
interface StoredDefinition {
  title?: string;
  spreadsheet_id?: string;
  questions?: Question[];
}

/**
 * A form's responses as a table: metadata, then the state of the response and its flags, then each question as a column
 * headed by the question itself, in the order of the form's last version; questions that only earlier versions ask come
 * last, so that no answer is left out.
 *
 * @param version the last version to look at, or undefined for all
 */
export async function findFormTable(
  db: Kysely<Schema>,
  formId: string,
  version: number | undefined,
): Promise<(Table & { version: number }) | undefined> {
  const stored = await db
    .selectFrom('forms')
    .select(['version', 'definition'])
    .where('form_id', '=', formId)
    .$if(version !== undefined, (query) => query.where('version', '<=', version ?? 0))
    .execute();
  const rows = stored.toSorted((one, other) => other.version - one.version);
  const [last] = rows;
  if (last === undefined) return undefined;
  const definitions = rows.map((row): StoredDefinition => JSON.parse(row.definition));
  const questions = new Map<string, Question>();
  for (const question of definitions.flatMap((definition) => definition.questions ?? [])) {
    if (!questions.has(question.key)) questions.set(question.key, question);
  }
  const { title, spreadsheet_id: spreadsheetId } = definitions[0] ?? {};
  const answered = [...questions.values()];
  return {
    version: last.version,
    name: formId,
    kind: 'form',
    title: title ?? formId,
    spreadsheetId: spreadsheetId ?? null,
    columns: [
      ...METADATA.flatMap(columnsOf),
      ...STATE_HEADERS.map((name) => ({ name, type: STATE_TYPES[name] })),
      ...answered.flatMap(columnsOf),
    ],
    count: (source, bound, filter) => countSnapshot(source, formId, bound, filter),
    page: async (source, bound, filter, after) => {
      const { items, next } = await readSnapshot(source, formId, bound, filter, Number(after ?? 0), (state) =>
        toRow(state, answered),
      );
      return { rows: items, next: next === null ? null : String(next) };
    },
  };
}

function toRow(state: State, questions: readonly Question[]): Cell[] {
  const response = answersOf(state);
  const row: Cell[] = [];
  for (const { key } of METADATA) row.push(response[key] ?? null);
  row.push(state.revision, state.status, ruleNames(state), state.form_version, state.saved_at);
  for (const { key } of questions) row.push(response[key] ?? null);
  return row;
}

/** A tombstone still says which response it was, and whose. */
function answersOf(state: State): Record<string, Cell> {
  const { response_id, user_id } = state;
  return state.status === 'erased' ? { response_id, user_id } : JSON.parse(state.response);
}

function ruleNames({ status, flags }: State): string {
  if (status !== 'flagged') return '';
  const parsed: { rule: string }[] = JSON.parse(flags);
  return parsed.map((flag) => flag.rule).join(', ');
}
