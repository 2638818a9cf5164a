import type { Cell, ExportFilter } from '../contract.ts';
import { readSnapshot, type State } from './snapshot-queries.ts';
import type { Table } from '../exports/table.ts';

interface StoredFlag {
  rule: string;
  message: string;
  questions: string[];
}

/** Every flag that stands: one row for each rule that a response does not meet. */
export const flagsTable: Table = {
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
  // What stands now; a response that changed after the bound may have had others.
  count: async ({ db, jsonLength }, bound, { status, updated_since: since }) => {
    if (isOther(status)) return 0;
    const { count } = await db
      .selectFrom('responses')
      .select((is) => is.fn.sum(jsonLength('flags')).as('count'))
      .where('id', '<=', bound.max_id)
      .where('status', '=', 'flagged')
      .$if(since !== undefined, (query) => query.where('updated_at', '>=', since ?? ''))
      .executeTakeFirstOrThrow();
    return Number(count ?? 0);
  },
  page: async (source, bound, filter, after) => {
    if (isOther(filter.status)) return { rows: [], next: null };
    const flagged = { ...filter, status: 'flagged' } as const;
    const { items, next } = await readSnapshot(source, undefined, bound, flagged, Number(after ?? 0), toRows);
    return { rows: items.flat(), next: next === null ? null : String(next) };
  },
};

/** Only flagged responses have flags. */
function isOther(status: ExportFilter['status']): boolean {
  return status !== undefined && status !== 'flagged';
}

function toRows(state: State): Cell[][] {
  const stored: StoredFlag[] = JSON.parse(state.flags);
  return stored.map(({ rule, message, questions }) => [
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
}
