/** Tables that managers want beside the forms' responses. A new one is registered in the list at the end. */
import type { Cell } from '../contract.ts';
import { countSnapshot, readSnapshot } from './snapshot.ts';
import type { Table } from './table.ts';

interface StoredFlag {
  rule: string;
  message: string;
  questions: string[];
}

/** Every flag that stands: one row for each rule that a response does not meet. */
const flags: Table = {
  name: 'flags',
  kind: 'system',
  spreadsheetId: null,
  title: 'Flags that stand',
  columns: [
    { name: 'response_id', type: 'text' },
    { name: 'form_id', type: 'text' },
    { name: 'form_version', type: 'number' },
    { name: 'user_id', type: 'text' },
    { name: 'revision', type: 'number' },
    { name: 'saved_at', type: 'time' },
    { name: 'rule', type: 'text' },
    { name: 'message', type: 'text' },
    { name: 'questions', type: 'text' },
  ],
  count: (db, bound, filter) => countSnapshot(db, undefined, bound, { ...filter, status: 'flagged' }),
  page: async (db, bound, filter, after) => {
    const { states, next } = await readSnapshot(db, undefined, bound, { ...filter, status: 'flagged' }, after);
    const rows = states.flatMap((state) => {
      const stored: StoredFlag[] = JSON.parse(state.flags);
      return stored.map(({ rule, message, questions }): Cell[] => [
        state.response_id,
        state.form_id,
        state.form_version,
        state.user_id,
        state.revision,
        state.saved_at,
        rule,
        message,
        questions.join('; '),
      ]);
    });
    return { rows, next };
  },
};

/** Every revision of every response, oldest first within a response: what was said, and when. */
const revisions: Table = {
  name: 'revisions',
  kind: 'system',
  spreadsheetId: null,
  title: 'Every revision of every response',
  columns: [
    { name: 'response_id', type: 'text' },
    { name: 'form_id', type: 'text' },
    { name: 'form_version', type: 'number' },
    { name: 'user_id', type: 'text' },
    { name: 'revision', type: 'number' },
    { name: 'status', type: 'text' },
    { name: 'last_modified_time', type: 'time' },
    { name: 'saved_at', type: 'time' },
    { name: 'response', type: 'text' },
  ],
  count: async (db, bound) => {
    const replaced = await db
      .selectFrom('response_revisions')
      .select((is) => is.fn.countAll().as('count'))
      .where('saved_at', '<=', bound.at)
      .executeTakeFirstOrThrow();
    return Number(replaced.count) + (await countSnapshot(db, undefined, bound, {}));
  },
  page: async (db, bound, filter, after) => {
    const { states, next } = await readSnapshot(db, undefined, bound, {}, after);
    const replaced = await db
      .selectFrom('response_revisions')
      .select(['response_id', 'form_id', 'form_version', 'user_id', 'revision', 'status', 'saved_at', 'response'])
      .where('response_id', 'in', [...states.map((state) => state.response_id), ''])
      .orderBy('response_id')
      .orderBy('revision')
      .execute();
    const history = Map.groupBy(replaced, (row) => row.response_id);
    const { status, updated_since: since } = filter;
    const rows = states
      .flatMap((state) => [
        ...(history.get(state.response_id) ?? []).filter((row) => row.revision < state.revision),
        state,
      ])
      .filter(
        (row) => (status === undefined || row.status === status) && (since === undefined || row.saved_at >= since),
      )
      .map((row): Cell[] => {
        const { last_modified_time: time }: { last_modified_time?: string } = JSON.parse(row.response);
        return [
          row.response_id,
          row.form_id,
          row.form_version,
          row.user_id,
          row.revision,
          row.status,
          time ?? null,
          row.saved_at,
          row.response,
        ];
      });
    return { rows, next };
  },
};

/** The exports themselves. There are few enough of them for one page. */
const exportsTable: Table = {
  name: 'exports',
  kind: 'system',
  spreadsheetId: null,
  title: 'Exports',
  columns: [
    { name: 'export_id', type: 'text' },
    { name: 'table_name', type: 'text' },
    { name: 'status', type: 'text' },
    { name: 'rows', type: 'number' },
    { name: 'created_at', type: 'time' },
    { name: 'started_at', type: 'time' },
    { name: 'finished_at', type: 'time' },
    { name: 'error', type: 'text' },
  ],
  count: async (db, bound) => {
    const { count } = await db
      .selectFrom('exports')
      .select((is) => is.fn.countAll().as('count'))
      .where('created_at', '<=', bound.at)
      .executeTakeFirstOrThrow();
    return Number(count);
  },
  page: async (db, bound) => {
    const rows = await db
      .selectFrom('exports')
      .select(['export_id', 'table_name', 'status', 'rows_done', 'created_at', 'started_at', 'finished_at', 'error'])
      .where('created_at', '<=', bound.at)
      .orderBy('created_at')
      .orderBy('export_id')
      .execute();
    return { rows: rows.map((row): Cell[] => Object.values(row)), next: null };
  },
};

/** In the order in which they are listed. Later tables register here. */
export const systemTables: readonly Table[] = [revisions, flags, exportsTable];
