/** What was acknowledged and came too late to become a revision: kept beside the history, because it must not be lost. */
import type { Kysely, Transaction } from 'kysely';
import type { IncomingResponse, LateRevision } from '../contract.ts';
import { cutByBytes } from './pages.ts';
import { bytesOf, contentColumns } from './responses.ts';
import type { Schema } from './schema.ts';

/** More than anybody looks through. All of them are in the table that can be exported. */
const MOST_LISTED = 500;

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

/** What came too late for a response, oldest first, cut by rows and by bytes. */
export async function listLateRevisions(db: Kysely<Schema>, responseId: string): Promise<LateRevision[]> {
  const rows = await db
    .selectFrom('late_revisions')
    .select(['response_id', 'form_id', 'form_version', 'user_id', 'status', 'flags', 'response', 'saved_at'])
    .where('response_id', '=', responseId)
    .orderBy('last_modified')
    .orderBy('id')
    .limit(MOST_LISTED)
    .execute();
  const { page } = cutByBytes(rows, MOST_LISTED, bytesOf);
  return page.map(({ flags, response, ...row }) => ({
    ...row,
    flags: JSON.parse(flags),
    response: JSON.parse(response),
  }));
}
