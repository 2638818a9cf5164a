/** The outbox of the topic "responses". A row is written in the transaction of the change that it tells of. */
import { sql, type Kysely, type Transaction } from 'kysely';
import { fitFlags, MAX_FLAGS_BYTES, type Flag } from '../../forms/flags.ts';
import type { PendingEvent } from '../contract.ts';
import { cutByBytes } from '../database/pages.ts';
import type { NewRevision } from '../responses/queries.ts';
import type { Schema } from '../database/schema.ts';
import type { ResponseEventsTable } from './rows.ts';

const ROWS_PER_STATEMENT = 500;

/** Max ids per lookup; longer IN lists cause full scans. */
const IDS_PER_LOOKUP = 100;

export interface NewEvent extends NewRevision {
  /** Whether the revision before this one was flagged. */
  wasFlagged: boolean;
}

export async function insertResponseEvents(
  db: Kysely<Schema>,
  events: readonly NewEvent[],
  now: string,
): Promise<void> {
  for (let start = 0; start < events.length; start += ROWS_PER_STATEMENT) {
    const rows = events.slice(start, start + ROWS_PER_STATEMENT).map((event) => ({
      type: typeOf(event),
      response_id: event.incoming.response_id,
      revision: event.revision,
      occurred_at: now,
    }));
    await db.insertInto('response_events').values(rows).execute();
  }
}

function typeOf({ incoming, wasFlagged }: NewEvent): PendingEvent['type'] {
  if (incoming.status === 'flagged') return 'flagged';
  return wasFlagged ? 'corrected' : 'accepted';
}

/**
 * The oldest events but those in `waiting`, each with the revision that it tells of, which may have been replaced since.
 * Cut by the bytes of their flags as stored. `orphans` are events whose revision is gone.
 */
export async function findResponseEvents(
  db: Kysely<Schema>,
  limit: number,
  waiting: readonly number[],
): Promise<{ events: PendingEvent[]; orphans: number[] }> {
  const rows = await db
    .selectFrom('response_events')
    .selectAll()
    .$if(waiting.length > 0, (query) => query.where('id', 'not in', waiting))
    .orderBy('id')
    .limit(limit)
    .execute();
  const states = await lookUp(rows, (table, ids, revisions) =>
    db
      .selectFrom(table)
      .select(['response_id', 'revision', 'form_id', 'user_id', sql<number>`octet_length(flags)`.as('flags_bytes')])
      .where('response_id', 'in', ids)
      .where('revision', 'in', revisions)
      .execute(),
  );
  const found = rows.flatMap((row) => {
    const state = states.get(keyOf(row));
    return state === undefined ? [] : [{ ...row, ...state }];
  });
  const { page } = cutByBytes(found, limit, ({ flags_bytes: bytes }) => bytes);
  const flags = await lookUp(
    page.filter(({ type }) => type === 'flagged'),
    (table, ids, revisions) =>
      db
        .selectFrom(table)
        .select(['response_id', 'revision', 'flags'])
        .where('response_id', 'in', ids)
        .where('revision', 'in', revisions)
        .execute(),
  );
  const events = page.map(({ id, flags_bytes: _size, ...event }) => ({
    event_id: id,
    ...event,
    flags: boundFlags(flags.get(keyOf(event))?.flags ?? '[]'),
  }));
  const orphans = rows.filter((row) => !states.has(keyOf(row))).map(({ id }) => id);
  return { events, orphans };
}

type Revision = Pick<ResponseEventsTable, 'response_id' | 'revision'>;

const keyOf = ({ response_id: responseId, revision }: Revision): string => `${revision} ${responseId}`;

/**
 * What `read` finds of revisions, by `keyOf`. A revision that is replaced meanwhile moves from the first table to the
 * second, so that none is missed.
 */
async function lookUp<Row extends Revision>(
  revisions: readonly Revision[],
  read: (table: 'responses' | 'response_revisions', ids: string[], revisions: number[]) => Promise<Row[]>,
): Promise<Map<string, Row>> {
  const found = new Map<string, Row>();
  for (let start = 0; start < revisions.length; start += IDS_PER_LOOKUP) {
    const part = revisions.slice(start, start + IDS_PER_LOOKUP);
    const ids = [...new Set(part.map(({ response_id: id }) => id))];
    const numbers = [...new Set(part.map(({ revision }) => revision))];
    for (const table of ['responses', 'response_revisions'] as const) {
      for (const row of await read(table, ids, numbers)) found.set(keyOf(row), row);
    }
  }
  return found;
}

/**
 * Which rules and why, for subscribers; not the answers one by one. Flags that an earlier release stored may have any
 * length: they are shortened like new ones.
 */
function boundFlags(text: string): PendingEvent['flags'] {
  const flags: Flag[] = JSON.parse(text);
  const withoutAnswers = flags.map((flag) => ({ ...flag, values: {} }));
  return fitFlags(withoutAnswers, MAX_FLAGS_BYTES).map(({ rule, message, questions }) => ({
    rule,
    message,
    questions,
  }));
}

/**
 * Takes what is yet to be told of a response, and what could not be, out of both tables. The response must be locked, so
 * that nothing is added. There is no index by response, which every save would pay for; looked up without locks, and
 * deleted by id, so that the scan waits for nobody.
 */
export async function deleteEventsOf(db: Kysely<Schema>, responseId: string): Promise<void> {
  for (const table of ['response_events', 'refused_events'] as const) {
    const events = await db.selectFrom(table).select('id').where('response_id', '=', responseId).execute();
    const ids = events.map(({ id }) => id);
    if (ids.length > 0) await db.deleteFrom(table).where('id', 'in', ids).execute();
  }
}

export async function deleteResponseEvents(db: Kysely<Schema>, ids: readonly number[]): Promise<void> {
  await db.deleteFrom('response_events').where('id', 'in', ids).execute();
}

/** Moves an event from the outbox to those that were refused; one that is no longer there was erased. */
export async function moveToRefused(trx: Transaction<Schema>, id: number, reason: string, now: string): Promise<void> {
  const event = await trx.selectFrom('response_events').selectAll().where('id', '=', id).executeTakeFirst();
  if (event === undefined) return;
  await trx
    .insertInto('refused_events')
    .values({ ...event, reason, refused_at: now })
    .execute();
  await deleteResponseEvents(trx, [id]);
}
