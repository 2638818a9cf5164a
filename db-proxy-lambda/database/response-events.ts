/** The outbox of the topic "responses". A row is written in the transaction of the change that it tells of. */
import type { Kysely } from 'kysely';
import type { PendingEvent } from '../contract.ts';
import type { NewRevision } from './responses.ts';
import type { Schema } from './schema.ts';

const ROWS_PER_STATEMENT = 500;

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

/** The oldest events, each with the revision that it tells of, which may have been replaced since. */
export async function findResponseEvents(db: Kysely<Schema>, limit: number): Promise<PendingEvent[]> {
  const events = await db.selectFrom('response_events').selectAll().orderBy('id').limit(limit).execute();
  const found = new Map<string, { form_id: string; user_id: string; flags: string }>();
  const ids = [...new Set(events.map((event) => event.response_id))];
  for (const table of ['responses', 'response_revisions'] as const) {
    if (ids.length === 0) break;
    const rows = await db
      .selectFrom(table)
      .select(['response_id', 'revision', 'form_id', 'user_id', 'flags'])
      .where('response_id', 'in', ids)
      .execute();
    for (const { response_id: responseId, revision, ...row } of rows) found.set(`${revision} ${responseId}`, row);
  }
  return events.flatMap(({ id, response_id: responseId, revision, ...event }): PendingEvent[] => {
    const state = found.get(`${revision} ${responseId}`);
    if (state === undefined) return [];
    const { form_id, user_id } = state;
    return [
      { event_id: id, response_id: responseId, revision, ...event, form_id, user_id, flags: flagsOf(state.flags) },
    ];
  });
}

/** Subscribers are told which rules and why, not the answers one by one. */
function flagsOf(text: string): PendingEvent['flags'] {
  const flags: PendingEvent['flags'] = JSON.parse(text);
  return flags.map(({ rule, message, questions }) => ({ rule, message, questions }));
}

/**
 * Takes what is yet to be told of a response out of the outbox. The response must be locked, so that nothing is added.
 * There is no index by response, which every save would pay for; looked up without locks, and deleted by id, so that the
 * scan waits for nobody.
 */
export async function deleteEventsOf(db: Kysely<Schema>, responseId: string): Promise<void> {
  const events = await db.selectFrom('response_events').select('id').where('response_id', '=', responseId).execute();
  if (events.length > 0) {
    await deleteResponseEvents(
      db,
      events.map(({ id }) => id),
    );
  }
}

export async function deleteResponseEvents(db: Kysely<Schema>, ids: readonly number[]): Promise<void> {
  await db.deleteFrom('response_events').where('id', 'in', ids).execute();
}
