/** The outbox of the topic "responses". A change and its event are written in the same transaction. */
import type { Kysely, Transaction } from 'kysely';
import { fitFlags, MAX_FLAGS_BYTES, type Flag } from '../../forms/compiled/flags.ts';
import type { EventReview, PendingEvent } from '../contract.ts';
import { IDS_PER_LOOKUP, inChunks, ROWS_PER_STATEMENT } from '../database/chunks.ts';
import { readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import type { RevisionColumns } from '../responses/rows.ts';
import type { ResponseEventsTable } from './rows.ts';

interface NewRevisionEvent extends Pick<RevisionColumns, 'response_id' | 'revision' | 'status'> {
  /** Whether the revision before this one was flagged. */
  wasFlagged: boolean;
  /** Whether a re-judge wrote the revision. */
  isRejudged?: boolean;
}

type NewReviewEvent = Pick<RevisionColumns, 'response_id' | 'revision'> & { review: EventReview };

/** A stored revision, a review, or a tombstone. */
export type NewEvent = NewRevisionEvent | NewReviewEvent;

export async function insertResponseEvents(
  db: Kysely<Schema>,
  events: readonly NewEvent[],
  now: string,
): Promise<void> {
  for (const some of inChunks(events, ROWS_PER_STATEMENT)) {
    const rows = some.map((event) => ({
      type: typeOf(event),
      response_id: event.response_id,
      revision: event.revision,
      occurred_at: now,
      rejudged: 'isRejudged' in event && event.isRejudged ? 1 : null,
      review: 'review' in event ? JSON.stringify(event.review) : null,
    }));
    await db.insertInto('response_events').values(rows).execute();
  }
}

function typeOf(event: NewEvent): PendingEvent['type'] {
  if ('review' in event) return 'reviewed';
  const { status, wasFlagged } = event;
  if (status === 'flagged' || status === 'erased') return status;
  return wasFlagged ? 'corrected' : 'accepted';
}

/** A page of the outbox, oldest first. */
export interface OutboxPage {
  events: PendingEvent[];
  /** Those of `events` that the consumers did not get yet. */
  unconsumed: PendingEvent[];
  /** The ids of events whose revision was erased. */
  orphans: number[];
}

/**
 * The oldest events except those in `waiting`, each with its revision, which may have been replaced since. Cut by the bytes
 * of their flags.
 */
export async function findResponseEvents(
  db: Kysely<Schema>,
  limit: number,
  waiting: readonly number[],
): Promise<OutboxPage> {
  const stored = await db
    .selectFrom('response_events')
    .selectAll()
    .$if(waiting.length > 0, (query) => query.where('id', 'not in', waiting))
    .orderBy('id')
    .limit(limit)
    .execute();
  const byName = new Map(stored.map((event) => [nameOf(event), event]));
  const { page, next } = await readByKeys(stored, stored.length, nameOf, {
    read: (names) =>
      findRevisions(
        db,
        names.flatMap((name) => byName.get(name) ?? []),
      ),
    nameOf,
    bytesOf: ({ flags }) => Buffer.byteLength(flags),
  });
  const revisions = new Map(page.map((revision) => [nameOf(revision), revision]));
  const found: OutboxPage = { events: [], unconsumed: [], orphans: [] };
  for (const row of stored) {
    const { id, rejudged, review, consumed, ...event } = row;
    const revision = revisions.get(nameOf(row));
    if (revision === undefined) found.orphans.push(id);
    else {
      const pending: PendingEvent = {
        event_id: id,
        ...event,
        ...revision,
        flags: boundFlags(event.type, revision.flags),
        ...(rejudged === 1 && { rejudged: true as const }),
        ...(review !== null && { review: JSON.parse(review) }),
      };
      found.events.push(pending);
      if (consumed === null) found.unconsumed.push(pending);
    }
    if (row === next) break;
  }
  return found;
}

type Revision = Pick<ResponseEventsTable, 'response_id' | 'revision'>;

/** Names a revision. */
function nameOf({ response_id: responseId, revision }: Revision): string {
  return `${revision} ${responseId}`;
}

/**
 * Reads these revisions; the result may have more revisions of the same responses. A revision that is replaced between the
 * two queries moves from the first table to the second, so none is missed.
 */
async function findRevisions(db: Kysely<Schema>, revisions: readonly Revision[]) {
  const found = [];
  for (const part of inChunks(revisions, IDS_PER_LOOKUP)) {
    const ids = [...new Set(part.map(({ response_id: id }) => id))];
    const numbers = [...new Set(part.map(({ revision }) => revision))];
    for (const table of ['responses', 'response_revisions'] as const) {
      const rows = await db
        .selectFrom(table)
        .select(['response_id', 'revision', 'form_id', 'user_id', 'flags'])
        .where('response_id', 'in', ids)
        .where('revision', 'in', numbers)
        .execute();
      found.push(...rows);
    }
  }
  return found;
}

/**
 * The flags without the answers. Flags that an earlier release stored may have any length: they are shortened like new ones.
 */
function boundFlags(type: PendingEvent['type'], text: string): PendingEvent['flags'] {
  if (type !== 'flagged') return [];
  const flags: Flag[] = JSON.parse(text);
  const withoutAnswers = flags.map((flag) => ({ ...flag, values: {} }));
  return fitFlags(withoutAnswers, MAX_FLAGS_BYTES).map(({ rule, message, entry, questions }) => ({
    rule,
    message,
    ...(entry !== undefined && { entry }),
    questions,
  }));
}

/**
 * Deletes the events of a response, pending and refused. The response must be locked, so that no event is added. Scans the
 * tables without locks, because an index by response would slow every save; then deletes rows by id.
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

/** Marks these events as handed to the consumers. */
export async function markConsumed(trx: Transaction<Schema>, ids: readonly number[]): Promise<void> {
  await trx.updateTable('response_events').set({ consumed: 1 }).where('id', 'in', ids).execute();
}

/**
 * Deletes published events. An event stays if an earlier release of the proxy returned it without handing it to the
 * consumers; it is then read once more.
 */
export async function deletePublished(trx: Transaction<Schema>, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await trx.deleteFrom('response_events').where('id', 'in', ids).where('consumed', '=', 1).execute();
}

/**
 * Moves an event from the outbox to `refused_events`; does nothing if the event was erased, or not handed to the
 * consumers yet.
 */
export async function moveToRefused(trx: Transaction<Schema>, id: number, reason: string, now: string): Promise<void> {
  const found = await trx
    .selectFrom('response_events')
    .selectAll()
    .where('id', '=', id)
    .where('consumed', '=', 1)
    .executeTakeFirst();
  if (found === undefined) return;
  const { consumed: _consumed, ...event } = found;
  await trx
    .insertInto('refused_events')
    .values({ ...event, reason, refused_at: now })
    .execute();
  await deleteResponseEvents(trx, [id]);
}
