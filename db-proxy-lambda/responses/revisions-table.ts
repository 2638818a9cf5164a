import { sql, type Kysely } from 'kysely';
import type { Cell } from '../contract.ts';
import { readByKeys } from '../database/pages.ts';
import { bytesOf } from './queries.ts';
import type { Schema } from '../database/schema.ts';
import { countSnapshot, IDS_PER_LOOKUP, matches, readSnapshot, stateColumns, type State } from './snapshot-queries.ts';
import { EXPORT_PAGE_BYTES, type Table } from '../exports/table.ts';

/** Replaced revisions of one response on a page, when it has more than fit on one. */
const REVISIONS_A_PAGE = 500;

/** Every revision of every response, oldest first within a response: what was said, and when. Erased ones are left out. */
export const revisionsTable: Table = {
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
  count: async (source, bound) => {
    const replaced = await source.db
      .selectFrom('response_revisions')
      .select((is) => is.fn.countAll().as('count'))
      .where('saved_at', '<=', bound.at)
      .executeTakeFirstOrThrow();
    const tombstones = await source.db
      .selectFrom('responses')
      .select((is) => is.fn.countAll().as('count'))
      .where('id', '<=', bound.max_id)
      .where('status', '=', 'erased')
      .executeTakeFirstOrThrow();
    // The last revision of each is in the other table, replaced or not.
    const last = await countSnapshot(source, undefined, bound, {});
    return Number(replaced.count) + last - Number(tombstones.count);
  },
  page: async (source, bound, filter, after) => {
    const start = readPosition(after);
    // The response that the page before ended in comes again, for the rest of its revisions.
    const { items, next } = await readSnapshot(source, undefined, bound, {}, start.id - 1, (state) => state);
    const page = await withHistory(source.db, items, start);
    const rows = page.revisions.filter((row) => row.status !== 'erased' && matches(row, filter)).map(toRow);
    return { rows, next: page.next ?? (next === null ? null : writePosition({ id: next + 1, revision: 0 })) };
  },
};

/** Before the revisions of this response that come after this one. */
interface Position {
  id: number;
  revision: number;
}

function readPosition(text: string | null): Position {
  const [id = 1, revision = 0] = text === null ? [] : text.split('.').map(Number);
  return { id, revision };
}

function writePosition({ id, revision }: Position): string {
  return `${id}.${revision}`;
}

/** The revisions of responses up to the given states, as many as fit on a page. */
async function withHistory(
  db: Kysely<Schema>,
  states: readonly State[],
  start: Position,
): Promise<{ revisions: State[]; next: string | null }> {
  const revisions: State[] = [];
  let bytes = 0;
  for (let from = 0; from < states.length; from += IDS_PER_LOOKUP) {
    const batch = states.slice(from, from + IDS_PER_LOOKUP);
    const sizes = await historySizes(db, batch);
    const whole: State[] = [];
    for (const state of batch) {
      const since = state.id === start.id ? start.revision : 0;
      const size = (sizes.get(state.response_id) ?? 0) + Buffer.byteLength(state.response);
      const isFirst = revisions.length === 0 && whole.length === 0;
      if (since === 0 && (bytes + size <= EXPORT_PAGE_BYTES || (isFirst && !sizes.has(state.response_id)))) {
        whole.push(state);
        bytes += size;
        continue;
      }
      revisions.push(...(await histories(db, whole)));
      if (!isFirst) return { revisions, next: writePosition({ id: state.id, revision: 0 }) };
      // More than a page of revisions in one response: it has pages of its own.
      const part = await partOfHistory(db, state, since);
      return { revisions: part.revisions, next: writePosition(part.next) };
    }
    revisions.push(...(await histories(db, whole)));
  }
  return { revisions, next: null };
}

/** The bytes of the replaced revisions of each response that has any. */
async function historySizes(db: Kysely<Schema>, states: readonly State[]): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('response_revisions')
    .select(['response_id', sql<number | string>`sum(octet_length(response))`.as('bytes')])
    .where(
      'response_id',
      'in',
      states.map((state) => state.response_id),
    )
    .groupBy('response_id')
    .execute();
  return new Map(rows.map((row) => [row.response_id, Number(row.bytes)]));
}

/** All revisions of these responses up to their states, response by response. */
async function histories(db: Kysely<Schema>, states: readonly State[]): Promise<State[]> {
  if (states.length === 0) return [];
  const rows = await replacedRevisions(
    db,
    states.map((state) => state.response_id),
  ).execute();
  const oldestFirst = rows.toSorted((one, other) => one.revision - other.revision);
  const byResponse = Map.groupBy(oldestFirst, (row) => row.response_id);
  return states.flatMap((state) => [
    ...(byResponse.get(state.response_id) ?? [])
      .filter((row) => row.revision < state.revision)
      .map((row) => ({ id: state.id, ...row })),
    state,
  ]);
}

/** The next revisions of one response, as many as fit on a page; the last of them is its state. */
async function partOfHistory(
  db: Kysely<Schema>,
  state: State,
  since: number,
): Promise<{ revisions: State[]; next: Position }> {
  const keys = await db
    .selectFrom('response_revisions')
    .select('revision')
    .where('response_id', '=', state.response_id)
    .where('revision', '>', since)
    .where('revision', '<', state.revision)
    .orderBy('revision')
    .limit(REVISIONS_A_PAGE + 1)
    .execute();
  const { page, last, more } = await readByKeys(keys, REVISIONS_A_PAGE, {
    read: (some) =>
      replacedRevisions(db, [state.response_id])
        .where(
          'revision',
          'in',
          some.map((key) => key.revision),
        )
        .execute(),
    nameOf: (row) => row.revision,
    bytesOf,
    most: EXPORT_PAGE_BYTES,
  });
  const replaced = page.map((row) => ({ id: state.id, ...row }));
  return more && last
    ? { revisions: replaced, next: { id: state.id, revision: last.revision } }
    : { revisions: [...replaced, state], next: { id: state.id + 1, revision: 0 } };
}

function replacedRevisions(db: Kysely<Schema>, responseIds: readonly string[]) {
  return db
    .selectFrom('response_revisions')
    .select([...stateColumns, 'saved_at'])
    .where('response_id', 'in', responseIds);
}

function toRow(row: State): Cell[] {
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
}
