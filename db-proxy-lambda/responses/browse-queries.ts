/**
 * Lists of responses for people: filtered, the newest first, with pages in both directions. The order of ids is that of
 * arrival.
 */
import type { SelectQueryBuilder } from 'kysely';
import type { Input, Result } from '../contract.ts';
import type { Database } from '../database/database.ts';
import { readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import { wasEver } from '../quality/queries.ts';
import { STORED_STATUSES } from '../values.ts';
import { hasFlagOf, hasText, mayHaveText } from './answer-text.ts';
import { ANY_DRAFT, bytesOf, stateColumns, toStored } from './queries.ts';
import type { ResponsesTable } from './rows.ts';
import { LONGEST_WRITE_MS } from './settled.ts';

/** Max count of a filter. */
export const MAX_COUNT = 10_000;

/** How far a request searches. */
export const SEARCH_LIMITS = {
  /** Max responses of each status that a request looks through for `rule` or `ever`, or for one collector and form. */
  searched: 20_000,
  /** The same for a text. */
  searchedForText: 10_000,
  /** Max responses whose answers a request reads: those that have the text somewhere, even in a question's key. */
  read: 2_000,
  /** Max responses whose answers one statement reads. */
  atOnce: 200,
};

/**
 * Max difference between the order of ids and that of arrival times: the longest write, plus the same time for clock
 * differences.
 */
const DISORDER_MS = 2 * LONGEST_WRITE_MS;

type Filter = Omit<Input<'browseResponses'>, 'position' | 'limit' | 'count'>;

interface Search {
  database: Database;
  filter: Filter;
  limits: typeof SEARCH_LIMITS;
}

/** Responses in the order of an index that has these columns, then the id. */
interface Range {
  index: string;
  key: Partial<Pick<ResponsesTable, 'form_id' | 'user_id' | 'status'>>;
}

/** A walk through ids from one end to the other, both excluded. */
interface Walk {
  direction: 'asc' | 'desc';
  above: number;
  below: number;
}

/** The ids that a walk found, in its order, and the last id that it looked at if a limit ended it, else null. */
interface Found {
  ids: number[];
  stoppedAt: number | null;
}

/** A page of responses, the newest first; see the contract. */
export async function browseResponses(
  database: Database,
  { position, limit, count: isCounted = false, ...filter }: Input<'browseResponses'>,
  limits = SEARCH_LIMITS,
): Promise<Result<'browseResponses'>> {
  const search = { database, filter, limits };
  const all: Walk = { direction: 'desc', ...(await findArrived(database, filter)) };
  const walk = walkFrom(all, position);
  const counted = isCounted ? await find(search, all, MAX_COUNT + 1) : undefined;
  const found = (walk === all && counted) || (await find(search, walk, limit + 1));
  const { page, next } = await readByKeys(found.ids, limit, (id) => id, {
    read: (ids) =>
      matching(database.db.selectFrom('responses'), filter)
        .select(['id', ...stateColumns, 'updated_at as saved_at', 'created_at as received_at'])
        .where('id', 'in', ids)
        .execute(),
    nameOf: (row) => row.id,
    bytesOf,
  });
  const [first] = page;
  const last = next ?? found.stoppedAt;
  const items = page.map(({ id: _id, received_at, ...row }) => ({ ...toStored(row), received_at }));
  const total = counted && {
    count: Math.min(counted.ids.length, MAX_COUNT),
    capped: counted.ids.length > MAX_COUNT || counted.stoppedAt !== null,
  };
  if (walk.direction === 'asc') {
    const newer = last === null ? null : { after: last };
    return { items: items.toReversed(), older: { before: first?.id ?? walk.above + 1 }, newer, ...total };
  }
  const older = last === null ? null : { before: last };
  return { items, older, newer: walk === all ? null : { after: first?.id ?? walk.below - 1 }, ...total };
}

function walkFrom(all: Walk, position: Input<'browseResponses'>['position']): Walk {
  if (position === undefined) return all;
  if ('after' in position) return { ...all, direction: 'asc', above: Math.max(all.above, position.after) };
  return { ...all, below: Math.min(all.below, position.before) };
}

/** The ids above and below all responses that arrived in a period; a few other responses may be between them. */
async function findArrived({ db, tableWithIndex }: Database, { from, to }: Filter): Promise<Omit<Walk, 'direction'>> {
  const responses = db.selectFrom(tableWithIndex('responses', 'responses_by_arrival')).select('id').limit(1);
  const earlier =
    from &&
    (await responses
      .where('created_at', '<', shifted(from, -DISORDER_MS))
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .executeTakeFirst());
  const later =
    to &&
    (await responses
      .where('created_at', '>=', shifted(to, DISORDER_MS))
      .orderBy('created_at')
      .orderBy('id')
      .executeTakeFirst());
  return { above: earlier ? earlier.id : 0, below: later ? later.id : Number.MAX_SAFE_INTEGER };
}

function shifted(time: string, milliseconds: number): string {
  return new Date(Date.parse(time) + milliseconds).toISOString();
}

/** Finds responses that match, up to `wanted`. */
async function find(search: Search, walk: Walk, wanted: number): Promise<Found> {
  const { database, filter } = search;
  const { text, rule, ever, form_id: formId, user_id: userId } = filter;
  const ranges = rangesOf(filter);
  const isSearch = text !== undefined || rule !== undefined || ever !== undefined;
  const isLimited = isSearch || (formId !== undefined && userId !== undefined);
  const end = isLimited ? await findEnd(search, ranges, walk) : null;
  const within = end === null ? walk : upTo(walk, end);
  if (text !== undefined) return await findText(search, text, { ranges, walk: within, end, wanted });
  const rows = await readMerged(ranges, within, wanted, (range) =>
    matching(inRange(database, range, within), filter)
      .select('id')
      .limit(wanted)
      .execute(),
  );
  return { ids: rows.map(({ id }) => id), stoppedAt: rows.length < wanted ? end : null };
}

/** The id at which a search through these ranges ends; null if it reaches their ends. */
async function findEnd(
  { database, filter, limits }: Search,
  ranges: readonly Range[],
  walk: Walk,
): Promise<number | null> {
  const max = filter.text === undefined ? limits.searched : limits.searchedForText;
  const ends: number[] = [];
  for (const range of ranges) {
    const { oldest, newest, count } = await database.db
      .selectFrom(inRange(database, range, walk).select('id').limit(max).as('searched'))
      .select(({ fn }) => [fn.min('id').as('oldest'), fn.max('id').as('newest'), fn.countAll().as('count')])
      .executeTakeFirstOrThrow();
    if (Number(count) === max) ends.push(walk.direction === 'desc' ? oldest : newest);
  }
  if (ends.length === 0) return null;
  return walk.direction === 'desc' ? Math.max(...ends) : Math.min(...ends);
}

/** Reads the answers of responses that may have a text, and keeps those that have it. */
async function findText(
  { database, filter, limits: { read: maxRead, atOnce } }: Search,
  text: string,
  { ranges, walk, end, wanted }: { ranges: readonly Range[]; walk: Walk; end: number | null; wanted: number },
): Promise<Found> {
  const ids: number[] = [];
  let rest = walk;
  for (let read = 0; read < maxRead; read += atOnce) {
    const within = rest;
    const rows = await readMerged(ranges, within, atOnce, (range) =>
      matching(inRange(database, range, within), filter)
        .select(['id', 'response_id', 'user_id', 'response'])
        .where(mayHaveText(database, text))
        .limit(atOnce)
        .execute(),
    );
    for (const row of rows) if (hasText(row, text)) ids.push(row.id);
    if (ids.length >= wanted) return { ids: ids.slice(0, wanted), stoppedAt: null };
    const last = rows.at(-1);
    if (last === undefined || rows.length < atOnce) return { ids, stoppedAt: end };
    rest = after(rest, last.id);
  }
  return { ids, stoppedAt: rest.direction === 'desc' ? rest.below : rest.above };
}

/** The first rows of all ranges together, in the order of the walk. */
async function readMerged<Row extends { id: number }>(
  ranges: readonly Range[],
  { direction }: Walk,
  limit: number,
  read: (range: Range) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const range of ranges) rows.push(...(await read(range)));
  return rows.toSorted((one, other) => (direction === 'desc' ? other.id - one.id : one.id - other.id)).slice(0, limit);
}

/** The part of a walk up to an id, which is included. */
function upTo(walk: Walk, id: number): Walk {
  return walk.direction === 'desc' ? { ...walk, above: id - 1 } : { ...walk, below: id + 1 };
}

/** The part of a walk after an id. */
function after(walk: Walk, id: number): Walk {
  return walk.direction === 'desc' ? { ...walk, below: id } : { ...walk, above: id };
}

/** Each status is a range of its own, because a list of statuses would be sorted. */
function rangesOf({ form_id, user_id, statuses, rule, ever }: Filter): Range[] {
  const ofForm = form_id === undefined ? {} : { form_id };
  const isFlagged = rule !== undefined && ever === undefined;
  if (user_id === undefined && statuses === undefined && !isFlagged) {
    return [{ index: form_id === undefined ? 'primary' : 'responses_by_form', key: ofForm }];
  }
  // An accepted or erased response has no flags.
  const flagged = STORED_STATUSES.filter((status) => status !== 'accepted' && status !== 'erased');
  const possible = isFlagged ? flagged : STORED_STATUSES;
  return possible
    .filter((status) => statuses?.includes(status) ?? true)
    .map((status) => {
      if (user_id !== undefined) return { index: 'responses_by_collector', key: { user_id, status } };
      const index = form_id === undefined ? 'responses_by_status' : 'responses_by_form_status';
      return { index, key: { ...ofForm, status } };
    });
}

/**
 * The responses of a range on a walk, in the walk's order. An open end adds no condition: with two conditions, SQLite
 * may choose a shorter index.
 */
function inRange({ db, tableWithIndex }: Database, { index, key }: Range, { direction, above, below }: Walk) {
  const { form_id: formId, user_id: userId, status } = key;
  return db
    .selectFrom(tableWithIndex('responses', index))
    .$if(above > 0, (query) => query.where('id', '>', above))
    .$if(below < Number.MAX_SAFE_INTEGER, (query) => query.where('id', '<', below))
    .$if(formId !== undefined, (query) => query.where('form_id', '=', formId ?? ''))
    .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? ''))
    .$if(status !== undefined, (query) => query.where('status', '=', status ?? 'accepted'))
    .orderBy('id', direction);
}

/** Applies a filter, except for its text. */
function matching<Selected>(
  responses: SelectQueryBuilder<Schema, 'responses', Selected>,
  { form_id: formId, user_id: userId, statuses, rule, ever, from, to }: Filter,
): SelectQueryBuilder<Schema, 'responses', Selected> {
  let query = responses;
  query = formId === undefined ? query.where('form_id', 'not like', ANY_DRAFT) : query.where('form_id', '=', formId);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (statuses !== undefined) query = query.where('status', 'in', statuses);
  if (from !== undefined) query = query.where('created_at', '>=', from);
  if (to !== undefined) query = query.where('created_at', '<', to);
  if (ever !== undefined) query = query.where(wasEver(ever, rule));
  else if (rule !== undefined) query = query.where(hasFlagOf(rule));
  return query;
}
