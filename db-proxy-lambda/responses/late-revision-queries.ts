/**
 * Late revisions: acknowledged responses that arrived too late to become a revision. They are kept, so that no acknowledged
 * response is lost.
 */
import type { Kysely, Transaction } from 'kysely';
import type { IncomingResponse, Input, Result } from '../contract.ts';
import { readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import { bytesOf, contentColumns, type AuthoredResponse } from './queries.ts';

const ROWS_PER_PAGE = 500;

/** Keeps a late response, unless its content is already a revision or a late revision. The response must be locked. */
export async function keepLateRevision(
  trx: Transaction<Schema>,
  incoming: AuthoredResponse,
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

/**
 * Deletes the late revision with this content, which has become a revision: its collector was assigned the response
 * between two deliveries of the same message.
 */
export async function deleteLateRevision(
  trx: Transaction<Schema>,
  { response_id: responseId, content_hash: content }: Pick<IncomingResponse, 'response_id' | 'content_hash'>,
): Promise<void> {
  await trx
    .deleteFrom('late_revisions')
    .where('response_id', '=', responseId)
    .where('content_hash', '=', content)
    .execute();
}

/** A page of the late revisions of a response, oldest first, cut by rows and by bytes. */
export async function listLateRevisions(
  db: Kysely<Schema>,
  { response_id: responseId, after }: Input<'listLateRevisions'>,
): Promise<Result<'listLateRevisions'>> {
  let query = db.selectFrom('late_revisions').select(['id', 'last_modified']).where('response_id', '=', responseId);
  if (after !== undefined) {
    const { last_modified: time, id } = after;
    query = query
      .where('last_modified', '>=', time)
      .where((eb) => eb.or([eb('last_modified', '>', time), eb('id', '>', id)]));
  }
  const keys = await query
    .orderBy('last_modified')
    .orderBy('id')
    .limit(ROWS_PER_PAGE + 1)
    .execute();
  const { page, next } = await readByKeys(keys, ROWS_PER_PAGE, (key) => key.id, {
    read: (ids) => findLateRevisions(db, ids),
    nameOf: (row) => row.id,
    bytesOf,
  });
  const items = page.map(({ id: _id, last_modified_time: _time, flags, response, ...row }) => ({
    ...row,
    rules_version: row.rules_version ?? row.form_version,
    flags: JSON.parse(flags),
    response: JSON.parse(response),
  }));
  return { items, next };
}

/** The late revisions with these ids, in any order. */
export function findLateRevisions(db: Kysely<Schema>, ids: readonly number[]) {
  return db
    .selectFrom('late_revisions')
    .select(['id', 'response_id', 'form_id', 'form_version', 'rules_version', 'user_id', 'status'])
    .select(['last_modified_time', 'saved_at', 'flags', 'response', 'author'])
    .where('id', 'in', ids)
    .execute();
}
