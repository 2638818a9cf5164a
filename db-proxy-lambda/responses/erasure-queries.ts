import type { Transaction } from 'kysely';
import { deleteFiles } from '../attachments/queries.ts';
import { IDS_PER_LOOKUP } from '../database/chunks.ts';
import type { Schema } from '../database/schema.ts';
import { draftOf } from '../values.ts';
import type { ResponsesTable, RevisionColumns } from './rows.ts';
import { releaseUniqueKeys } from './unique-key-queries.ts';

/** Sorts after every timestamp, so that older releases reject updates of a tombstone. */
const AFTER_ALL = '9999-12-31T23:59:59.999999999Z';

/** The columns that a tombstone keeps. */
type Kept =
  'response_id' | 'form_id' | 'form_version' | 'rules_version' | 'version_declared' | 'user_id' | 'last_modified_time';

/** Replaces a locked response by a tombstone and deletes its history. No content has the tombstone's hash. */
export async function eraseAnswers(
  trx: Transaction<Schema>,
  responseId: string,
  revision: number,
  now: string,
): Promise<void> {
  const tombstone: Omit<RevisionColumns, Kept> & Pick<ResponsesTable, 'revised_at' | 'assignee' | 'collected_by'> = {
    status: 'erased',
    revision,
    flags: '[]',
    response: '{}',
    content_hash: '',
    last_modified: AFTER_ALL,
    author: null,
    revised_at: null,
    assignee: null,
    collected_by: null,
  };
  await trx
    .updateTable('responses')
    .set({ ...tombstone, updated_at: now })
    .where('response_id', '=', responseId)
    .execute();
  for (const table of ['response_revisions', 'late_revisions'] as const) {
    await trx.deleteFrom(table).where('response_id', '=', responseId).execute();
  }
}

/**
 * Deletes some responses to a draft, up to the time at which the form opened. Returns whether there may be more.
 *
 * @param until if left out, all responses to the draft are deleted
 */
export async function deleteSomeOfDraft(trx: Transaction<Schema>, formId: string, until?: string): Promise<boolean> {
  const rows = await trx
    .selectFrom('responses')
    .select('response_id')
    .where('form_id', '=', draftOf(formId))
    .$if(until !== undefined, (query) => query.where('created_at', '<=', until ?? ''))
    .orderBy('id')
    .limit(IDS_PER_LOOKUP)
    .execute();
  const ids = rows.map((row) => row.response_id);
  if (ids.length === 0) return false;
  for (const table of ['responses', 'response_revisions'] as const) {
    await trx.deleteFrom(table).where('response_id', 'in', ids).execute();
  }
  await releaseUniqueKeys(trx, ids);
  await deleteFiles(trx, ids);
  return true;
}
