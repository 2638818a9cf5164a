/** What was acknowledged and came too late to become a revision: kept beside the history, because it must not be lost. */
import type { Kysely, Transaction } from 'kysely';
import {
  HISTORY_PAGE_BYTES,
  type IncomingResponse,
  type Input,
  type LatePosition,
  type LateRevision,
} from '../contract.ts';
import { readByKeys } from '../database/pages.ts';
import { bytesOf, contentColumns } from './queries.ts';
import type { Schema } from '../database/schema.ts';

const ROWS_A_PAGE = 500;

/**
 * Keeps a late response, once: one that comes again, or that had been a revision before it came again, is there already.
 * The response of its id must be locked.
 */
export async function keepLateRevision(
  trx: Transaction<Schema>,
  incoming: IncomingResponse,
  now: string,
): Promise<void> {
  for (const table of ['responses', 'response_revisions', 'late_revisions'] as const) {
    const same = await trx
      .selectFrom(table)
      .select('response_id')
      .where('response_id', '=', incoming.response_id)
      .where('content_hash', '=', incoming.content_hash)
      .limit(1)
      .executeTakeFirst();
    if (same !== undefined) return;
  }
  await trx
    .insertInto('late_revisions')
    .values({ ...contentColumns(incoming), saved_at: now })
    .execute();
}

/** A page of what came too late for a response, oldest first, cut by rows and by bytes. */
export async function listLateRevisions(
  db: Kysely<Schema>,
  { response_id: responseId, after }: Input<'listLateRevisions'>,
): Promise<{ items: LateRevision[]; next: LatePosition | null }> {
  const keys = await db
    .selectFrom('late_revisions')
    .select(['id', 'last_modified'])
    .where('response_id', '=', responseId)
    .$if(after !== undefined, (query) => {
      const { last_modified: time, id } = after ?? { last_modified: '', id: 0 };
      return query
        .where('last_modified', '>=', time)
        .where((is) => is.or([is('last_modified', '>', time), is('id', '>', id)]));
    })
    .orderBy('last_modified')
    .orderBy('id')
    .limit(ROWS_A_PAGE + 1)
    .execute();
  const { page, last, more } = await readByKeys(keys, ROWS_A_PAGE, {
    read: (some) => findLateRevisions(db, some),
    nameOf: (row) => row.id,
    bytesOf,
    most: HISTORY_PAGE_BYTES,
  });
  const items = page.map(({ id: _id, last_modified_time: _time, flags, response, ...row }) => ({
    ...row,
    flags: JSON.parse(flags),
    response: JSON.parse(response),
  }));
  return { items, next: more && last ? { last_modified: last.last_modified, id: last.id } : null };
}

/** The late revisions with these keys, in any order. */
export function findLateRevisions(db: Kysely<Schema>, keys: readonly { id: number }[]) {
  const ids = keys.map((key) => key.id);
  return db
    .selectFrom('late_revisions')
    .select(['id', 'response_id', 'form_id', 'form_version', 'user_id', 'status', 'last_modified_time', 'saved_at'])
    .select(['flags', 'response'])
    .where('id', 'in', ids)
    .execute();
}
