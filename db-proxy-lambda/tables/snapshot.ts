/** Responses as they were at a moment, although they change while an export runs. */
import type { Kysely } from 'kysely';
import type { ExportBound, ExportFilter } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import { EXPORT_PAGE_BYTES, ROWS_PER_STATEMENT } from './table.ts';

/** The columns of a state that exports show. */
export interface State {
  response_id: string;
  form_id: string;
  form_version: number;
  user_id: string;
  revision: number;
  status: 'accepted' | 'flagged';
  flags: string;
  response: string;
  saved_at: string;
}

const stateColumns = [
  'response_id',
  'form_id',
  'form_version',
  'user_id',
  'revision',
  'status',
  'flags',
  'response',
] as const;

/** How many responses a snapshot reads, before `status` and `updated_since` are applied to what they were then. */
export async function countSnapshot(
  db: Kysely<Schema>,
  formId: string | undefined,
  bound: ExportBound,
  filter: ExportFilter,
): Promise<number> {
  const { count } = await snapshotQuery(db, formId, bound, filter)
    .select((is) => is.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/**
 * Reads responses in order of arrival, each in the state it was in at the bound: the last revision that was saved by
 * then, which may have been replaced since. A response that has arrived by the bound is never missed and never doubled,
 * because its id does not change and the page goes by ids.
 *
 * Proxies' clocks differ a little. A response whose oldest revision seems to be younger than the bound, although its id
 * is within it, stands with that revision.
 */
export async function readSnapshot(
  db: Kysely<Schema>,
  formId: string | undefined,
  bound: ExportBound,
  filter: ExportFilter,
  after: number,
): Promise<{ states: State[]; next: number | null }> {
  const states: State[] = [];
  let last = after;
  let bytes = 0;
  while (bytes < EXPORT_PAGE_BYTES) {
    const rows = await snapshotQuery(db, formId, bound, filter)
      .select(['id', ...stateColumns, 'updated_at as saved_at'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(ROWS_PER_STATEMENT)
      .execute();
    const older = await readOlderStates(
      db,
      rows.filter((row) => row.saved_at > bound.at).map((row) => row.response_id),
      bound.at,
    );
    for (const row of rows) {
      const state = older.get(row.response_id) ?? row;
      bytes += row.response.length;
      if (matches(state, filter)) states.push(state);
    }
    last = rows.at(-1)?.id ?? last;
    if (rows.length < ROWS_PER_STATEMENT) return { states, next: null };
  }
  return { states, next: last };
}

function snapshotQuery(db: Kysely<Schema>, formId: string | undefined, bound: ExportBound, filter: ExportFilter) {
  const { status, updated_since: since } = filter;
  let query = db.selectFrom('responses').where('id', '<=', bound.max_id);
  if (formId !== undefined) query = query.where('form_id', '=', formId);
  // A response that changed after the bound may have matched before; matches() decides.
  if (status !== undefined) {
    query = query.where((is) => is.or([is('status', '=', status), is('updated_at', '>', bound.at)]));
  }
  if (since !== undefined) query = query.where('updated_at', '>=', since);
  return query;
}

function matches(state: State, { status, updated_since: since }: ExportFilter): boolean {
  return (status === undefined || state.status === status) && (since === undefined || state.saved_at >= since);
}

async function readOlderStates(db: Kysely<Schema>, responseIds: string[], at: string): Promise<Map<string, State>> {
  const chosen = new Map<string, State>();
  if (responseIds.length === 0) return chosen;
  const rows = await db
    .selectFrom('response_revisions')
    .select([...stateColumns, 'saved_at'])
    .where('response_id', 'in', responseIds)
    .orderBy('response_id')
    .orderBy('revision')
    .execute();
  for (const row of rows) {
    if (row.saved_at <= at || !chosen.has(row.response_id)) chosen.set(row.response_id, row);
  }
  return chosen;
}
