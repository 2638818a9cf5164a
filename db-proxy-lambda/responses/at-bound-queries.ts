/** Responses as of the bound: the moment at which an export starts. They may change while the export runs. */
import { setImmediate } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { PAGE_BYTES, type ExportBound, type StoredRevision } from '../contract.ts';
import { findReviewsOf } from '../reviews/queries.ts';
import { IDS_PER_LOOKUP, inChunks } from '../database/chunks.ts';
import type { Schema } from '../database/schema.ts';
import type { Lists } from '../database/json-lists.ts';
import { ANY_DRAFT, stateColumns, type StoredState } from './queries.ts';
import { matches, type RowFilter, type Source } from '../exports/table.ts';
import type { ResponsesTable } from './rows.ts';

/** The state of a response at the bound. `id` is the response's order of arrival. */
export type State = StoredState & { id: number };

/** The last revision of a response, with the time at which it was saved if it was reviewed since. */
type LastState = State & Pick<ResponsesTable, 'revised_at'>;

/** Rows that the first statement of a page reads. The size of the rows so far decides how many the next one reads. */
const FIRST_STATEMENT_ROWS = 100;
/** Max factor by which the number of rows grows from one statement to the next. */
const STATEMENT_GROWTH = 8;
const MAX_STATEMENT_ROWS = 1_000;
/**
 * If at least 1 in DENSE responses belongs to the form, a primary-key scan is cheaper than the form's index. If all belong
 * to it, the scan takes half the time (MariaDB 10.11).
 */
const DENSE = 2;

/** The number of responses that `readAtBound` reads, before it applies the filter to their states at the bound. */
export async function countAtBound(
  source: Source,
  formId: string | undefined,
  bound: ExportBound,
  filter: RowFilter,
): Promise<number> {
  const { count } = await queryAtBound(source, indexFor(formId), formId, bound, filter)
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Responses whose entries are counted: a database reads JSON in about 40 µs a KB (MySQL, MariaDB). */
const COUNTED_RESPONSES = 1_000;
/** A prime, so that the ids of a form have all remainders, even if other forms take every second or third id. */
const REMAINDERS = 1_009;

/**
 * The current number of entries of a repeat. If there are more than COUNTED_RESPONSES responses, it is estimated from a
 * sample of about that size.
 */
export async function countEntriesAtBound(
  source: Source,
  formId: string,
  lists: Lists,
  bound: ExportBound,
  filter: RowFilter,
): Promise<number> {
  const responses = await countAtBound(source, formId, bound, filter);
  const sample = Math.ceil(REMAINDERS * Math.min(1, COUNTED_RESPONSES / responses));
  const counted = await queryAtBound(source, indexFor(formId), formId, bound, filter)
    .select((eb) => [eb.fn.sum(source.countEntries('response', lists)).as('entries'), eb.fn.countAll().as('responses')])
    .where(sql`${sql.ref('id')} % ${sql.lit(REMAINDERS)}`, '<', sample)
    .executeTakeFirstOrThrow();
  if (Number(counted.responses) === 0) return 0;
  return Math.round((Number(counted.entries) * responses) / Number(counted.responses));
}

/**
 * Reads responses in order of arrival, each in its state at the bound: the last revision that was saved by then, which may
 * have been replaced since. Pages are ordered by id, which never changes, so no response is missed or repeated.
 *
 * Proxies' clocks differ a little. A response whose id is within the bound, but whose oldest revision is younger than the
 * bound, appears with that revision. A response that was erased after the bound appears as its tombstone.
 *
 * @param toItem converts a state, while the database reads the next rows
 * @param emptyBytes bytes of an item without answers in a reply: a sparse response has more cells than text
 */
export async function readAtBound<Item>(
  source: Source,
  formId: string | undefined,
  bound: ExportBound,
  filter: RowFilter,
  after: number,
  toItem: (state: State) => Item,
  emptyBytes = 0,
): Promise<{ items: Item[]; next: number | null }> {
  const items: Item[] = [];
  let limit = FIRST_STATEMENT_ROWS;
  let index = indexFor(formId);
  let last = after;
  let seen = 0;
  let bytes = 0;
  const readStatement = async (): Promise<LastState[]> =>
    queryAtBound(source, index, formId, bound, filter)
      .select(['id', ...stateColumns, 'updated_at as saved_at', 'revised_at'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(limit)
      .execute();

  let reading: Promise<LastState[]> | undefined = readStatement();
  while (reading !== undefined) {
    const rows: LastState[] = await reading;
    const changed = rows.filter((row) => row.saved_at > bound.at);
    const older = await readOlderStates(source.db, changed, bound.at);
    const states: State[] = [];
    for (const row of rows) {
      const state = older.get(row.response_id) ?? row;
      last = row.id;
      seen += 1;
      bytes += Buffer.byteLength(state.response) + Buffer.byteLength(state.flags) + emptyBytes;
      if (matches(state, filter)) states.push(state);
      if (bytes >= PAGE_BYTES) break;
    }
    const isFull = bytes >= PAGE_BYTES;
    reading = undefined;
    if (!isFull && rows.length === limit) {
      const fitting = Math.ceil((PAGE_BYTES - bytes) / (bytes / seen));
      const isDense = rows.length * DENSE >= last - (rows[0]?.id ?? 0);
      limit = Math.min(fitting, limit * STATEMENT_GROWTH, MAX_STATEMENT_ROWS);
      index = isDense ? 'primary' : indexFor(formId);
      reading = readStatement();
      // The next iteration awaits `reading`. If a conversion below throws first, a rejection must not be unhandled.
      reading.catch(() => undefined);
      // Lets the statement be sent before the conversions block the event loop.
      await setImmediate();
    }
    for (const state of states) items.push(toItem(state));
    if (isFull) return { items, next: last };
  }
  return { items, next: null };
}

function indexFor(formId: string | undefined): string {
  return formId === undefined ? 'primary' : 'responses_by_form';
}

function queryAtBound(
  source: Source,
  index: string,
  formId: string | undefined,
  bound: ExportBound,
  filter: RowFilter,
) {
  const { status, updated_since: since } = filter;
  let query = source.db.selectFrom(source.tableWithIndex('responses', index)).where('id', '<=', bound.max_id);
  query = formId === undefined ? query.where('form_id', 'not like', ANY_DRAFT) : query.where('form_id', '=', formId);
  // A response that changed after the bound may have matched at the bound; matches() decides.
  if (status !== undefined) {
    const statuses = typeof status === 'string' ? [status] : status;
    query = query.where((eb) => eb.or([eb('status', 'in', statuses), eb('updated_at', '>', bound.at)]));
  }
  if (since !== undefined) query = query.where('updated_at', '>=', since);
  return query;
}

/**
 * Reads the earlier states of responses that changed after the time `at`, by response id: an earlier revision, or the
 * last one as it was before its later reviews.
 */
async function readOlderStates(
  db: Kysely<Schema>,
  changed: readonly LastState[],
  at: string,
): Promise<Map<string, State>> {
  const reviewed = changed.flatMap(({ revised_at: revisedAt, ...state }) =>
    revisedAt !== null && revisedAt <= at ? [{ ...state, saved_at: revisedAt }] : [],
  );
  const isReviewed = new Set(reviewed.map(({ id }) => id));
  const revised = changed.filter(({ id }) => !isReviewed.has(id));
  const states = await readOlderRevisions(db, revised, at);
  for (const state of reviewed) states.set(state.response_id, state);
  return await beforeReviews(db, states, at);
}

/** Selects revision numbers first, then reads their texts. */
async function readOlderRevisions(
  db: Kysely<Schema>,
  changed: readonly State[],
  at: string,
): Promise<Map<string, State>> {
  const states = new Map<string, State>();
  for (const part of inChunks(changed, IDS_PER_LOOKUP)) {
    const responses = new Map(part.map((row) => [row.response_id, row.id] as const));
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

/** Undoes the changes of reviews after the time `at`: the status, the collector, and the time of the last change. */
async function beforeReviews(
  db: Kysely<Schema>,
  states: ReadonlyMap<string, State>,
  at: string,
): Promise<Map<string, State>> {
  const reviews = Map.groupBy(await findReviewsOf(db, [...states.keys()]), ({ response_id: id }) => id);
  return new Map(
    [...states].map(([responseId, state]) => {
      const own = (reviews.get(responseId) ?? []).filter(({ revision }) => revision === state.revision);
      const later = own.find(({ saved_at: savedAt }) => savedAt > at);
      const before = later && { status: later.status_before, user_id: later.user_before };
      const savedAt = own.findLast((review) => review.saved_at <= at)?.saved_at ?? state.saved_at;
      return [responseId, { ...state, ...before, saved_at: savedAt }];
    }),
  );
}

/** The current number of flags: an estimate, because responses may have had other flags at the bound. */
export async function countFlags(
  { db, jsonLength }: Source,
  bound: ExportBound,
  statuses: readonly StoredRevision['status'][],
  { updated_since: since }: RowFilter,
): Promise<number> {
  if (statuses.length === 0) return 0;
  const { count } = await db
    .selectFrom('responses')
    .select((eb) => eb.fn.sum(jsonLength('flags')).as('count'))
    .where('id', '<=', bound.max_id)
    .where('status', 'in', statuses)
    .where('form_id', 'not like', ANY_DRAFT)
    .$if(since !== undefined, (query) => query.where('updated_at', '>=', since ?? ''))
    .executeTakeFirstOrThrow();
  return Number(count ?? 0);
}
