/** Responses as they were at a moment, although they change while an export runs. */
import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { ExportBound, ExportFilter, StoredRevision } from '../contract.ts';
import type { ResponsesIndex } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { EXPORT_PAGE_BYTES, type Source } from '../exports/table.ts';

/** The columns of a state that exports show. */
export interface State {
  /** Of the response: the order of arrival. */
  id: number;
  response_id: string;
  form_id: string;
  form_version: number;
  user_id: string;
  revision: number;
  status: StoredRevision['status'];
  flags: string;
  response: string;
  saved_at: string;
}

export const stateColumns = [
  'response_id',
  'form_id',
  'form_version',
  'user_id',
  'revision',
  'status',
  'flags',
  'response',
] as const;

/** Rows of a page's first statement; the next ones are as large as the rows so far let expect. */
const FIRST_STATEMENT_ROWS = 100;
/** Nothing is known of the next rows' size: a statement has at most so many times the rows of the one before. */
const STATEMENT_GROWTH = 8;
const MOST_STATEMENT_ROWS = 1_000;
/**
 * Where at least one response in so many is of the form, reading all of them costs less than finding its own by the
 * index: half as much where all are (MariaDB 10.11).
 */
const DENSE = 2;
/** Ids a lookup: asked for many at once, the databases scan the table instead of its index. */
export const IDS_PER_LOOKUP = 100;

/** How many responses a snapshot reads, before `status` and `updated_since` are applied to what they were then. */
export async function countSnapshot(
  source: Source,
  formId: string | undefined,
  bound: ExportBound,
  filter: ExportFilter,
): Promise<number> {
  const { count } = await snapshotQuery(source, indexFor(formId), formId, bound, filter)
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
 * is within it, stands with that revision. So does one that was erased since: its row is the tombstone.
 *
 * @param toItem what becomes of a state; the database reads the next rows while it works
 */
export async function readSnapshot<Item>(
  source: Source,
  formId: string | undefined,
  bound: ExportBound,
  filter: ExportFilter,
  after: number,
  toItem: (state: State) => Item,
): Promise<{ items: Item[]; next: number | null }> {
  const items: Item[] = [];
  let limit = FIRST_STATEMENT_ROWS;
  let index = indexFor(formId);
  let last = after;
  let seen = 0;
  let bytes = 0;
  const readStatement = async (): Promise<State[]> =>
    snapshotQuery(source, index, formId, bound, filter)
      .select(['id', ...stateColumns, 'updated_at as saved_at'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(limit)
      .execute();

  let reading: Promise<State[]> | undefined = readStatement();
  while (reading !== undefined) {
    const rows: State[] = await reading;
    const older = await readOlderStates(
      source.db,
      rows.filter((row) => row.saved_at > bound.at),
      bound.at,
    );
    const states: State[] = [];
    for (const row of rows) {
      const state = older.get(row.response_id) ?? row;
      last = row.id;
      seen += 1;
      bytes += Buffer.byteLength(state.response) + Buffer.byteLength(state.flags);
      if (matches(state, filter)) states.push(state);
      if (bytes >= EXPORT_PAGE_BYTES) break;
    }
    const isFull = bytes >= EXPORT_PAGE_BYTES;
    reading = undefined;
    if (!isFull && rows.length === limit) {
      const fitting = Math.ceil((EXPORT_PAGE_BYTES - bytes) / (bytes / seen));
      const isDense = rows.length * DENSE >= last - (rows[0]?.id ?? 0);
      limit = Math.min(fitting, limit * STATEMENT_GROWTH, MOST_STATEMENT_ROWS);
      index = isDense ? 'id' : indexFor(formId);
      reading = readStatement();
      // Met above, or by nobody when a state below cannot be read.
      reading.catch(() => undefined);
      // A statement takes a few turns to be sent, and what follows leaves it none.
      await setImmediate();
    }
    for (const state of states) items.push(toItem(state));
    if (isFull) return { items, next: last };
  }
  return { items, next: null };
}

function indexFor(formId: string | undefined): ResponsesIndex {
  return formId === undefined ? 'id' : 'responses_by_form';
}

function snapshotQuery(
  source: Source,
  index: ResponsesIndex,
  formId: string | undefined,
  bound: ExportBound,
  filter: ExportFilter,
) {
  const { status, updated_since: since } = filter;
  let query = source.db.selectFrom(source.responsesBy(index)).where('id', '<=', bound.max_id);
  if (formId !== undefined) query = query.where('form_id', '=', formId);
  // A response that changed after the bound may have matched before; matches() decides.
  if (status !== undefined) {
    query = query.where((is) => is.or([is('status', '=', status), is('updated_at', '>', bound.at)]));
  }
  if (since !== undefined) query = query.where('updated_at', '>=', since);
  return query;
}

export function matches(
  state: Pick<State, 'status' | 'saved_at'>,
  { status, updated_since: since }: ExportFilter,
): boolean {
  return (status === undefined || state.status === status) && (since === undefined || state.saved_at >= since);
}

/** The states at a moment of responses that changed since, by response id; only those texts are read that are needed. */
async function readOlderStates(db: Kysely<Schema>, changed: readonly State[], at: string): Promise<Map<string, State>> {
  const states = new Map<string, State>();
  for (let start = 0; start < changed.length; start += IDS_PER_LOOKUP) {
    const responses = new Map(
      changed.slice(start, start + IDS_PER_LOOKUP).map((row) => [row.response_id, row.id] as const),
    );
    const history = db.selectFrom('response_revisions').where('response_id', 'in', [...responses.keys()]);
    const chosen = new Map<string, number>();
    for (const row of await history.select(['response_id', 'revision', 'saved_at']).orderBy('revision').execute()) {
      if (row.saved_at <= at || !chosen.has(row.response_id)) chosen.set(row.response_id, row.revision);
    }
    if (chosen.size === 0) continue;
    const rows = await history
      .select([...stateColumns, 'saved_at'])
      .where('revision', 'in', [...new Set(chosen.values())])
      .execute();
    for (const row of rows) {
      const id = responses.get(row.response_id);
      if (id !== undefined && chosen.get(row.response_id) === row.revision) states.set(row.response_id, { id, ...row });
    }
  }
  return states;
}
